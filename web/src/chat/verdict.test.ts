import { expect, it } from 'vitest'
import { puzzleVerdict } from './verdict.ts'

it.each<[string, string, boolean | undefined]>([
  ['Using the numbers 5, 6, 10, make 1', '<answer> 5 - ( 10 - 6 ) </answer>', true],
  ['Using the numbers 5, 6, 10, make 1.', '5 - (10 - 6)', true],
  ['Using the numbers 5, 6, 10, make 1', '<answer> 6 - 5 </answer>', false],
  ['Using the numbers 5, 6, 10, make 1', 'no idea', false],
  ['用数字 2, 7, 9 算出 25', '<answer> 2 * 9 + 7 </answer>', true],
  ['Compute 39 + 19 - 29', '<answer> 29 </answer>', true],
  ['计算 22 + 52', '<answer> 75 </answer>', false],
  ['Solve 5 * x - 2 = 48', '<answer> 10 </answer>', true],
  ['Solve 5 * x - 2 = 48', 'x = 10', true],
  ['Solve 5 * x - 2 = 48', '', false],
  ['What is the capital of France?', 'Paris', undefined],
  ['Compute the answer', '42', undefined],
])('%s %s: %s', (question, answer, correct) => {
  expect(puzzleVerdict(question, answer)?.correct).toBe(correct)
})
