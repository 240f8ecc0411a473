/**
 * What every engine must do, however far away its weights are: the same tests for the embedded engine, for a client of
 * our own server and for a client of another one. Each engine trains adapters of rank 4 on the tiny Llama.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Datum, Engine, SampleRequest } from '../../src/engine/engine.ts'
import { openModel } from '../../src/loading/local-model.ts'
import { coefficients } from '../../src/objectives/coefficients.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import type { Objective } from '../../src/objectives/objective.ts'
import { policyGradient } from '../../src/objectives/policy-gradient.ts'
import { randomStream } from '../../src/random.ts'
import { writeTinyLlama } from '../tiny-llama.ts'

export const LORA = { rank: 4, alpha: 32, targets: ['all-linear'] }

export interface EngineTraits {
  /** How far log-probabilities may be from the embedded engine's. */
  tolerance: number
  clipsGradients: boolean
  /** Snapshots can be sampled and scored. */
  freezes: boolean
}

const LONG = 600_000
const V = 544
const { integer, uniform, normal } = randomStream(7, 'engine suite')
const tokens = (length: number) => Int32Array.from({ length }, () => integer(5, V - 1))

/** Prompts of 3 tokens, of two questions, with responses of different lengths. */
const prompts = [tokens(3), tokens(3)]
const sequences = [12, 21, 7, 16].map((length, i) => Int32Array.from([...prompts[i % 2]!, ...tokens(length)]))

/** Weights as GRPO's: 1/(G|o|) on the response, nothing on the prompt. */
const batchOf = (inputs: (N: number, i: number) => Record<string, Float32Array>): Datum[] =>
  sequences.map((sequence, i) => {
    const N = sequence.length - 1
    const weights = new Float32Array(N).fill(1 / (sequences.length * (N - 2)), 2)
    return { tokens: sequence, weights, inputs: inputs(N, i) }
  })

const adamw = {
  learningRate: 1e-2,
  beta1: 0.9,
  beta2: 0.95,
  epsilon: 1e-8,
  weightDecay: 0,
  gradientClipNorm: 0,
}
/** With so large an ε an update is proportional to the gradient. */
const proportional = { ...adamw, learningRate: 50, epsilon: 100 }

const request = (given: Partial<SampleRequest> = {}): SampleRequest => ({
  prompt: prompts[0]!,
  samples: 3,
  seed: 3,
  options: { maxTokens: 8, temperature: 1, stopTokens: [] },
  ...given,
})
const worst = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
  Math.max(...a.map((sequence, s) => Math.max(...sequence.map((x, t) => Math.abs(x - b[s]![t]!)))))
const differences = (a: readonly Float32Array[], b: readonly Float32Array[]) =>
  a.map((sequence, s) => sequence.map((x, t) => x - b[s]![t]!))

/** `start` gets the folder of the base model and gives what opens a fresh model on it. */
export function engineSuite(
  name: string,
  { tolerance, clipsGradients, freezes }: EngineTraits,
  start: (base: string) => Promise<() => Promise<Engine>>,
): void {
  describe(name, () => {
    let folder: string
    let base: string
    let openFresh: () => Promise<Engine>
    const opened: Engine[] = []
    const open = async () => {
      const engine = await openFresh()
      opened.push(engine)
      return engine
    }
    const copy = async (from: Engine, to: Engine) => {
      const saved = await mkdtemp(join(folder, 'copy-'))
      await from.save(saved)
      await to.load(saved)
    }
    /** The embedded engine with the weights that `engine` has. */
    const twin = async (engine: Engine) => {
      const { engine: local } = await openModel(base, { lora: LORA, minRowLength: 64 })
      opened.push(local)
      await copy(engine, local)
      return local
    }
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'r1-engine-'))
      base = join(folder, 'base')
      await writeTinyLlama(base)
      openFresh = await start(base)
    }, LONG)
    afterAll(async () => {
      for (const engine of opened) engine.close()
      await rm(folder, { recursive: true })
    }, LONG)

    it('scores as the embedded engine does, and samples what it would score', { timeout: LONG }, async () => {
      const engine = await open()
      const local = await twin(engine)
      expect(worst(await engine.logprobs(sequences), await local.logprobs(sequences))).toBeLessThan(tolerance)
      const [responses] = await engine.sample([request()])
      expect(responses!.map(({ tokens: drawn }) => drawn.length)).toEqual([8, 8, 8])
      const whole = responses!.map((r) => Int32Array.from([...prompts[0]!, ...r.tokens]))
      const scored = (await local.logprobs(whole)).map((sequence) =>
        sequence.subarray(prompts[0]!.length - 1),
      )
      const sampled = responses!.map(({ logprobs }) => logprobs)
      expect(worst(sampled, scored)).toBeLessThan(tolerance)
      const drawn = responses!.map(({ samplingLogprobs }) => samplingLogprobs)
      expect(worst(drawn, sampled)).toBeLessThan(tolerance)
    })

    it('samples by seed and number alone, greedily at temperature 0, and to a stop token', {
      timeout: LONG,
    }, async () => {
      const engine = await open()
      const say = async (...requests: SampleRequest[]) =>
        (await engine.sample(requests)).map((group) => group.map((r) => Array.from(r.tokens)))
      const [first, second] = await say(request(), request({ prompt: prompts[1]!, seed: 4 }))
      expect(await say(request({ prompt: prompts[1]!, seed: 4 }), request())).toEqual([second, first])
      expect(new Set(first!.map(String)).size).toBe(3)
      const greedy = { maxTokens: 4, temperature: 0, stopTokens: [] }
      const [[likeliest, again] = []] = await say(request({ samples: 2, options: greedy }))
      expect(again).toEqual(likeliest)
      const [one] = await say(request())
      const stop = one![0]![2]!
      const [[stopped] = []] = await engine.sample([
        request({ options: { maxTokens: 8, temperature: 1, stopTokens: [stop] } }),
      ])
      expect(stopped!.stopReason).toBe('stop')
      expect(Array.from(stopped!.tokens)).toEqual(one![0]!.slice(0, one![0]!.indexOf(stop) + 1))
      expect(stopped!.logprobs.length).toBe(stopped!.tokens.length)
    })

    it('aborted requests end', { timeout: LONG }, async () => {
      const engine = await open()
      const [responses] = await engine.sample([request({ samples: 2, signal: AbortSignal.abort() })])
      expect(responses!.map((r) => [r.stopReason, r.tokens.length])).toEqual([
        ['aborted', 0],
        ['aborted', 0],
      ])
    })

    const wide = (N: number, scale = 1) => Float32Array.from({ length: N }, () => scale * normal())
    const rewarded = batchOf((N, i) => ({
      advantages: new Float32Array(N).fill([1, -1, 0.5, -0.3][i]!),
      oldLogprobs: wide(N, 0.4).map((x) => -6 + x),
      referenceLogprobs: wide(N, 0.4).map((x) => -6 + x),
      coefficients: wide(N),
    }))
    const objectives: [string, Objective][] = [
      ['cross-entropy', crossEntropy],
      ['importance sampling', policyGradient({ surrogate: 'unclipped', klWeight: 0 })],
      ['GRPO without KL', policyGradient({ klWeight: 0 })],
      ['GRPO', policyGradient({ klWeight: 0.1 })],
      ['DAPO', policyGradient({ klWeight: 0, clipHigh: 0.28 })],
      ['GSPO', policyGradient({ klWeight: 0, ratio: 'sequence' })],
      ['CISPO', policyGradient({ klWeight: 0, surrogate: 'cispo' })],
      ['two-sided clip', policyGradient({ klWeight: 0, ratioCap: 2 })],
      ['coefficients of any sign', coefficients],
    ]
    /** One pair that goes through all objectives in step: opening and compiling takes most of the time. */
    let pair: Promise<[Engine, Engine]> | undefined
    const openPair = async (): Promise<[Engine, Engine]> => {
      const engine = await open()
      return [engine, await twin(engine)]
    }
    it.each(objectives)(
      '%s: value, statistics and the effect of two updates',
      { timeout: LONG },
      async (_, objective) => {
        pair ??= openPair()
        const [engine, local] = await pair
        // Small differences grow over many updates; each objective starts without any.
        await copy(engine, local)
        // Old log-probabilities near the policy's own, so that some are clipped and some are not.
        const start = await local.logprobs(sequences)
        const batch = rewarded.map((datum, i) => ({
          ...datum,
          inputs: Object.fromEntries(
            Object.entries(datum.inputs!).map(([input, values]) => [
              input,
              input.endsWith('Logprobs') ? values.map((x, t) => start[i]![t]! + x + 6) : values,
            ]),
          ),
        }))
        for (let update = 0; update < 2; update++) {
          const [ours, theirs] = [
            await local.forwardBackward(batch, objective),
            await engine.forwardBackward(batch, objective),
          ]
          expect(theirs.loss).toBeCloseTo(ours.loss, 3)
          expect(worst(theirs.logprobs, ours.logprobs)).toBeLessThan(0.02)
          for (const [statistic, value] of Object.entries(ours.statistics))
            expect([statistic, theirs.statistics[statistic]]).toEqual([statistic, expect.closeTo(value, 1)])
          const norms = [await local.optimStep(proportional), await engine.optimStep(proportional)]
          if (Number.isFinite(norms[1]!.gradientNorm))
            expect(norms[1]!.gradientNorm / norms[0]!.gradientNorm).toBeCloseTo(1, 1)
        }
        const moved = differences(await local.logprobs(sequences), start)
        const theirs = differences(await engine.logprobs(sequences), start)
        const size = Math.max(...moved.map((values) => Math.max(...values.map(Math.abs))))
        expect(size).toBeGreaterThan(0.01)
        expect(worst(theirs, moved) / size).toBeLessThan(0.03)
      },
    )

    it('gradients add up over calls until the update', { timeout: LONG }, async () => {
      const [engine, local] = await pair!
      await copy(engine, local)
      const start = await local.logprobs(sequences)
      await local.forwardBackward(rewarded, crossEntropy)
      await engine.forwardBackward(rewarded.slice(0, 1), crossEntropy)
      await engine.forwardBackward(rewarded.slice(1), crossEntropy)
      await local.optimStep(proportional)
      await engine.optimStep(proportional)
      const moved = differences(await local.logprobs(sequences), start)
      const size = Math.max(...moved.map((values) => Math.max(...values.map(Math.abs))))
      expect(worst(differences(await engine.logprobs(sequences), start), moved) / size).toBeLessThan(0.03)
    })

    it('nothing teaches nothing: an update after no data leaves the model as it was', {
      timeout: LONG,
    }, async () => {
      const engine = await open()
      const start = await engine.logprobs(sequences)
      const { loss, logprobs } = await engine.forwardBackward([], crossEntropy)
      expect({ loss, logprobs }).toEqual({ loss: 0, logprobs: [] })
      await engine.optimStep(adamw)
      expect(await engine.logprobs([])).toEqual([])
      expect(worst(await engine.logprobs(sequences), start)).toBeLessThan(1e-4)
    })

    const clipping = async () => {
      const [engine, local] = await pair!
      await copy(engine, local)
      const clipped = { ...proportional, gradientClipNorm: 0.01 }
      for (const one of [engine, local]) {
        await one.forwardBackward(rewarded, crossEntropy)
        await one.optimStep(clipped)
      }
      expect(worst(await engine.logprobs(sequences), await local.logprobs(sequences))).toBeLessThan(1e-3)
    }
    if (clipsGradients) it('clips gradients', { timeout: LONG }, clipping)

    it('learns: twenty updates of cross-entropy', { timeout: LONG }, async () => {
      const engine = await open()
      const losses: number[] = []
      for (let step = 0; step < 20; step++) {
        losses.push((await engine.forwardBackward(rewarded, crossEntropy)).loss)
        await engine.optimStep(adamw)
      }
      expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)
    })

    const freezing = async () => {
      const engine = await open()
      await engine.forwardBackward(rewarded, crossEntropy)
      await engine.optimStep(adamw)
      const snapshot = await engine.snapshot()
      const scores = await snapshot.logprobs(sequences)
      expect(worst(scores, await engine.logprobs(sequences))).toBeLessThan(tolerance)
      const speech = await snapshot.sample([request()])
      await engine.forwardBackward(rewarded, crossEntropy)
      await engine.optimStep(adamw)
      expect(worst(scores, await engine.logprobs(sequences))).toBeGreaterThan(0.02)
      expect(worst(await snapshot.logprobs(sequences), scores)).toBeLessThan(tolerance)
      const saved = join(folder, `snapshot-${uniform()}`)
      await snapshot.save(saved)
      const loaded = await engine.loadSnapshot(saved)
      expect(worst(await loaded.logprobs(sequences), scores)).toBeLessThan(tolerance)
      expect((await loaded.sample([request()]))[0]!.map((r) => r.tokens)).toEqual(
        speech[0]!.map((r) => r.tokens),
      )
      snapshot.close()
      loaded.close()
    }
    const refusing = async () => {
      const snapshot = await (await open()).snapshot()
      await expect(snapshot.logprobs(sequences)).rejects.toThrow('keeps no frozen copies')
    }
    if (freezes) it('snapshots stay as training continues, and survive a folder', { timeout: LONG }, freezing)
    else it('says that it keeps no frozen copies', { timeout: LONG }, refusing)

    it('continues from what it saved as if nothing had happened', { timeout: LONG }, async () => {
      const engine = await open()
      const step = async (trained: Engine) => {
        const { loss } = await trained.forwardBackward(rewarded, crossEntropy)
        await trained.optimStep(adamw)
        return loss
      }
      await step(engine)
      await step(engine)
      const saved = join(folder, `saved-${uniform()}`)
      await engine.save(saved, { optimizer: true })
      const losses = [await step(engine), await step(engine)]
      await engine.load(saved, { optimizer: true })
      expect([await step(engine), await step(engine)]).toEqual(losses.map((loss) => expect.closeTo(loss, 4)))
      const other = await open()
      await other.load(saved, { optimizer: true })
      expect([await step(other), await step(other)]).toEqual(losses.map((loss) => expect.closeTo(loss, 4)))
    })
  })
}
