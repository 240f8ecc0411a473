/**
 * One measurement: with the same seed, questions and decoding, the figures that training logs, those of `r1 eval` on the
 * run, and those of `r1 eval --endpoint` against `r1 serve` of it are the same to the last digit.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openR1Zero } from '../../src/cli/open-r1-zero.ts'
import { findBenchmark } from '../../src/evaluation/benchmark-index.ts'
import { localResponder } from '../../src/evaluation/local-responder.ts'
import { measureModel } from '../../src/evaluation/measure-model.ts'
import type { EvaluationFigures } from '../../src/evaluation/protocol.ts'
import { runEvaluation } from '../../src/evaluation/run-evaluation.ts'
import { openModel } from '../../src/loading/local-model.ts'
import { r1Zero, r1ZeroConfig } from '../../src/recipes/r1-zero.ts'
import { endpointResponder } from '../../src/responders/endpoint-responder.ts'
import type { Responder } from '../../src/responders/responder.ts'
import { createRun } from '../../src/run/folder.ts'
import { openServedModel } from '../../src/server/openai/served-model.ts'
import { startServer } from '../../src/server/server.ts'
import { pocketHeldOut } from '../../src/tasks/pocket/task.ts'
import { POCKET_CHAT_TEMPLATE } from '../../src/text/pocket-chat-template.ts'

const LONG = 600_000
const root = mkdtempSync(join(tmpdir(), 'r1-measurement-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Responses enough that the figures say something. */
const QUESTIONS = 10
const SEED = 3
const DECODING = { samples: 2, temperature: 0.8, topP: 0.95, maxTokens: 128 }
const FIGURES: (keyof EvaluationFigures)[] = [
  'n',
  'samples',
  'pass1',
  'pass1Interval',
  'passAt',
  'passK',
  'passKInterval',
  'consK',
  'consKInterval',
  'meanTokens',
  'meanThinkingTokens',
  'reflectionWords',
  'formatShare',
  'truncatedShare',
  'answeredShare',
  'mixedLanguageShare',
]
const figuresIn = (record: object) =>
  Object.fromEntries(FIGURES.map((key) => [key, (record as Partial<EvaluationFigures>)[key]]))

/** As `r1 eval --benchmark pocket-countdown` measures, each time in a new folder. */
async function evaluated(responder: Responder) {
  const { benchmark } = findBenchmark('pocket-countdown')
  const { result } = await runEvaluation({
    benchmark,
    dataFile: null,
    limit: QUESTIONS,
    responder,
    settings: DECODING,
    seed: SEED,
    folder: mkdtempSync(join(root, 'evaluation-')),
    compare: [],
  })
  await responder.close?.()
  expect([result.failed, result.responses]).toEqual([0, QUESTIONS * DECODING.samples])
  return figuresIn(result)
}

/** `measure` with a server of this model at hand. */
async function served<T>(
  path: string,
  reasoning: 'separate' | 'inline',
  measure: (url: string) => Promise<T>,
): Promise<T> {
  const model = await openServedModel({ id: 'here', path }, 64)
  const server = await startServer({ models: [model], reasoning, runs: root, port: 0 })
  try {
    return await measure(`${server.url}/v1`)
  } finally {
    await server.drain(0)
    model.model.close()
  }
}

const byChat = async (url: string) =>
  await evaluated(
    await endpointResponder({ url, model: 'here', idleSeconds: 60, reasoningModel: false, concurrency: 8 }),
  )

describe('one measurement', () => {
  it('in training, of the run, and through a server', { timeout: LONG }, async () => {
    const folder = join(root, 'run')
    const info = {
      recipe: 'r1-zero',
      version: '0',
      seed: SEED,
      created: '2026-11-30T12:00:00.000Z',
      config: {},
      sources: {},
    }
    const run = await createRun(folder, info)
    const { samples, temperature, topP, maxTokens } = DECODING
    const parts = await openR1Zero(
      r1ZeroConfig.parse({
        seed: SEED,
        grpo: { steps: 1, groupSize: 2, questionsPerStep: 1, minibatches: 1, maxTokens, learningRate: 1e-4 },
        evaluation: { questions: QUESTIONS, samples, temperature, topP },
      }),
      { folder },
    )
    await r1Zero(parts, { run, resume: undefined, seed: SEED, signal: undefined })
    parts.close()
    run.close()
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')
    const logged = (JSON.parse(lines.at(-1)!) as { evaluation: object }).evaluation
    const written = JSON.parse(readFileSync(join(folder, 'evaluations', 'trained.json'), 'utf8')) as object
    expect(written).toEqual(logged)

    const trained = figuresIn(logged)
    // Figures that say something: a base that thinks, answers and errs.
    for (const key of ['pass1', 'formatShare', 'answeredShare', 'mixedLanguageShare'] as const)
      expect([key, 0 < (trained[key] as number) && (trained[key] as number) < 1]).toEqual([key, true])
    expect(trained.meanThinkingTokens).toBeGreaterThan(1)

    expect(await evaluated(await localResponder(folder))).toEqual(trained)
    await served(folder, 'separate', async (url) => {
      expect(await byChat(url)).toEqual(trained)
      expect(await evaluated(await localResponder(`${folder}@${url}`))).toEqual(trained)
    })
  })

  it.each([
    ['opens the thinking', ' Assistant: <think>'],
    ['leaves all to the model', ' Assistant:'],
  ])('of a chat model whose template %s', { timeout: LONG }, async (_, ending) => {
    const path = mkdtempSync(join(root, 'chat-'))
    cpSync('models/pocket-base', path, { recursive: true })
    const file = join(path, 'tokenizer_config.json')
    const template = POCKET_CHAT_TEMPLATE.replace("{{ ' Assistant:' }}", `{{ '${ending}' }}`)
    const settings = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({ ...settings, chat_template: template }))

    const model = await openModel(path)
    expect(model.answerForm).toBe('think')
    const { samples, ...sampling } = DECODING
    const set = pocketHeldOut('countdown', QUESTIONS)
    const measured = await measureModel(model, { set, samples, sampling, seed: SEED })
    model.engine.close()
    const figures = figuresIn(measured!.figures)

    expect(await evaluated(await localResponder(path))).toEqual(figures)
    expect(await served(path, 'inline', byChat)).toEqual(figures)
  })
})
