/** The door for people who write TypeScript, on a model that knows nothing. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyLlama } from '../../test/tiny-llama.ts'
import type { Finding } from '../doctor/rule.ts'
import { openModel } from '../loading/local-model.ts'
import type { Reward } from '../rewards/reward.ts'
import { sample } from '../rollout/sample.ts'
import type { QuestionSet, TrainingTask } from '../tasks/task.ts'
import { evaluate } from './evaluate.ts'
import { type TrainOptions, type TrainStep, train } from './train.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-door-'))
const folder = join(root, 'base')
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(() => writeTinyLlama(folder))

const grpo = { questionsPerStep: 1, groupSize: 2, maxTokens: 6, klWeight: 0 }
const evaluation = { questions: 2, samples: 1 }
const usual = { model: folder, grpo, evaluation, steps: 3 }
const even: Reward = { name: 'even', weight: 1, score: ({ numTokens }) => 1 - (numTokens % 2) }

describe('train', () => {
  it('gives the model that learned, its figures before and after, and every step to a callback', async () => {
    const steps: TrainStep[] = []
    const result = await train({ ...usual, onStep: (step) => steps.push(step) })
    expect(steps.map(({ step, steps: all }) => [step, all])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
    for (const { reward, accuracy, meanTokens, seconds } of steps)
      for (const figure of [reward, accuracy, meanTokens, seconds]) expect(figure).toBeTypeOf('number')
    expect(result).toMatchObject({ steps: 3, stopped: false, base: { n: 2 }, trained: { n: 2, samples: 1 } })
    expect(await sample(result.model, 'Compute 3 + 4', { maxTokens: 4 })).toBeTypeOf('string')
    result.model.engine.close()
  })

  it('is walked through step by step, none lost to a slow loop, and the same run for the same seed', async () => {
    const rewards = [even]
    const training = train({ ...usual, rewards, evaluation: false })
    const seen: number[] = []
    for await (const { step, loss } of training) {
      await new Promise((resolve) => setTimeout(resolve, 50))
      seen.push(step, loss)
    }
    const { base, trained } = await training
    expect([base, trained]).toEqual([undefined, undefined])
    const again: number[] = []
    await train({ ...usual, rewards, evaluation: false, onStep: ({ step, loss }) => again.push(step, loss) })
    expect(again).toEqual(seen)
    expect(seen.filter((_, i) => i % 2 === 0)).toEqual([1, 2, 3])
  })

  it.each(['the end of the loop', 'the signal'])('ends by %s, after the rollout at hand', async (way) => {
    const stop = new AbortController()
    const training = train({ ...usual, steps: 500, signal: stop.signal })
    for await (const { step } of training) {
      if (way === 'the signal') stop.abort()
      else if (step === 1) break
    }
    const { stopped, steps, trained } = await training
    expect(stopped).toBe(true)
    expect(steps).toBeLessThan(500)
    expect(trained).toBeUndefined()
  })

  it('keeps a run where a folder is named, and continues it', async () => {
    const run = join(root, 'run')
    await train({ ...usual, steps: 2, run })
    expect(readdirSync(run)).toEqual(
      expect.arrayContaining(['config.json', 'finished.json', 'metrics.jsonl', 'model', 'report.md']),
    )
    const { steps, base } = await train({ ...usual, steps: 4, run, resume: true })
    expect(steps).toBe(4)
    expect(base).toBeDefined()
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).step)).toEqual([0, 1, 2, 2, 3, 4, 4])
    await expect(train({ ...usual, run })).rejects.toThrow(/already holds a run/)
  })

  it('takes questions of your own, and holds the last ones out', async () => {
    const questions = Array.from({ length: 6 }, (_, i) => ({
      id: `q${i}`,
      prompt: `Compute ${i} + 1`,
      answer: `${i + 1}`,
    }))
    const asked = new Set<string>()
    const task: QuestionSet = {
      name: 'mine',
      questions,
      verify({ id }) {
        asked.add(id)
        return { correct: true, extracted: null, reason: '' }
      },
    }
    const { model, trained } = await train({ ...usual, task })
    expect(trained).toMatchObject({ benchmark: 'mine', pass1: 1 })
    expect(await evaluate(model, task, { samples: 1, maxTokens: 4 })).toMatchObject({ n: 6, pass1: 1 })
    expect([...asked].sort()).toEqual(questions.map(({ id }) => id))
    await expect(train({ ...usual, task: { ...task, questions: questions.slice(3) } })).rejects.toThrow(
      /^task mine is 3: too few questions/,
    )
  })

  it('says what the doctor finds: a verifier that never says yes, before the first step', async () => {
    const found: [string, number][] = []
    const task: TrainingTask = {
      name: 'refuses',
      question: (seed, index) => ({
        id: `${seed}/${index}`,
        prompt: `Compute ${seed} + ${index}`,
        answer: '7',
      }),
      verify: () => ({ correct: false, extracted: null, reason: 'always' }),
    }
    const onFinding = ({ rule, step }: Finding) => found.push([rule, step])
    const { model } = await train({ ...usual, task, steps: 1, evaluation: false, onFinding })
    expect(found).toEqual([['verifier', 0]])
    model.engine.close()
  })

  it('leaves a model that was open before to its owner', async () => {
    const model = await openModel(folder)
    const result = await train({ ...usual, model, steps: 1 })
    expect(result.model).toBe(model)
    await expect(train({ ...usual, model, grpo: { ...grpo, maxTokens: 9000 } })).rejects.toThrow()
    expect(await sample(model, 'Compute 1 + 1', { maxTokens: 2 })).toBeTypeOf('string')
    model.engine.close()
  })

  it.each<[TrainOptions<never>, RegExp]>([
    [{ model: 'nowhere' }, /nowhere: there is nothing here/],
    [{ task: 'pocket-countdwn' }, /no such task/],
    [{ steps: 0 }, /^grpo\.steps is 0/],
    [{ grpo: { minibatches: 4 } }, /^grpo\.steps is 3: .*grpo\.minibatches=1/],
    [{ grpo: { maxTokens: 9000 } }, /^grpo\.maxTokens is 9000/],
  ])('refuses %o before a run leaves a trace', async (wrong, message) => {
    const run = join(root, 'refused')
    await expect(train({ ...usual, run, ...(wrong as TrainOptions) })).rejects.toThrow(message)
    expect(existsSync(run)).toBe(false)
  })
})
