import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetWriteFile } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { readQuestion } from './file-kinds.ts'
import { readRows } from './file-rows.ts'
import { readPassRates, selectByPassRate } from './pass-rate.ts'
import { questionSet, readQuestions, trainingTask } from './question-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-questions-'))
const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('readQuestions', () => {
  const expected = [
    { id: 'a', prompt: '1+1?', answer: '2', kind: 'math' },
    { id: 'b', prompt: '2+2?', answer: '4', kind: 'math' },
  ]
  it('reads JSONL, JSON, CSV and Parquet alike', async () => {
    const rows = expected.map(({ id, prompt, answer }) => ({ id, problem: prompt, answer }))
    const parquet = join(folder, 'q.parquet')
    parquetWriteFile({
      filename: parquet,
      columnData: ['id', 'problem', 'answer'].map((name) => ({
        name,
        data: rows.map((row) => row[name as 'id']),
      })),
    })
    const paths = [
      file('q.jsonl', rows.map((row) => JSON.stringify(row)).join('\n')),
      file('q.json', JSON.stringify(rows)),
      file('q.csv', `id,problem,answer\n${rows.map((row) => Object.values(row).join(',')).join('\n')}`),
      parquet,
    ]
    for (const path of paths) expect(await readQuestions(path), path).toEqual(expected)
    expect(await readQuestions(paths[0]!, {}, 1)).toEqual(expected.slice(0, 1))
  })

  it.each([
    [
      'named fields',
      { q: 'Q', a: 7 },
      { questionField: 'q', answerField: 'a' },
      { id: '3', prompt: 'Q', answer: '7' },
    ],
    [
      'GSM8K answers',
      { question: 'Q', answer: 'so\n#### 1,200' },
      {},
      { id: '3', prompt: 'Q', answer: '1,200' },
    ],
    [
      'chat messages and nested answers',
      {
        prompt: [
          { role: 'system', content: 's' },
          { role: 'user', content: 'Q' },
        ],
        reward_model: { ground_truth: '5' },
      },
      {},
      { id: '3', prompt: 'Q', answer: '5' },
    ],
    [
      'language and id',
      { question: 'Q', answer: 'A', lang: 'zh', key: 9 },
      { languageField: 'lang', idField: 'key' },
      { id: '9', prompt: 'Q', answer: 'A', language: 'zh' },
    ],
  ])('maps %s', (_, value, mapping, question) => {
    expect(readQuestion({ place: 'f.jsonl:3', value }, mapping)).toEqual({ ...question, kind: 'math' })
  })

  it.each([
    [{ foo: 1 }, {}, 'f.jsonl:3: no question in this row; it has foo.'],
    [{ question: 'Q' }, {}, 'f.jsonl:3: no answer in this row; it has question.'],
    [
      { question: 'Q', answer: 'A' },
      { answerField: 'gold' },
      'Expected a text or number in gold. Name the field with --answer-field, in training with --set answerField=<name>.',
    ],
  ])('says what is missing: %j', (value, mapping, message) => {
    expect(() => readQuestion({ place: 'f.jsonl:3', value }, mapping)).toThrow(message)
  })

  it('refuses formats it does not know', async () => {
    await expect(readQuestions(file('q.txt', ''))).rejects.toThrow('Expected .jsonl, .json, .parquet or .csv')
    await expect(readQuestions(file('one.json', '{}'))).rejects.toThrow('not a list of rows')
    await expect(readQuestions(file('bad.json', '[1]'))).rejects.toThrow('bad.json:1: not an object')
    const rows = []
    for await (const { place } of readRows(file('two.jsonl', '{}\n\n{}\n')))
      rows.push(place.split('/').at(-1))
    expect(rows).toEqual(['two.jsonl:1', 'two.jsonl:3'])
  })
})

describe('trainingTask', () => {
  const questions = Array.from({ length: 20 }, (_, i) => ({ id: String(i), prompt: `p${i}`, answer: `${i}` }))
  const task = trainingTask(
    questionSet('numbers', questions, (prediction, gold) => ({
      correct: prediction === gold,
      extracted: prediction,
      reason: '',
    })),
  )
  const ids = (seed: number, from: number) =>
    Array.from({ length: 20 }, (_, i) => task.question(seed, from + i).id)

  it('gives each question once an epoch, in another order each epoch and seed', () => {
    const first = ids(1, 0)
    expect(new Set(first).size).toBe(20)
    expect(new Set(ids(1, 20)).size).toBe(20)
    expect(ids(1, 20)).not.toEqual(first)
    expect(ids(2, 0)).not.toEqual(first)
    expect(ids(1, 0)).toEqual(first)
    expect(task.question(1, 33).id).toBe(ids(1, 20)[13])
  })

  it('judges by the reference answer', () => {
    expect(task.verify(questions[3]!, '3')).toMatchObject({ correct: true })
    expect(task.verify(questions[3]!, '4')).toMatchObject({ correct: false })
  })
})

describe('selectByPassRate', () => {
  it('keeps what is solved sometimes', () => {
    const questions = ['none', 'low', 'mid', 'high', 'all', 'new'].map((id) => ({ id }))
    const rates = new Map([
      ['none', 0],
      ['low', 0.2],
      ['mid', 0.5],
      ['high', 0.8],
      ['all', 1],
    ])
    const { kept, tooHard, tooEasy, unknown } = selectByPassRate(questions, rates, { low: 0.2, high: 0.8 })
    expect([kept, tooHard, tooEasy, unknown].map((part) => part.map(({ id }) => id))).toEqual([
      ['low', 'mid', 'high'],
      ['none'],
      ['all'],
      ['new'],
    ])
  })

  it('reads what r1 eval wrote', async () => {
    const path = file('graded.jsonl', '{"id":"a","passRate":0.5,"samples":[]}\n{"id":2,"passRate":1}\n')
    expect(await readPassRates(path)).toEqual(
      new Map([
        ['a', 0.5],
        ['2', 1],
      ]),
    )
    await expect(readPassRates(file('x.jsonl', '{"id":"a"}\n'))).rejects.toThrow('x.jsonl:1: not a pass rate')
  })
})
