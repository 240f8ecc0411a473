/**
 * One measurement: with the same seed, questions and decoding, the figures that training logs, those of `r1 eval` on the
 * run, and those of `r1 eval --endpoint` against `r1 serve` of it are the same to the last digit.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { findBenchmark } from '../../src/evaluation/benchmark-index.ts'
import { endpointResponder } from '../../src/evaluation/endpoint-responder.ts'
import { localResponder } from '../../src/evaluation/local-responder.ts'
import { measureModel } from '../../src/evaluation/measure-model.ts'
import type { EvaluationFigures } from '../../src/evaluation/protocol.ts'
import type { Responder } from '../../src/evaluation/responder.ts'
import { runEvaluation } from '../../src/evaluation/run-evaluation.ts'
import { openLocalModel } from '../../src/loading/local-model.ts'
import { r1Zero, r1ZeroConfig } from '../../src/recipes/r1-zero.ts'
import { createRun } from '../../src/run/folder.ts'
import { openServedModel } from '../../src/server/openai/served-model.ts'
import { startServer } from '../../src/server/server.ts'
import { pocketHeldOut } from '../../src/tasks/pocket/task.ts'
import { POCKET_CHAT_TEMPLATE } from '../../src/text/pocket-chat-template.ts'

const LONG = 240_000
const root = mkdtempSync(join(tmpdir(), 'r1-measurement-'))
afterAll(() => rmSync(root, { recursive: true }))

/** Questions and responses enough that every figure is strictly between its bounds. */
const QUESTIONS = 12
const SEED = 3
const DECODING = { samples: 3, temperature: 0.8, topP: 0.95, maxTokens: 160 }
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

/** As `r1 eval --benchmark pocket-countdown` measures, but its file's folder is new. */
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

/** The same against a server of this model, by chat and by text completions. */
async function served(path: string, reasoning: 'separate' | 'inline' = 'separate') {
  const model = await openServedModel({ id: 'here', path }, 64)
  const server = await startServer({ models: [model], reasoning, runs: root, port: 0 })
  try {
    const url = `${server.url}/v1`
    const chat = await endpointResponder({
      ...{ url, model: 'here', idleSeconds: 60, reasoningModel: false, concurrency: 8 },
    })
    return { chat: await evaluated(chat), text: await evaluated(await localResponder(`${path}@${url}`)) }
  } finally {
    await server.drain(0)
    model.model.close()
  }
}

describe('one measurement', () => {
  it('in training, of the run, and through a server', { timeout: LONG }, async () => {
    const folder = join(root, 'run')
    const info = { recipe: 'r1-zero', version: '0', seed: SEED, created: '', config: {}, sources: {} }
    const run = await createRun(folder, info)
    const { samples, temperature, topP, maxTokens } = DECODING
    await r1Zero({
      run,
      config: r1ZeroConfig.parse({
        seed: SEED,
        grpo: { steps: 1, groupSize: 2, questionsPerStep: 1, minibatches: 1, maxTokens, learningRate: 1e-4 },
        evaluation: { questions: QUESTIONS, samples, temperature, topP },
      }),
    })
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
    const { chat, text } = await served(folder)
    expect(chat).toEqual(trained)
    expect(text).toEqual(trained)
  })

  it.each([
    ['empty thinking, as R1 has it', '{%- set x = 0 %}', ' Assistant: <think> </think>'],
    ['thinking that the template opens', '{%- set x = 0 %}', ' Assistant: <think>'],
    ['thinking that the model opens', '', ' Assistant:'],
  ])('of a chat model: %s', { timeout: LONG }, async (_, before, ending) => {
    const path = mkdtempSync(join(root, 'chat-'))
    cpSync('models/pocket-base', path, { recursive: true })
    const file = join(path, 'tokenizer_config.json')
    expect(existsSync(file)).toBe(true)
    const template = before + POCKET_CHAT_TEMPLATE.replace("{{ ' Assistant:' }}", `{{ '${ending}' }}`)
    const settings = JSON.parse(readFileSync(file, 'utf8')) as object
    writeFileSync(file, JSON.stringify({ ...settings, chat_template: template }))

    const model = await openLocalModel(path)
    expect(model.answerForm).toBe('think')
    const { samples, ...sampling } = DECODING
    const set = pocketHeldOut('countdown', QUESTIONS)
    const measured = await measureModel(model, { set, samples, sampling, seed: SEED })
    model.engine.close()
    const figures = figuresIn(measured!.figures)
    expect(figures.answeredShare).toBeGreaterThan(0)

    expect(await evaluated(await localResponder(path))).toEqual(figures)
    const { chat, text } = await served(path, 'inline')
    expect(chat).toEqual(figures)
    expect(text).toEqual(figures)
  })
})
