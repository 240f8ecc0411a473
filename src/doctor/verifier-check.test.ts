import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { loadTask } from '../tasks/load-task.ts'
import type { Question, Task } from '../tasks/task.ts'
import { checkVerifier } from './verifier-check.ts'

const asking =
  (verify: (question: Question, response: string) => boolean, answer = '4') =>
  (index: number) => ({
    question: { id: `q${index}`, prompt: '2 + 2', answer },
    task: {
      name: 't',
      verify: (question, response) => ({
        correct: verify(question, response),
        extracted: null,
        reason: '',
      }),
    } satisfies Task,
  })
const found = async (...given: Parameters<typeof asking>) =>
  (await checkVerifier(asking(...given))).map(({ title, step }) => [title, step])

describe('checkVerifier', () => {
  it('finds a verifier that always says no', async () => {
    expect(await found(() => false)).toEqual([['the verifier refuses its own reference answers', 0]])
  })

  it('finds one that says yes to nothing', async () => {
    expect(await found(() => true)).toEqual([['the verifier accepts an empty response', 0]])
  })

  it('has nothing to say of one that reads any of the published forms', async () => {
    expect(await found((_, text) => text.includes('<answer>4<'))).toEqual([])
    expect(await found((_, text) => text.includes('boxed{4}'))).toEqual([])
    expect(await found((_, text) => text.endsWith('\n4'))).toEqual([])
  })

  it('passes over questions without an answer', async () => {
    expect(await found(() => false, '')).toEqual([])
  })

  it('asks no judge about free answers', async () => {
    const asked = vi.fn(() => ({ correct: false, extracted: null, reason: '' }))
    const question = { id: 'why', prompt: 'Why?', answer: 'So.', kind: 'free' as const }
    expect(await checkVerifier(() => ({ question, task: { name: 'free', verify: asked } }))).toEqual([])
    expect(asked).not.toHaveBeenCalled()
  })

  it('passes over files of puzzles that name their target and no solution', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'r1-verifier-')), 'puzzles.jsonl')
    const puzzles = [
      [[1, 2, 3], 6],
      [[2, 3, 4], 9],
    ]
    writeFileSync(file, puzzles.map(([nums, target]) => `${JSON.stringify({ nums, target })}\n`).join(''))
    const { question } = await loadTask(file, 1, 1)
    expect(question(0).question.answer).toMatch(/^[69]$/)
    expect(await checkVerifier(question)).toEqual([])
  })

  it.each([
    'pocket-countdown',
    'pocket-arithmetic',
    'pocket-equation',
    'pocket',
    'word-problems',
    'one-step-problems',
  ])('the tasks that come with the package pass: %s', async (name) => {
    for (const form of ['tags', 'think'] as const) {
      const { question } = await loadTask(name, 1, 4, { form })
      expect(await checkVerifier(question)).toEqual([])
    }
  })
})
