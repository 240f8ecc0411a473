/** Runs through a server that fails now and then, or goes away: the same metrics, or a sentence and a resumable run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { grpo } from '../../src/algorithms/grpo.ts'
import { grpoConfig } from '../../src/algorithms/grpo-config.ts'
import { probe } from '../../src/engine/tinker/capabilities.ts'
import { CONNECTION, createClient } from '../../src/engine/tinker/client.ts'
import { openTinkerEngine } from '../../src/engine/tinker/tinker-engine.ts'
import { openModelText } from '../../src/loading/local-model.ts'
import { type RunningEngineServer, startEngineServer } from '../../src/server/tinker/engine-server.ts'
import { startFaultyProxy } from '../faulty-proxy.ts'
import { letterQuestion, letterTask } from '../letter-world.ts'
import { writeTinyLlama } from '../tiny-llama.ts'

const LONG = 600_000
let folder: string
let base: string
let server: RunningEngineServer
const serve = (port = 0) =>
  startEngineServer({ base, checkpoints: join(folder, 'checkpoints'), port, holdSeconds: 0.3 })
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'r1-faults-'))
  base = join(folder, 'base')
  await writeTinyLlama(base)
  server = await serve()
}, LONG)
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
}, LONG)

const config = grpoConfig.parse({
  steps: 4,
  questionsPerStep: 2,
  groupSize: 4,
  minibatches: 1,
  maxTokens: 6,
  learningRate: 1e-2,
  gradientClipNorm: 0,
  klWeight: 0.1,
  referenceRefresh: 2,
})

interface Course {
  url: string
  patienceSeconds?: number
  notes?: string[]
  steps?: number
  /** A checkpoint to continue from, of a step. */
  resume?: { folder: string; step: number }
  onStep?: (step: number) => Promise<void> | void
  /** Saved after each step under its number. */
  saved?: string
}

/** Four updates on the tiny model; a response is as good as it has even tokens. */
async function train({ url, patienceSeconds = 60, notes = [], steps, resume, onStep, saved }: Course) {
  const client = createClient({ url, ...CONNECTION, patienceSeconds, note: (text) => notes.push(text) })
  const { capabilities, models } = await probe(client, 'auto')
  const engine = await openTinkerEngine({ client, capabilities, baseModel: models[0]!, rank: 4 })
  const { tokenizer } = await openModelText(base)
  const metrics: Record<string, number>[] = []
  try {
    if (resume !== undefined) await engine.load(resume.folder, { optimizer: true })
    await grpo({
      engine,
      tokenizer,
      renderPrompt: ({ prompt }) => prompt,
      rewards: [{ name: 'even', weight: 1, score: ({ text }) => even(tokenizer.encode(text)) }],
      config: steps === undefined ? config : { ...config, steps },
      seed: 1,
      question: (index) => ({ question: letterQuestion('ab'[index % 2]!, index), task: letterTask }),
      fromStep: resume?.step ?? 0,
      ...(resume && { reference: await engine.loadSnapshot(join(resume.folder, 'reference')) }),
      onStep: async ({ step, metrics: logged }) => {
        metrics.push(logged)
        await onStep?.(step)
      },
      onRollout: async ({ step, reference }) => {
        if (saved === undefined) return
        await engine.save(join(saved, String(step)), { optimizer: true })
        await reference!.save(join(saved, String(step), 'reference'))
      },
    })
    return { metrics, weights: await engine.logprobs([Int32Array.of(7, 8, 9, 10, 11, 12)]) }
  } finally {
    engine.close()
  }
}

const even = (tokens: Int32Array) => tokens.filter((token) => token % 2 === 0).length / (tokens.length || 1)

const near = (metrics: readonly Record<string, number>[]) =>
  metrics.map((line) =>
    Object.fromEntries(Object.entries(line).map(([name, value]) => [name, expect.closeTo(value, 4)])),
  )

let plain: Awaited<ReturnType<typeof train>>

it('trains, so that there is something to compare', { timeout: LONG }, async () => {
  plain = await train({ url: server.url })
  expect(plain.metrics).toHaveLength(4)
  expect(plain.metrics[3]!.gradientNorm).toBeGreaterThan(0)
  expect(plain.metrics[3]!.kl).toBeGreaterThan(0)
})

it('failures, lost answers, duplicates and delays change nothing', { timeout: LONG }, async () => {
  const proxy = await startFaultyProxy(server.url, 0.08)
  const { metrics, weights } = await train({ url: proxy.url })
  await proxy.close()
  const { refused: _, ...happened } = proxy.counts
  for (const count of Object.values(happened)) expect(count).toBeGreaterThan(0)
  expect(metrics).toEqual(near(plain.metrics))
  expect(Array.from(weights[0]!)).toEqual(Array.from(plain.weights[0]!, (x) => expect.closeTo(x, 4)))
})

it('a server that is away for seconds is waited for', { timeout: LONG }, async () => {
  const proxy = await startFaultyProxy(server.url, 0)
  const notes: string[] = []
  const { metrics } = await train({
    url: proxy.url,
    notes,
    onStep: (step) => {
      if (step === 2) proxy.refuse(2000)
    },
  })
  await proxy.close()
  expect(proxy.counts.refused).toBeGreaterThan(1)
  expect(notes).toEqual([
    expect.stringMatching(/does not answer .* Waiting for it, up to 60 s\.$/),
    expect.stringMatching(/is back\.$/),
  ])
  expect(metrics).toEqual(near(plain.metrics))
})

it('a server that was restarted ends the run with a sentence, and what was saved continues', {
  timeout: LONG,
}, async () => {
  const saved = join(folder, 'saved')
  const port = Number(new URL(server.url).port)
  const cut = train({
    url: server.url,
    saved,
    async onStep(step) {
      if (step !== 3) return
      await server.close()
      server = await serve(port)
    },
  })
  await expect(cut).rejects.toThrow(/no longer has .* --resume/)
  const rest = await train({ url: server.url, resume: { folder: join(saved, '2'), step: 2 } })
  expect(rest.metrics).toEqual(near(plain.metrics.slice(2)))
})

it('a server that stays away ends the run when patience does', { timeout: LONG }, async () => {
  const proxy = await startFaultyProxy(server.url, 0)
  const cut = train({ url: proxy.url, patienceSeconds: 1, onStep: () => proxy.refuse(1e9) })
  await expect(cut).rejects.toThrow(/did not do \w+ for \d+ s .* --resume/)
  await proxy.close()
})
