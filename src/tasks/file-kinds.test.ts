import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { closeSandboxes } from '../verifiers/code/verify.ts'
import type { Kind } from '../verifiers/kinds.ts'
import { byKind, readQuestion } from './file-kinds.ts'

afterAll(closeSandboxes)
const read = (value: Record<string, unknown>, mapping = {}) =>
  readQuestion({ place: 'f.jsonl:3', value }, mapping)

const asserts = { text: 'Add.', test_list: ['assert add(1, 2) == 3'] }
const sum = { input: '1 2\n', output: '3\n' }
const program = '```python\ndef add(a, b):\n    return a + b\n```'
const reader = '```python\nprint(sum(map(int, input().split())))\n```'

/** Each form of row with its kind, a right response and a wrong one. */
const ROWS: [string, Record<string, unknown>, Kind, string, string][] = [
  ['a question and a number', { question: '1+1?', answer: 2 }, 'math', '\\boxed{2}', '\\boxed{3}'],
  ['GSM8K', { question: '1+1?', answer: 'so\n#### 2' }, 'math', '\\boxed{2}', '\\boxed{3}'],
  ['choices', { question: 'Q', choices: ['x', 'y'], answer: 'B' }, 'choice', 'Answer: B', 'Answer: A'],
  ['an index', { question: 'Q', options: ['x', 'y'], answer: 1 }, 'choice', 'Answer: B', 'Answer: A'],
  ['columns', { question: 'Q', A: 'x', B: 'y', C: '', answer: 'B' }, 'choice', 'Answer: B', 'Answer: A'],
  [
    'Countdown',
    { numbers: [1, 2, 3], target: 7 },
    'countdown',
    '<answer>1 + 2 * 3</answer>',
    '<answer>7</answer>',
  ],
  [
    'TinyZero',
    { nums: [1, 2, 3], target: 7 },
    'countdown',
    '<answer>1 + 2 * 3</answer>',
    '<answer>7</answer>',
  ],
  ['MBPP', asserts, 'code', program, program.replace('+', '-')],
  [
    'HumanEval',
    {
      task_id: 'h/0',
      prompt: 'def add(a, b):\n    """Add."""\n',
      test: 'def check(f):\n    assert f(1, 2) == 3',
      entry_point: 'add',
    },
    'code',
    program,
    program.replace('+', '-'),
  ],
  ['tests', { problem: 'Add.', tests: [sum] }, 'code', reader, '```python\nprint(4)\n```'],
  ['packed tests', { problem: 'Add.', tests: JSON.stringify([sum]) }, 'code', reader, '```python\n4\n```'],
  [
    'APPS',
    { question: 'Add.', input_output: JSON.stringify({ inputs: ['1 2\n'], outputs: ['3\n'] }) },
    'code',
    reader,
    '```python\n4\n```',
  ],
]

describe('a row tells its kind', () => {
  it.each(ROWS)('%s', async (_, row, kind, right, wrong) => {
    const question = read(row)
    expect(question.kind).toBe(kind)
    expect(await byKind().verify(question, `<think>hm</think>${right}`)).toMatchObject({ correct: true })
    expect(await byKind().verify(question, `<think>${right}</think>${wrong}`)).toMatchObject({
      correct: false,
    })
  })

  it('or a setting does', async () => {
    const row = { question: 'Q', choices: ['1', '2'], answer: '2' }
    expect(read(row, { kind: 'math' })).toEqual({ id: '3', prompt: 'Q', answer: '2', kind: 'math' })
    const gold = { question: 'Add.', answer: JSON.stringify({ tests: [sum] }) }
    expect(read(gold).kind).toBe('math')
    const question = read(gold, { kind: 'code' })
    expect(await byKind().verify(question, reader)).toMatchObject({ correct: true })
  })

  it.each<[Kind, RegExp]>([
    ['choice', /f\.jsonl:3: no options in this row\. Expected a list `choices`/],
    ['countdown', /f\.jsonl:3: no Countdown puzzle in this row\. Expected `numbers`/],
    ['code', /f\.jsonl:3: its answer is no tests: gold is "2".*See docs\/verifier-code\.md/],
  ])('a row that is not of the kind %s is named', (kind, message) => {
    expect(() => read({ question: 'Q', answer: '2' }, { kind })).toThrow(message)
  })
})

it("the training rows of MBPP are programs whose tests the prompt shows, as MBPP's authors ask them", () => {
  const path = join(import.meta.dirname, '../../test/data/mbpp-train.jsonl')
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const question = read(JSON.parse(line) as Record<string, unknown>)
    expect(question).toMatchObject({ kind: 'code', data: { tests: { kind: 'asserts' } } })
    expect(byKind().prompt(question)).toMatch(
      /Your function must pass these tests:\nassert .*\n.*\n.*\n\nAnswer/,
    )
  }
})

it.each([
  [{ question: 'Q', answer: '2' }, /^Q$/, /^Q\nPlease reason step by step/],
  [{ numbers: [1, 2], target: 3 }, /make 3$/, /<answer>\(1 \+ 2\) \/ 3<\/answer>\.$/],
  [
    { question: 'Q', choices: ['x', 'y'], answer: 'A' },
    /B\. y\n\nAnswer with one letter of AB$/,
    /'Answer: \$LETTER'/,
  ],
  [{ problem: 'P', tests: [sum] }, /^P\n\nPlease write a python code/, /^P\n\nPlease write a python code/],
  [
    {
      problem: 'P',
      tests: {
        kind: 'function',
        name: 'f',
        cases: [{ arguments: [1], expected: 1 }],
        language: 'javascript',
      },
    },
    /Name the function f\. Answer with the whole JavaScript program in a ```javascript block/,
    /Name the function f/,
  ],
])('%j is asked as its template wants', (row, tags, think) => {
  const question = read(row)
  expect(byKind().prompt(question, 'tags')).toMatch(tags)
  expect(byKind().prompt(question, 'think')).toMatch(think)
})
