/** How a run ends, and ends again: on a model that knows nothing. As a user runs it: test/e2e/train.test.ts. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyLlama } from '../../test/tiny-llama.ts'
import { ConfigError } from '../errors.ts'
import { type R1ZeroConfig, r1Zero, r1ZeroConfig } from '../recipes/r1-zero.ts'
import type { Checkpoint } from '../run/checkpoint.ts'
import { createRun, openRun, type Run } from '../run/folder.ts'
import { checkR1Zero, openR1Zero } from './open-r1-zero.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-zero-'))
const model = join(root, 'base')
const folder = join(root, 'run')
afterAll(() => rmSync(root, { recursive: true }))
beforeAll(() => writeTinyLlama(model))

const configOf = (grpo: object, more: object = {}) =>
  r1ZeroConfig.parse({
    model,
    grpo: { groupSize: 2, questionsPerStep: 1, minibatches: 1, maxTokens: 8, ...grpo },
    evaluation: { questions: 2, samples: 1 },
    checkpointEvery: 1,
    keepCheckpoints: 1,
    ...more,
  })

async function train(config: R1ZeroConfig, run: Run, resume?: Checkpoint) {
  const parts = await openR1Zero(config, { folder: run.folder })
  const done = await r1Zero(parts, { run, resume, seed: config.seed, signal: undefined })
  parts.close()
  return done!.result.trained
}

/** As if it had been killed while its model was saved, and continued. */
async function again(grpo: object) {
  rmSync(join(folder, 'finished.json'))
  const run = await openRun(folder)
  const { checkpoint } = await run.resume()
  const trained = await train(configOf(grpo), run, checkpoint)
  run.close()
  return trained
}
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
const evaluations = () =>
  read('metrics.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: number; evaluation?: object })
    .flatMap(({ step, evaluation }) => (evaluation === undefined ? [] : [step]))
const hasReference = (step: number) => existsSync(join(folder, `checkpoints/step-00000${step}/reference`))

describe('a run that is killed at its end', () => {
  it('keeps the closing figures, once, until it trains on; has a reference where the loss has a KL term', async () => {
    const run = await createRun(folder, {
      recipe: 'r1-zero',
      version: '0',
      seed: 1,
      created: '2026-11-30T12:00:00.000Z',
      config: {},
      sources: {},
    })
    await train(configOf({ steps: 2, klWeight: 0 }), run)
    run.close()
    expect(evaluations()).toEqual([0, 2])
    expect(hasReference(2)).toBe(false)

    const trained = join(folder, 'evaluations', 'trained.json')
    writeFileSync(
      trained,
      JSON.stringify({ ...JSON.parse(read('evaluations/trained.json')), benchmark: 'old' }),
    )
    expect(await again({ steps: 2, klWeight: 0 })).toMatchObject({ benchmark: 'old' })
    expect(evaluations()).toEqual([0, 2])

    expect(await again({ steps: 3, klWeight: 0.1 })).toMatchObject({ benchmark: 'pocket-countdown' })
    expect(evaluations()).toEqual([0, 2, 3])
    expect(hasReference(3)).toBe(true)
  }, 120_000)
})

it('a question without room for its response is named before the run', async () => {
  const task = join(root, 'questions.jsonl')
  const questions = ['1 + 1?', `${'1 + '.repeat(250)}1?`, '2 + 2?', '3 + 3?']
  writeFileSync(
    task,
    questions.map((question, i) => JSON.stringify({ id: `q${i}`, question, answer: '1' })).join('\n'),
  )
  const checked = (maxTokens: number) => checkR1Zero(configOf({ maxTokens }, { task }))
  await expect(checked(8)).rejects.toThrow(ConfigError)
  await expect(checked(8)).rejects.toThrow(
    /^question q1: its prompt of \d+ tokens leaves no room for a response of 8/,
  )
})

it('refuses a run that rewards nothing', async () => {
  const checked = (rewards: object) => checkR1Zero(configOf({}, { rewards }))
  await expect(checked({ accuracy: 0, format: 0 })).rejects.toThrow('rewards: nothing is rewarded')
  await checked({ accuracy: 0 })
})
