import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { DATA_FOLDER, readDataSet, WHOLE_SETS } from '../../../test/data-sets.ts'
import type { Question } from '../../tasks/task.ts'
import type { Benchmark } from '../benchmark.ts'
import { BENCHMARKS, findBenchmark } from '../benchmark-index.ts'
import { PAPER_ROWS, paperFigures } from '../paper-figures.ts'
import { loadQuestionSet } from '../run-evaluation.ts'
import { decodeTests } from './livecodebench-tests.ts'
import { extractPatch } from './swe-bench-verified.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-benchmarks-'))
let files = 0

async function load(
  name: string,
  rows: object[],
  extension = 'jsonl',
  seed = 0,
): Promise<[Benchmark, Question[]]> {
  const path = join(folder, `${files++}.${extension}`)
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'))
  const { benchmark } = findBenchmark(name === 'file' ? path : name)
  return [benchmark, (await loadQuestionSet(benchmark, path, { seed })).questions]
}

/** Of the whole sets. */
const SIZES: Record<string, number> = {
  'aime-2024': 30,
  'amc-23': 40,
  'math-500': 500,
  gsm8k: 1319,
  mmlu: 14_042,
  humaneval: 164,
  mbpp: 500,
  codeforces: 408,
  'swe-bench-verified': 500,
  countdown: 256,
}

describe('the data sets', () => {
  const withFile = BENCHMARKS.filter(({ data }) => (data?.file ?? null) !== null)
  it('all have a known size', () => {
    expect(withFile.map(({ name }) => name).sort()).toEqual(Object.keys(SIZES).sort())
  })

  it.each(withFile)('$name loads whole, each question with its own id and a prompt', async (benchmark) => {
    const file = benchmark.data!.file!
    const { questions } = await loadQuestionSet(benchmark, join(DATA_FOLDER, file), { seed: 0 })
    const rows = readDataSet(file.replace('.jsonl', '')).length
    expect(questions).toHaveLength(WHOLE_SETS ? SIZES[benchmark.name]! : rows)
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length)
    expect(questions.every((question) => (benchmark.prompt?.(question) ?? question.prompt).length > 20)).toBe(
      true,
    )
  })

  it.each(['aime-2024', 'amc-23', 'gsm8k', 'countdown'])('%s accepts its own answers', async (name) => {
    const { benchmark } = findBenchmark(name)
    const { questions } = await loadQuestionSet(benchmark, join(DATA_FOLDER, benchmark.data!.file!), {
      seed: 0,
    })
    for (const question of questions.slice(0, 40)) {
      const { answer } = question
      const response = name === 'countdown' ? `<answer>${answer}</answer>` : `It is $\\boxed{${answer}}$.`
      expect(await benchmark.verify(question, response), question.id).toMatchObject({ correct: true })
    }
  })
})

it('every row of the paper that a benchmark names has figures, and all rows are named', () => {
  const rows = BENCHMARKS.flatMap(({ paper }) => paper?.map(({ row }) => row) ?? [])
  expect(rows.sort()).toEqual([...PAPER_ROWS].sort())
  for (const row of rows) expect(paperFigures(row, 'GPT-4o-0513')).toHaveLength(1)
})

it('the settings of the paper', () => {
  const settings = Object.fromEntries(BENCHMARKS.map(({ name, settings }) => [name, settings]))
  const common = { temperature: 0.6, topP: 0.95, maxTokens: 32_768 }
  expect(settings['aime-2024']).toEqual({ ...common, samples: 64 })
  expect(settings['gpqa-diamond']).toEqual({ ...common, samples: 64 })
  expect(settings['math-500']).toEqual({ ...common, samples: 16 })
  expect(settings.codeforces).toEqual({ ...common, samples: 16 })
  expect(settings.livecodebench).toEqual({ ...common, samples: 8 })
})

describe('prompts of R1 v2 SJ', () => {
  it('mathematics', async () => {
    const [benchmark, [question]] = await load('aime-2024', [{ problem: 'P?', answer: '1' }])
    expect(benchmark.prompt!(question!)).toBe(
      'P?\nPlease reason step by step, and put your final answer within \\boxed{}.',
    )
  })

  it('MMLU and MMLU-Pro', async () => {
    const [mmlu, [one]] = await load('mmlu', [
      { subject: 's', index: 3, question: 'Q?', choices: ['w', 'x', 'y', 'z'], answer: 'B' },
    ])
    expect(mmlu.prompt!(one!)).toContain(
      "format: 'Answer: $LETTER' (without quotes) where LETTER is one of ABCD.",
    )
    expect(mmlu.prompt!(one!)).toMatch(/Q\?\n\nA\. w\nB\. x\nC\. y\nD\. z$/)
    expect(await mmlu.verify(one!, 'Answer: B')).toMatchObject({ correct: true, extracted: 'B' })
    const row = { question_id: 7, question: 'Q?', options: ['w', 'x', 'y'], answer_index: 2, category: 'law' }
    const [pro, [two]] = await load('mmlu-pro', [row])
    expect(two).toMatchObject({ id: '7', answer: 'C' })
    expect(pro.prompt!(two!)).toMatch(
      /^The following are multiple choice questions \(with answers\) about law\./,
    )
    expect(pro.prompt!(two!)).toMatch(/C\. y\nAnswer: Let's think step by step\.$/)
    expect(await pro.verify(two!, 'The answer is (C)')).toMatchObject({ correct: true })
  })

  it('GPQA: options in an order drawn from the seed, the answer with them', async () => {
    const rows = Array.from({ length: 40 }, (_, i) => ({
      'Record ID': `r${i}`,
      Question: 'Q?',
      'Correct Answer': ' right\n',
      'Incorrect Answer 1': 'a',
      'Incorrect Answer 2': 'b',
      'Incorrect Answer 3': 'c',
    }))
    const [benchmark, questions] = await load('gpqa-diamond', rows)
    for (const question of questions) expect(question.prompt).toContain(`${question.answer}) right`)
    const letters = questions.map(({ answer }) => answer)
    expect(new Set(letters)).toEqual(new Set('ABCD'))
    expect((await load('gpqa-diamond', rows))[1].map(({ answer }) => answer)).toEqual(letters)
    expect((await load('gpqa-diamond', rows, 'jsonl', 1))[1].map(({ answer }) => answer)).not.toEqual(letters)
    expect(benchmark.prompt!(questions[0]!)).toContain("'ANSWER: $LETTER'")
    expect(await benchmark.verify(questions[0]!, `ANSWER: ${letters[0]}`)).toMatchObject({ correct: true })
  })

  it('contest programs', async () => {
    const [benchmark, [question]] = await load('codeforces', [
      { id: 1, problem: 'P', tests: [{ input: '', output: '' }] },
    ])
    expect(benchmark.prompt!(question!)).toMatch(
      /^P\n\nPlease write a python code to solve the above problem\./,
    )
  })
})

it('cons@k compares mathematics by meaning and options by letter', async () => {
  const [aime, [problem]] = await load('aime-2024', [{ problem: 'P?', answer: '12' }])
  const same = (a: string, b: string) => aime.equivalent!(a, b, problem!)
  expect(await same('12', '\\frac{24}{2}')).toBe(true)
  expect(await same('12', '13')).toBe(false)
})

describe('a file of your own', () => {
  it('takes Countdown, choices and question-answer rows', async () => {
    const [benchmark, questions] = await load('file', [
      { id: 'c', numbers: [1, 2, 3], target: 7 },
      { id: 'm', question: '1+1?', answer: '#### 2' },
      { id: 'x', question: 'Which?', choices: ['red', 'blue'], answer: 1 },
    ])
    const answers = ['<answer>1 + 2 * 3</answer>', '\\boxed{2}', 'Answer: B']
    for (const [i, question] of questions.entries()) {
      expect(await benchmark.verify(question, answers[i]!)).toMatchObject({ correct: true })
      expect(await benchmark.verify(question, answers[(i + 1) % 3]!)).toMatchObject({ correct: false })
      expect(benchmark.prompt!(question)).toContain(question.prompt)
    }
  })

  it('names the letters there are', async () => {
    const [benchmark, [two, six]] = await load('file', [
      { question: 'Which?', choices: ['red', 'blue'], answer: 'A' },
      { question: 'Which?', choices: ['1', '2', '3', '4', '5', '6'], answer: 'F' },
    ])
    expect(benchmark.prompt!(two!)).toContain('one of AB.')
    expect(benchmark.prompt!(six!)).toContain('one of ABCDEF.')
  })

  it.each([
    [['2', '3', '4', '5'], '2', 'A'],
    [['2', '4', '6', '8'], '4', 'B'],
    [['2', '4', '6', '8'], 2, 'C'],
    [['2', '4', '6', '8'], '0', 'A'],
    [[2, 4, 6, 8], '4', 'B'],
    [['red', 'blue'], '1', 'B'],
    [['red', 'blue'], 'Blue', 'B'],
    [['red', 'blue'], '(b)', 'B'],
    [['O', 'A', 'B', 'AB'], 'B', 'B'],
    [['E. coli', 'C. elegans', 'yeast'], 'C. elegans', 'B'],
  ])('of the options %j the answer %j is %s', async (choices, answer, letter) => {
    const [, [question]] = await load('file', [{ question: 'Which?', choices, answer }])
    expect(question!.answer).toBe(letter)
  })

  it.each([
    [['2', '4', '6', '8'], 4],
    [['2', '4', '6', '8'], '5'],
    [['2', '4'], 1.5],
    [['red', 'blue'], 'C'],
    [['red', 'blue'], 'green'],
  ])('refuses the options %j with the answer %j', async (choices, answer) => {
    await expect(load('file', [{ question: 'Which?', choices, answer }])).rejects.toThrow(
      /\.jsonl:1: none of the \d options is .*Expected a letter, .*--answer-field/,
    )
  })

  it.each([[{ text: ['x', 'y'], label: ['A', 'B'] }], [[{ text: 'x' }, { text: 'y' }]]])(
    'refuses the options %j',
    async (choices) => {
      await expect(load('file', [{ question: 'Which?', choices, answer: 'B' }])).rejects.toThrow(
        /\.jsonl:1: choices is .*: not a list of options\. Expected a list of texts or numbers/,
      )
    },
  )

  it('refuses more options than letters are read', async () => {
    const choices = Array.from({ length: 11 }, (_, i) => `option ${i}`)
    await expect(load('file', [{ question: 'Which?', choices, answer: 10 }])).rejects.toThrow(
      /\.jsonl:1: choices: 11 options\. Expected at most 10: answers are read as A to J\./,
    )
  })

  it('names file, line and fields of a row it cannot use', async () => {
    await expect(load('file', [{ question: 'a', answer: 'b' }, { foo: 1 }])).rejects.toThrow(
      /\.jsonl:2: no question in this row; it has foo\. .*--question-field/,
    )
    await expect(load('mmlu', [{ subject: 's' }])).rejects.toThrow(/\.jsonl:1: index: .*right file/)
  })
})

describe('SWE-bench patches', () => {
  const diff = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b'
  it.each([
    ['fenced', `I change x.\n\`\`\`diff\n${diff}\n\`\`\`\nDone.`, `${diff}\n`],
    [
      'after thinking, the last of two',
      `<think>\`\`\`diff\n${diff}1\n\`\`\`</think>\`\`\`diff\n${diff}2\n\`\`\`\n\`\`\`diff\n${diff}3\n\`\`\``,
      `${diff}3\n`,
    ],
    ['bare', `Here:\n${diff}`, `${diff}\n`],
    ['a fence inside the patch', `\`\`\`diff\n${diff}\n+\`\`\`\n\`\`\``, `${diff}\n+\`\`\`\n`],
    ['a blank line of the file at the end', `\`\`\`diff\n${diff}\n \n\`\`\`\nDone.`, `${diff}\n \n`],
    ['an indented fence of the file', `\`\`\`diff\n${diff}\n \`\`\`\n c\n\`\`\``, `${diff}\n \`\`\`\n c\n`],
    ['after another block', `\`\`\`python\nx\n\`\`\`\n\n\`\`\`diff\n${diff}\n\`\`\`\nDone.`, `${diff}\n`],
    ['fenced by another name', `\`\`\`udiff\n${diff}\n\`\`\`\nDone.`, `${diff}\n`],
    ['with CRLF', `\`\`\`diff\r\n${diff.replaceAll('\n', '\r\n')}\r\n\`\`\``, `${diff}\n`],
    ['no patch', 'I would change x.', null],
    ['another fence', '```python\nprint(1)\n```', null],
  ])('%s', (_, response, patch) => {
    expect(extractPatch(response)).toBe(patch)
  })

  it('writes the official predictions and scores nothing', async () => {
    const [benchmark, [question]] = await load('swe-bench-verified', [
      {
        instance_id: 'a__b-1',
        repo: 'a/b',
        base_commit: 'c',
        problem_statement: 'Bug',
        files: [{ path: 'x', content: 'a' }],
      },
    ])
    expect(benchmark.prompt!(question!)).toContain('File x:')
    const verdict = await benchmark.verify(question!, `\`\`\`diff\n${diff}\n\`\`\``)
    expect(verdict).toMatchObject({ correct: false, reason: 'a patch; the official harness scores it' })
    const sample = {
      ...verdict,
      sample: 0,
      tokens: 1,
      thinkingTokens: null,
      truncated: false,
      wellFormed: true,
      reflectionWords: 0,
      mixedLanguage: false,
    }
    expect(benchmark.predictions!([{ id: 'a__b-1', samples: [sample] }], 'm')).toEqual([
      { instance_id: 'a__b-1', model_name_or_path: 'm', model_patch: `${diff}\n` },
    ])
  })
})

describe('LiveCodeBench tests', () => {
  const tests = [{ input: '1\n', output: 'é2', testtype: 'stdin' as const }]
  const json = JSON.stringify(tests)
  const utf8 = Buffer.from(json)
  const length = (bytes: number) => {
    const buffer = Buffer.alloc(bytes)
    if (bytes === 8) buffer.writeBigUInt64LE(BigInt(utf8.length))
    else buffer.writeUIntLE(utf8.length, 0, bytes)
    return buffer
  }
  const frame = Buffer.from([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0])
  const packed = (...parts: Buffer[]) => deflateSync(Buffer.concat(parts)).toString('base64')
  it.each([
    ['plain JSON', json],
    [
      'pickle protocol 4, short',
      packed(frame, Buffer.from([0x8c]), length(1), utf8, Buffer.from('\x94.', 'latin1')),
    ],
    [
      'pickle protocol 3',
      packed(Buffer.from([0x80, 3, 0x58]), length(4), utf8, Buffer.from('q\0.', 'latin1')),
    ],
    ['pickle protocol 4, long', packed(frame, Buffer.from([0x8d]), length(8), utf8)],
  ])('%s', (_, text) => {
    expect(decodeTests(text)).toEqual(tests)
  })

  it('refuses other pickles', () => {
    expect(() => decodeTests(packed(Buffer.from('cos\nsystem\n', 'latin1')))).toThrow('not a pickled string')
  })

  it('rows of both kinds', async () => {
    const row = { question_id: 'q', question_content: 'Q', difficulty: 'easy', private_test_cases: '[]' }
    const functional = JSON.stringify([{ input: '[1, 2]\n3', output: '6', testtype: 'functional' }])
    const [, [stdin, call]] = await load('livecodebench', [
      { ...row, public_test_cases: json, starter_code: '', metadata: '{}' },
      {
        ...row,
        question_id: 'f',
        public_test_cases: functional,
        starter_code: 'class Solution:',
        metadata: '{"func_name": "add"}',
      },
    ])
    expect(stdin!.data!.tests).toMatchObject({ kind: 'stdio', tests: [{ input: '1\n', output: 'é2' }] })
    expect(call!.data!.tests).toMatchObject({
      kind: 'function',
      name: 'add',
      cases: [{ arguments: [[1, 2], 3], expected: 6 }],
    })
    expect(stdin!.prompt).toMatch(/^Q\n\nPlease write a python code/)
    expect(call!.prompt).toContain('class Solution:')
  })
})
