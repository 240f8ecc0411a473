/** Which part of a response is taken as its answer, and which responses have none. */
import { describe, expect, it } from 'vitest'
import { extractAnswer } from './extract.ts'
import { judgeMath } from './verify.ts'

describe('the answer that is taken', () => {
  it.each([
    ['a box', String.raw`So $x = \boxed{5}$.`, '5'],
    [
      'the last box',
      String.raw`First $\boxed{3}$ in step one. After some more work we find $\boxed{5}$.`,
      '5',
    ],
    ['nested braces', String.raw`\boxed{\frac{1}{\sqrt{2}}}`, String.raw`\frac{1}{\sqrt{2}}`],
    [
      'a box over lines',
      '\\boxed{\n\\begin{pmatrix} 0 \\\\ 1 \\end{pmatrix}\n}.\n\\end{align*}',
      '\n\\begin{pmatrix} 0 \\\\ 1 \\end{pmatrix}\n',
    ],
    ['a box a brace short', '$\\boxed{\\frac{1}{2}$ as claimed.', '\\frac{1}{2}'],
    ['a box without braces', String.raw`$\boxed 7$`, '7'],
    ['an empty box after a full one', String.raw`\boxed{5} and never \boxed{}`, '5'],
    [
      'joined boxes',
      String.raw`\boxed{(98, 2)} \quad \text{and} \quad \boxed{(99, 503)}`,
      '(98, 2), (99, 503)',
    ],
    ['the same box twice', '\\boxed{5}\n\\boxed{5}', '5'],
    [
      'a final answer after a box',
      String.raw`gives \boxed{200}. Final Answer: The final answer is $10,455$. I hope it is correct.`,
      '10,455',
    ],
    ['a box after a final answer', String.raw`The final answer is: $\boxed{7}$`, '7'],
    ['the final answer in bold', '**Final Answer:** 42', '42'],
    ['an answer label', 'Some work.\nANSWER: 12', '12'],
    ['an answer sentence', 'We add. The answer is 12 apples because we added.', '12 apples'],
    ['a list in an answer sentence', 'The answer is 3 or 4.', '3 or 4'],
    ['the right option', 'The correct answer is (B).', '(B)'],
    ['Chinese', '经过计算，答案是 $5$。', '5'],
    ['Chinese with a colon', '计算得到结果。\n答案：12', '12'],
    ['Chinese, set to', '所以答案为 12。', '12'],
    ['French', 'Donc la réponse est 12.', '12'],
    ['German', 'Die Antwort ist 12.', '12'],
    ['GSM8K', 'She pays 3*6=18.\n#### 18', '18'],
    ['the last mathematics', 'We have $a=1$. Hence the sum is $12$', '12'],
    ['display mathematics', 'Hence\n\\[\n12\n\\]', '\n12\n'],
    ['joined mathematics', 'The roots are $-2$, $3$ and $5$.', '-2, 3, 5'],
    ['the last number', 'Tom had 5 apples and ate 2 so he kept 3 apples.', '3'],
    ['joined numbers', 'It is 1, 2, 3 or 4', '1, 2, 3, 4'],
    ['money', 'He pays $5 and she pays $7.', '$7'],
    ['after thinking', '<think>maybe \\boxed{3}</think> It is \\boxed{4}', '4'],
    ['an answer tag', '<think>no</think><answer>\\boxed{4}</answer> tail', '4'],
    ['fenced text', '```\n17\n```', '\n17\n'],
    ['before another turn', 'The final answer is 4.<|im_end|><|im_start|>user The final answer is 5.', '4'],
    ['a bare expression', 'sqrt(17)', 'sqrt(17)'],
    ['a bare word', 'Evelyn', 'Evelyn'],
  ])('%s', (_, response, expected) => {
    expect(extractAnswer(response)?.text.trim()).toBe(expected.trim())
  })
})

describe('responses without an answer', () => {
  it.each([
    ['nothing', ''],
    ['white space', ' \n\t '],
    ['an empty box', String.raw`\boxed{}`],
    ['a box of spaces', String.raw`\boxed{  }`],
    ['a box the end cuts off', String.raw`So the total is 3 and \boxed{12`],
    [
      'words only',
      'I cannot solve this problem, since the statement is not complete and no figure is given.',
    ],
    ['inline marks over lines', 'Answer $ \n 9 \n $'],
    ['inline brackets over lines', 'Answer \\( \n 9 \n \\)'],
  ])('%s', (_, response) => {
    expect(extractAnswer(response)).toBeNull()
    expect(judgeMath(response, '9').correct).toBe(false)
    expect(judgeMath(response, response).correct).toBe(false)
  })
})

describe('responses that list candidates to hit the gold', () => {
  const candidates = Array.from({ length: 20 }, (_, k) => String(k))
  it.each([
    ['boxes side by side', candidates.map((n) => `\\boxed{${n}}`).join(' ')],
    ['boxes on lines', candidates.map((n) => `\\boxed{${n}}`).join('\n')],
    ['boxes with or', candidates.map((n) => `\\boxed{${n}}`).join(' or maybe ')],
    ['one box with a list', `\\boxed{${candidates.join(', ')}}`],
    ['one box with or', `\\boxed{${candidates.join(' \\text{ or } ')}}`],
    ['a sentence', `The answer is ${candidates.join(' or ')}.`],
    ['a list of mathematics', candidates.map((n) => `$${n}$`).join(', ')],
    ['plain numbers', candidates.join(', ')],
    ['numbers on lines', candidates.join('\n')],
    ['a chain of inequalities', `\\boxed{${candidates.join(' < ')}}`],
  ])('%s', (_, response) => {
    for (const gold of candidates) expect(judgeMath(response, gold).correct).toBe(false)
  })
})

describe('golds', () => {
  it.each([
    ['a worked solution', String.raw`Solving yields $x=1/5$, or $\boxed{20}$ percent.`, '20\\%'],
    ['several marked values', '$1$ and $2$ and $3$', String.raw`$\boxed{1,2,3}$`],
    [
      'escaped line ends',
      '\\n\\n\\[ \\boxed{p = -1 \\text{ and } p = \\dfrac{15}{8}} \\]',
      String.raw`$p=-1,p=\frac{15}{8}$`,
    ],
    ['a GSM8K answer', 'Two and two is <<2+2=4>>4.\n#### 4', 'The answer is 4.'],
    [
      'a box inside a set',
      String.raw`x \in \boxed{\{-1\} \cup [0,7)}.$`,
      String.raw`\boxed{\{-1\} \cup [0,7)}`,
    ],
  ])('%s', (_, gold, prediction) => {
    expect(judgeMath(prediction, gold).correct).toBe(true)
  })

  it('refuses to judge against an empty gold', () => {
    expect(judgeMath('', '')).toEqual({
      correct: false,
      extracted: null,
      reason: 'no answer found in the gold',
    })
  })
})
