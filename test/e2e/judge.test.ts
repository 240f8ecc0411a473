/** R1-Zero on questions that no rule can judge: a server does, whose failures are counted and whose verdicts are kept. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { settings, startR1 } from '../r1-process.ts'
import { type ScriptedServer, startScriptedServer } from '../scripted-openai-server.ts'
import { writeTinyLlama } from '../tiny-llama.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-judge-'))
let server: ScriptedServer
const rows = (...path: string[]) =>
  readFileSync(join(folder, ...path), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)

const judged = (content: string, name: string) =>
  new RegExp(`<${name}>\n([\\s\\S]*)\n</${name}>`).exec(content)?.[1] ?? ''

beforeAll(async () => {
  const questions = [
    { question: 'Why?', answer: 'So.', kind: 'free' },
    { question: 'No verdict?', answer: 'None.', kind: 'free' },
    { question: '1 + 1?', answer: '2' },
    { question: 'Held out?', answer: 'Yes.', kind: 'free' },
  ]
  writeFileSync(join(folder, 'free.jsonl'), questions.map((row) => JSON.stringify(row)).join('\n'))
  await writeTinyLlama(join(folder, 'model'))
  server = await startScriptedServer(({ messages }) => {
    const { content } = messages[0]!
    if (judged(content, 'question') === 'No verdict?') return { text: 'Who knows.', tokens: 2 }
    const correct = judged(content, 'answer').length % 2 === 0
    return {
      text: JSON.stringify({ analysis: '…', correctness: correct ? 'correct' : 'incorrect' }),
      tokens: 9,
    }
  })
}, LONG)
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

const TRAIN = settings({
  model: 'model',
  task: 'free.jsonl',
  'grpo.steps': 2,
  'grpo.groupSize': 2,
  'grpo.questionsPerStep': 3,
  'grpo.minibatches': 1,
  'grpo.maxTokens': 8,
  'evaluation.questions': 1,
  'evaluation.samples': 1,
})
const train = (...more: string[]) => startR1(folder, ['train', 'r1-zero', ...TRAIN, ...more]).ended

it(
  'rewards what the judge calls right, and leaves out and counts what it does not judge',
  async () => {
    const { code, stdout, stderr } = await train(
      '--run',
      'run',
      '--json',
      ...settings({ 'judge.endpoint': server.url, 'judge.apiModel': 'judge' }),
    )
    expect(code, stderr).toBe(0)
    const groups = ['000001', '000002'].flatMap((step) => rows('run', 'rollouts', `${step}.jsonl`))
    expect(new Set(groups.map(({ prompt }) => (prompt as string).split('\n')[0]))).toEqual(
      new Set(['Why?', '1 + 1?']),
    )
    for (const { prompt, text, rewards } of groups)
      if (prompt === 'Why?')
        expect((rewards as { accuracy: number }).accuracy).toBe(
          Number((text as string).trim().length % 2 === 0),
        )
    expect(rows('run', 'metrics.jsonl').flatMap(({ unjudgedGroups = [] }) => unjudgedGroups)).toEqual([1, 1])
    // What it said is kept, what it did not say is not.
    const kept = readdirSync(join(folder, 'run', 'judge')).flatMap((name) => rows('run', 'judge', name))
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.every(({ text }) => (text as string).includes('correctness'))).toBe(true)
    const { judge } = JSON.parse(stdout) as { judge: { asked: number; failed: number } }
    expect(judge.failed).toBeGreaterThan(0)
    expect(judge.asked - judge.failed).toBeGreaterThanOrEqual(kept.length)
  },
  LONG,
)

it('is refused before anything is trained where no judge is named', async () => {
  const { code, stderr } = await train('--run', 'none')
  expect(code).toBe(2)
  expect(stderr).toMatch(/kind is "free": no rule can compare free answers\. .*judge\.endpoint/s)
})
