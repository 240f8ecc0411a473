import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readDataSet } from '../../test/data-sets.ts'
import { type CountdownOptions, verifyCountdown } from './countdown.ts'

const PROBLEM = { numbers: [30, 100, 93], target: 23 }
const RIGHT = 'is 23 and uses each number once'

describe('verifyCountdown', () => {
  it.each<[string, boolean, string | null, string]>([
    ['<think> a </think> <answer> 93 + (30 - 100) </answer>', true, '93 + (30 - 100)', RIGHT],
    ['<answer>30 + 93 - 100</answer>', true, '30 + 93 - 100', RIGHT],
    ['<answer>93+30−100=23</answer>', true, '93+30−100=23', RIGHT],
    ['<answer>$93 + 30 - 100 = 23$.</answer>', true, '93 + 30 - 100 = 23', RIGHT],
    ['<answer>\\[ \\boxed{93 + 30 - 100} \\]</answer>', true, '93 + 30 - 100', RIGHT],
    ['<answer>`93 + 30 - 100`</answer>', true, '93 + 30 - 100', RIGHT],
    ['<answer>**93 + 30 - 100**</answer>', true, '93 + 30 - 100', RIGHT],
    ['<answer>-100 + 93 + 30</answer>', true, '-100 + 93 + 30', RIGHT],
    ['<answer>1</answer> no, <answer>93 + 30 - 100</answer> done', true, '93 + 30 - 100', RIGHT],
    ['<answer>93 + 30 - 100</answer> no, <answer>23</answer>', false, '23', 'uses 23, which is not given'],
    ['<answer>93 + 30 - 100 = 24</answer>', false, '93 + 30 - 100 = 24', 'says it equals 24, not 23'],
    ['<answer>93 + 30 - 100 = </answer>', false, '93 + 30 - 100 =', 'says it equals , not 23'],
    ['<answer>93 + 30 = 123 - 100 = 23</answer>', false, '93 + 30 = 123 - 100 = 23', 'more than one ='],
    ['<answer>23 = 93 + 30 - 100</answer>', false, '23 = 93 + 30 - 100', 'uses 23, which is not given'],
    ['<answer>93 + 100 - 30</answer>', false, '93 + 100 - 30', 'is 163, not 23'],
    ['<answer>93 / 30 * 100</answer>', false, '93 / 30 * 100', 'is 310, not 23'],
    ['<answer>93 - 100</answer>', false, '93 - 100', 'does not use 30'],
    ['<answer>93 + 30 - 100 + 30 - 30</answer>', false, '93 + 30 - 100 + 30 - 30', 'uses 30 too often'],
    ['<answer>93 + 30 / (100 - 100)</answer>', false, '93 + 30 / (100 - 100)', 'uses 100 too often'],
    ['<answer></answer>', false, '', 'not an arithmetic expression: empty'],
    [
      '<answer>it is 93 + 30 - 100</answer>',
      false,
      'it is 93 + 30 - 100',
      'not an arithmetic expression: unexpected "it"',
    ],
    [
      '<answer>process.exit()</answer>',
      false,
      'process.exit()',
      'not an arithmetic expression: unexpected "process"',
    ],
    ['<think> a </think> The answer is 93 + 30 - 100 = 23.', true, '93 + 30 - 100 = 23', RIGHT],
    ['<think> a </think> The answer is 93 + 100 - 30.', false, '93 + 100 - 30', 'is 163, not 23'],
    ['<think> The answer is 93 + 30 - 100.', false, null, 'no <answer> found'],
    ['<think><answer>93 + 30 - 100</answer></think>', false, null, 'no <answer> found'],
    ['<think><answer>93 + 30 - 100</answer> but', false, null, 'no <answer> found'],
    ['<thinking><answer>93 + 30 - 100</answer>', false, null, 'no <answer> found'],
    ['<think><answer>1</answer></think> <answer>93 + 30 - 100</answer>', true, '93 + 30 - 100', RIGHT],
    ['<answer> 93 + 30 - 100', false, null, 'no <answer> found'],
    ['93 + 30 - 100', false, null, 'no <answer> found'],
    ['', false, null, 'no <answer> found'],
  ])('%s', (response, correct, extracted, reason) => {
    expect(verifyCountdown(response, PROBLEM)).toEqual({ correct, extracted, reason })
  })

  it.each<[string, number[], number, boolean]>([
    ['8 / (3 - 8 / 3)', [3, 3, 8, 8], 24, true],
    ['8 / 3 * 3 + 8', [3, 3, 8, 8], 16, true],
    ['(1 / 3) * 3', [1, 3, 3], 1, true],
    ['5 / (3 - 3)', [5, 3, 3], 1, false],
    ['0 * 5 + 7', [0, 5, 7], 7, true],
    ['3 - 10', [3, 10], -7, true],
    ['0.5 * 3', [0.5, 3], 1.5, true],
    ['1/2 * 3', [0.5, 3], 1.5, false],
    ['12', [1, 2], 12, false],
    ['7', [7], 7, true],
  ])('%s from %j makes %i', (expression, numbers, target, correct) => {
    expect(verifyCountdown(`<answer>${expression}</answer>`, { numbers, target }).correct).toBe(correct)
  })

  it('keeps to the operators of the puzzle', () => {
    const operators = ['+', '-', '*'] as const
    expect(verifyCountdown('<answer>8 / 2</answer>', { numbers: [8, 2], target: 4 }, { operators })).toEqual({
      correct: false,
      extracted: '8 / 2',
      reason: 'the operator / is not allowed',
    })
    expect(
      verifyCountdown('<answer>8 - 2</answer>', { numbers: [8, 2], target: 6 }, { operators }).correct,
    ).toBe(true)
  })

  it.each<[string, boolean]>([
    ['so \\boxed{93 + 30 - 100}', true],
    ['\\boxed{1} then $\\boxed{93 + 30 - 100 = 23}$', true],
    ['Try:\n93 + 30 - 100 = 23\nThat is it.', true],
    ['93 + 30 - 100\n93 - 30 + 100', false],
    ['**93 + 30 - 100**', true],
    ['<think> 93 + 30 - 100 </think> I am done', false],
    ['<think> 93 + 30 - 100', false],
    ['\\boxed{93 + 30 - 100', false],
    ['the answer is 93 + 30 - 100', false],
    ['23', false],
  ])('lenient only when asked: %s', (response, correct) => {
    const options: CountdownOptions = { lenient: true }
    expect(verifyCountdown(response, PROBLEM, options).correct).toBe(correct)
    expect(verifyCountdown(response, PROBLEM).extracted).toBeNull()
  })

  it('prefers an answer block even when lenient', () => {
    const response = '<answer>1</answer> \\boxed{93 + 30 - 100}'
    expect(verifyCountdown(response, PROBLEM, { lenient: true }).correct).toBe(false)
  })

  it('accepts an expression for its own numbers and value, and for no other target', () => {
    const operator = fc.constantFrom('+', '-', '*')
    const number = fc.integer({ min: 1, max: 100 })
    fc.assert(
      fc.property(number, operator, number, operator, number, (a, o, b, p, c) => {
        const text = `<answer> (${a} ${o} ${b}) ${p} ${c} </answer>`
        const results = {
          '+': (x: number, y: number) => x + y,
          '-': (x: number, y: number) => x - y,
          '*': (x: number, y: number) => x * y,
        }
        const target = results[p](results[o](a, b), c)
        expect(verifyCountdown(text, { numbers: [c, a, b], target }).correct).toBe(true)
        expect(verifyCountdown(text, { numbers: [c, a, b], target: target + 1 }).correct).toBe(false)
        expect(verifyCountdown(text, { numbers: [c, a, b, 1], target }).correct).toBe(false)
      }),
    )
  })

  it('accepts every published solution', () => {
    const refused = readDataSet<{ numbers: number[]; target: number; solution: string }>(
      'countdown-3-test',
    ).filter((row) => !verifyCountdown(`<answer>${row.solution}</answer>`, row).correct)
    expect(refused).toEqual([])
  })
})
