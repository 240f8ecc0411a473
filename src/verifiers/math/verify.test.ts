/** The promises of the verifier as a whole: real data, no throw, no hang, symmetry, the symbolic worker. */
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { readDataSet, WHOLE_SETS } from '../../../test/data-sets.ts'
import { closeSymbolicWorker, symbolicallyEqual } from './symbolic.ts'
import { judgeMath, verifyMath } from './verify.ts'

const golds = (name: string): string[] =>
  readDataSet(name)
    .map((row) => String(row.answer).split('####').at(-1)!.trim())
    .filter((answer) => answer !== '')

afterAll(closeSymbolicWorker)

describe('published answers', () => {
  const WRONG_LABEL = 'huggingface/Math-Verify/test_yujianll/test_string_extraction/9'

  it('gives the expected verdict on every row of verifier-examples.jsonl', async () => {
    const wrong: string[] = []
    for (const row of readDataSet<ExampleRow>('verifier-examples')) {
      const { match_types: matchTypes, precision, strict } = row.options
      const options = {
        ...(matchTypes && { matchTypes }),
        ...(precision && { precision }),
        ...(strict !== undefined && { strict }),
      }
      const verdict = await verifyMath(row.prediction, row.gold, options)
      if (verdict.correct !== (row.expected === 1)) wrong.push(row.id)
    }
    expect(wrong).toEqual([WRONG_LABEL])
  })

  it.each(['math500', 'aime24', 'gsm8k-test'])(
    'accepts each gold of %s and refuses its neighbour',
    (name) => {
      const answers = golds(name)
      const hits: [string, string][] = []
      for (const [k, gold] of answers.entries()) {
        expect(judgeMath(gold, gold), gold).toMatchObject({ correct: true })
        expect(judgeMath(`We use $2+2=4$. Therefore it is $\\boxed{${gold}}$.`, gold), gold).toMatchObject({
          correct: true,
        })
        const next = answers[(k + 1) % answers.length]!
        if (next !== gold && judgeMath(`\\boxed{${next}}`, gold).correct) hits.push([gold, next])
      }
      // One pair of neighbours in MATH-500 really is equal.
      expect(hits).toEqual(WHOLE_SETS && name === 'math500' ? [['5', 'x=5']] : [])
    },
  )
})

interface ExampleRow {
  id: string
  gold: string
  prediction: string
  expected: number
  options: { match_types?: ('latex' | 'expr')[]; precision?: number; strict?: boolean }
}

const SEEDS = [
  String.raw`\frac{1}{2}`,
  'x^2+2x+1',
  String.raw`\{1,2,3\}`,
  String.raw`(-\infty,3]\cup[5,7)`,
  '12,345.60',
  String.raw`x=5 \text{ or } x=-5`,
  String.raw`\begin{pmatrix}1&2\\3&4\end{pmatrix}`,
  String.raw`\sum_{k=1}^{n} k^2`,
  String.raw`2\frac{1}{3}`,
  String.raw`1\pm\sqrt{19}`,
  String.raw`20\%`,
  String.raw`\sqrt[3]{16}`,
  String.raw`f(x)=\sin^2 x`,
  String.raw`0<x\le 2`,
  String.raw`\log_2 8`,
  String.raw`5\text{ cm}^2`,
  '3:4',
  String.raw`\binom{10}{3}`,
  '9^{9^{9^{9}}}',
  '100000!',
  String.raw`\int_0^1 x dx`,
  String.raw`0.\overline{3}`,
  'Evelyn',
  '|x-1|',
  String.raw`\{x \mid x>3\}`,
]
const FRAGMENTS = [
  '\\frac',
  '{',
  '}',
  '\\boxed{',
  '$',
  '\\[',
  '\\]',
  '(',
  ')',
  '[',
  ']',
  ',',
  ';',
  '^',
  '_',
  '\\sqrt',
  '\\pm',
  '\\text{',
  'and',
  'or',
  '=',
  '<',
  '\\le',
  '\\infty',
  '|',
  '!',
  '%',
  '\\left',
  '\\right',
  '\\\\',
  '&',
  '\\begin{pmatrix}',
  '\\end{pmatrix}',
  '\\sum',
  '\\cup',
  '…',
  '答案是',
  'The answer is ',
  '\n',
  '-',
  '+',
  '*',
  '/',
  ':',
  '1',
  '0',
  '23',
  '1e999',
  '.',
  'x',
  'y',
  'pi',
  'sin',
  '\\overline',
  '\\{',
  '\\}',
  '"',
  "'",
  '\\circ',
  '\u0000',
  '\ud800',
  '±',
  '√',
]

const mutated = fc
  .record({
    seed: fc.constantFrom(...SEEDS),
    at: fc.nat(),
    cut: fc.nat(6),
    insert: fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 3 }),
  })
  .map(({ seed, at, cut, insert }) => {
    const position = at % (seed.length + 1)
    return seed.slice(0, position) + insert.join('') + seed.slice(position + cut)
  })
const assembled = fc.array(fc.constantFrom(...FRAGMENTS), { maxLength: 25 }).map((pieces) => pieces.join(''))
const answer = fc.oneof(
  { weight: 3, arbitrary: mutated },
  { weight: 2, arbitrary: assembled },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
)

/** R1_FUZZ_RUNS=10000 is the full run. */
const NUM_RUNS = Number(process.env.R1_FUZZ_RUNS ?? 1_000)
const LIMIT_MS = 2_000

describe('random and mutated LaTeX', () => {
  it('never throws, ends, is symmetric, and says no to an empty answer', {
    timeout: 600_000,
  }, () => {
    fc.assert(
      fc.property(answer, answer, (one, two) => {
        const there = judgeMath(one, two, { timeLimitMs: LIMIT_MS })
        expect(judgeMath(two, one, { timeLimitMs: LIMIT_MS }).correct).toBe(there.correct)
        expect(there.correct && there.extracted === '').toBe(false)
        expect(there.reason).not.toContain('could not be compared')
      }),
      { numRuns: NUM_RUNS },
    )
  })
})

describe('limits', () => {
  it.each([
    ['a tower of powers', '9^{9^{9^{9^{9}}}}'],
    ['a huge factorial', '(10^{9})!'],
    ['a huge sum', String.raw`\sum_{k=1}^{10^{12}} k^{k}`],
    ['nested sums', String.raw`\sum_{a=1}^{2000}\sum_{b=1}^{2000}\sum_{c=1}^{2000}\frac{1}{abc}`],
    ['deep nesting', `${'('.repeat(50_000)}1${')'.repeat(50_000)}`],
    ['deep fractions', `${'\\frac{1}{'.repeat(5_000)}2${'}'.repeat(5_000)}`],
    ['a long number', '7'.repeat(100_000)],
    ['a long sum', '1+'.repeat(50_000)],
    ['a long list', '1,'.repeat(50_000)],
    ['many signs', '\\pm 1 '.repeat(5_000)],
    ['many dollars', '$'.repeat(50_001)],
    ['many boxes', '\\boxed{'.repeat(20_000)],
    ['many phrases', 'the answer is '.repeat(20_000)],
    ['many answers', 'the answer is 5. '.repeat(10_000)],
    ['spaces', `${' '.repeat(100_000)}x`],
    ['nested absolute values', '|'.repeat(3_000)],
    ['many brackets', '[('.repeat(3_000)],
    ['a big root', String.raw`\sqrt[99999999]{2^{99999}}`],
    ['many open displays', '\\['.repeat(30_000)],
    ['many marks that close far away', `${'\\( '.repeat(60_000)}${'x'.repeat(7_000)}\\)`],
    ['a wide gap', `$1$ and${' '.repeat(200_000)}; $2$`],
    ['many digits and blanks', '1 '.repeat(50_000)],
  ])('%s comes back', async (_, text) => {
    for (const [prediction, gold] of [
      [text, '5'],
      ['5', text],
      [`\\boxed{${text}}`, `\\boxed{${text}+1}`],
    ] as const) {
      // Without a limit these take minutes to centuries: the test's own timeout tells, on a busy machine too.
      const verdict = await verifyMath(prediction, gold, { timeLimitMs: 1_000 })
      if (verdict.correct) expect(text).toContain('5')
    }
  })
})

describe('the symbolic worker', () => {
  it('finds what the other layers leave open', async () => {
    expect(await symbolicallyEqual(String.raw`\int 2x dx`, String.raw`\int x\cdot 2 dx`, 60_000)).toBe(
      'equal',
    )
    expect(await symbolicallyEqual('x+1', 'x+2', 60_000)).toBe('different')
  })

  it('is stopped at the limit, and the next request gets a new one', async () => {
    const late = await Promise.all(
      [1, 2].map(() => symbolicallyEqual(String.raw`\sum_{k=1}^{10^{12}} k^{k}`, '5', 100)),
    )
    expect(late).toEqual(['late', 'late'])
    expect(await symbolicallyEqual('x+x', '2x', 60_000)).toBe('equal')
  })
})
