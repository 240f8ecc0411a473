import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { importExport } from '../disk/import-export.ts'
import { ConfigError } from '../errors.ts'
import { loadTask } from './load-task.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-tasks-'))
afterAll(() => rmSync(folder, { recursive: true }))
function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe.each(['pocket', 'pocket-countdown', 'pocket-arithmetic', 'pocket-equation'])('%s', (name) => {
  it('asks the same question of a seed and index, accepts its answer, and holds some out', async () => {
    const { question, heldOut } = await loadTask(name, 1, 20)
    expect(heldOut.questions.length).toBe(20)
    const held = new Set(heldOut.questions.map(({ id }) => id))
    const again = await loadTask(name, 1, 20)
    for (let index = 0; index < 40; index++) {
      const { question: asked, task } = question(index)
      expect(again.question(index).question).toEqual(asked)
      expect(held.has(asked.id)).toBe(false)
      expect(await task.verify(asked, `<answer> ${asked.answer} </answer>`)).toMatchObject({ correct: true })
    }
    for (const asked of heldOut.questions)
      expect(await heldOut.verify(asked, `<answer> ${asked.answer} </answer>`)).toMatchObject({
        correct: true,
      })
  })
})

it('pocket mixes its families', async () => {
  const { question, heldOut } = await loadTask('pocket', 1, 100)
  const names = Array.from({ length: 300 }, (_, index) => question(index).task.name)
  const share = (name: string) => names.filter((n) => n === name).length / 300
  expect(share('pocket-countdown')).toBeGreaterThan(0.5)
  expect(share('pocket-arithmetic')).toBeGreaterThan(0.1)
  expect(share('pocket-equation')).toBeGreaterThan(0.1)
  const families = heldOut.questions.map(({ id }) => id.split('/')[0])
  expect(new Set(families)).toEqual(new Set(['pocket-countdown', 'pocket-arithmetic', 'pocket-equation']))
})

describe('a file of mathematics questions', () => {
  const rows = [
    ['What is 2 + 2 + 2?', 6],
    ['1 + 1?', 2],
    ['What is 3 + 4?', 7],
    ['Held out?', 1],
  ] as const
  const path = write(
    'mathematics.jsonl',
    rows.map(([question, answer]) => JSON.stringify({ question, answer: `#### ${answer}` })).join('\n'),
  )

  it('asks short ones first, and holds the last ones out', async () => {
    const { question, heldOut } = await loadTask(path, 1, 1)
    const first = (index: number) => question(index).question.prompt.split('\n')[0]
    expect([0, 1, 2, 3].map(first)).toEqual(['1 + 1?', 'What is 3 + 4?', 'What is 2 + 2 + 2?', '1 + 1?'])
    expect(heldOut.questions.map(({ prompt }) => prompt.split('\n')[0])).toEqual(['Held out?'])
    const { task, question: asked } = question(0)
    expect(await task.verify(asked, 'It is \\boxed{2}.')).toMatchObject({ correct: true })
  })

  it('may be mixed with another task, whose held-out questions count', async () => {
    const { question, heldOut } = await loadTask(`word-problems, ${path}`, 1, 2)
    expect([0, 1, 2].map((index) => question(index).task.name)).toEqual([
      'word-problems',
      path,
      'word-problems',
    ])
    expect(heldOut.name).toBe('word-problems')
  })

  it('a task named twice is asked twice as often, never the same question twice', async () => {
    const [once, mixed] = await Promise.all(
      ['word-problems', `word-problems,${path},word-problems`].map((name) => loadTask(name, 1, 1)),
    )
    const prompts = (data: typeof once, indices: number[]) =>
      indices.map((i) => data!.question(i).question.prompt)
    expect(prompts(mixed, [0, 2, 3, 5])).toEqual(prompts(once, [0, 1, 2, 3]))
    expect(mixed!.question(4).task.name).toBe(path)
  })

  it('ends each question with the instruction', async () => {
    for (const name of ['word-problems', path]) {
      const { question, heldOut } = await loadTask(name, 1, 1, { instruction: 'Be brief.' })
      for (const { prompt } of [question(0).question, heldOut.questions[0]!])
        expect(prompt).toMatch(/\?\nBe brief\.$/)
    }
  })

  it('may name its fields', async () => {
    const other = write(
      'other.jsonl',
      ['1 + 1?', '2 + 2?'].map((asked) => JSON.stringify({ asked, of: { gold: 4 } })).join('\n'),
    )
    const fields = { questionField: 'asked', answerField: 'of.gold' }
    const { heldOut } = await loadTask(other, 1, 1, { instruction: 'Think.', ...fields })
    expect(heldOut.questions).toMatchObject([{ prompt: '2 + 2?\nThink.', answer: '4' }])
    await expect(loadTask(other, 1, 1)).rejects.toThrow(/in training with --set questionField=<name>/)
  })

  it('may mix kinds, each judged by its own verifier, short ones of each kind first', async () => {
    const mixed = write(
      'mixed.jsonl',
      [
        { question: 'A long question: what is 1 + 1?', answer: '2' },
        { question: '2 + 2?', answer: '4' },
        { question: 'Which?', choices: ['red', 'blue'], answer: 'B' },
        { question: 'And which?', choices: ['red', 'blue'], answer: 'A' },
        { numbers: [1, 2, 3], target: 7 },
        { question: 'Held out?', choices: ['yes', 'no'], answer: 'A' },
      ]
        .map((row) => JSON.stringify(row))
        .join('\n'),
    )
    const { question, heldOut } = await loadTask(`${mixed}, ${path}`, 1, 1, { form: 'tags' })
    const asked = [0, 2, 4, 6, 8].map((index) => question(index))
    expect(asked.map(({ question: { prompt } }) => prompt.split('\n')[0])).toEqual([
      '2 + 2?',
      'Which?',
      'Using the numbers 1, 2, 3, make 7',
      'A long question: what is 1 + 1?',
      'And which?',
    ])
    const responses = ['\\boxed{4}', 'B', '<answer>1 + 2 * 3</answer>', '\\boxed{2}', 'A']
    for (const [i, { task, question: own }] of asked.entries()) {
      expect(await task.verify(own, responses[i]!)).toMatchObject({ correct: true })
      expect(await task.verify(own, responses[(i + 1) % 5]!)).toMatchObject({ correct: false })
    }
    expect(heldOut.questions).toMatchObject([{ kind: 'choice', answer: 'A' }])
    expect(await heldOut.verify(heldOut.questions[0]!, 'Answer: A')).toMatchObject({ correct: true })
  })

  it('never asks in training what is held out, in whichever file it stands', async () => {
    const rows = (...asked: string[]) =>
      asked.map((q) => JSON.stringify({ question: q, answer: 1 })).join('\n')
    const first = write('first.jsonl', rows('same?', 'a?', 'other?', 'same?'))
    const second = write('second.jsonl', rows('same?', 'b?', 'c?'))
    const { question } = await loadTask(`${first},${second}`, 1, 1)
    const asked = Array.from({ length: 8 }, (_, i) => question(i).question.prompt.split('\n')[0])
    expect(new Set(asked)).toEqual(new Set(['a?', 'other?', 'b?']))
    await expect(loadTask(write('copies.jsonl', rows('same?', 'same?')), 1, 1)).rejects.toThrow(
      /copies\.jsonl: all of its questions are held out/,
    )
  })

  it('that is too short says so', async () => {
    await expect(loadTask(path, 1, 3)).rejects.toThrow(
      /^evaluation\.questions is 3: .*mathematics\.jsonl has \d questions, .* --set evaluation\.questions=\d$/,
    )
  })
})

describe("a user's file", () => {
  const body = (ids: string) => `
    export const task = {
      name: 'mine',
      question: (seed: number, index: number) => ({ id: ${ids}, prompt: 'p' + ${ids}, answer: 'a' }),
      verify: (_: unknown, response: string) => ({ correct: response === 'a', extracted: null, reason: '' }),
    }`

  it('never asks in training what it holds out', async () => {
    const path = write('mine.ts', body('String((seed * 7 + index * 13) % 50 + 50)'))
    const { question, heldOut } = await loadTask(path, 3, 10)
    expect(heldOut.questions.length).toBe(10)
    const held = new Set(heldOut.questions.map(({ id }) => id))
    for (let index = 0; index < 100; index++) expect(held.has(question(index).question.id)).toBe(false)
    expect(await heldOut.verify(heldOut.questions[0]!, 'a')).toMatchObject({ correct: true })
  })

  it('nor the same text by another id, nor what another file of the mixture holds out', async () => {
    const named = body('String(seed * 1000 + index)').replace(
      'prompt:',
      'prompt: "q" + (index % 20), unused:',
    )
    const { question, heldOut } = await loadTask(write('texts.ts', named), 3, 5)
    const held = new Set(heldOut.questions.map(({ prompt }) => prompt))
    for (let index = 0; index < 100; index++) expect(held.has(question(index).question.prompt)).toBe(false)
    const rows = ['a', 'b', 'q1', 'q2']
      .map((asked) => JSON.stringify({ question: asked, answer: 1 }))
      .join('\n')
    const file = write('asks.jsonl', rows)
    const mixed = await loadTask(`${file},${write('texts.ts', named)}`, 3, 2, { instruction: '' })
    const asked = Array.from({ length: 100 }, (_, index) => mixed.question(index).question.prompt.trim())
    expect(asked.filter((prompt) => prompt === 'q1' || prompt === 'q2')).toEqual([])
    expect(asked).toContain('q7')
  })

  it('with one question in all cannot be trained on', async () => {
    const { question } = await loadTask(write('one.ts', body("'only'")), 1, 5)
    expect(() => question(0)).toThrow(/nearly every question is held out/)
  })

  it.each<[string, string, RegExp]>([
    ['none.ts', '', /none\.ts: exports no `task`/],
    [
      'part.ts',
      "export const task = { name: 'x' }",
      /part\.ts: the exported task is incomplete.*question\(seed, index\)/,
    ],
    [
      'nameless.ts',
      "export const task = { name: 'x', question: () => ({ prompt: 'p', answer: 'a' }), verify: () => ({}) }",
      /nameless\.ts is \{.*question\(-1, 0\) has no id\. Expected \{ id, prompt, answer \}/,
    ],
    ['broken.ts', 'export const task = oops', /broken\.ts: cannot be loaded: oops is not defined/],
  ])('%s is refused in one sentence', async (name, text, message) => {
    const loading = loadTask(write(name, text), 1, 5)
    await expect(loading).rejects.toThrow(ConfigError)
    await expect(loading).rejects.toThrow(message)
  })

  it('whose verdict is none is named when it judges', async () => {
    const text = body('String(index)').replace(/verify:.*,/, 'verify: () => true,')
    const { heldOut } = await loadTask(write('yes.ts', text), 1, 5)
    await expect(heldOut.verify(heldOut.questions[0]!, 'a')).rejects.toThrow(
      /yes\.ts is true: verify gives no verdict\. Expected \{ correct: true or false/,
    )
  })

  it('that is not there is named', async () => {
    await expect(importExport(join(folder, 'gone.ts'), 'reward')).rejects.toThrow(/gone\.ts: no such file/)
  })
})

it('an unknown name lists the known ones', async () => {
  await expect(loadTask('pockett', 1, 5)).rejects.toThrow(/task is "pockett": .*pocket, pocket-countdown/)
})
