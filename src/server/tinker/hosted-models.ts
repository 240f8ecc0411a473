/**
 * The models that clients train and the copies they sample from. A model's requests run in the order they came, each
 * once: one that comes again with its number gets the first one's future, as long as that is kept. Copies are sampled
 * meanwhile.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto'
import type { EmbeddedEngine } from '../../engine/embedded/embedded-engine.ts'
import type { Policy, Snapshot } from '../../engine/engine.ts'
import type { AdamParams, ForwardInput, SamplingParams } from '../../engine/tinker/wire.ts'
import { openModel } from '../../loading/local-model.ts'
import type { CheckpointKind, CheckpointStore } from './checkpoint-store.ts'
import type { Futures } from './futures.ts'
import { createOpenedWeights } from './opened-weights.ts'
import { WireError } from './wire-error.ts'
import { datumTokens, trainingBatch } from './wire-losses.ts'

export interface HostedModel {
  id: string
  session: string
  rank: number
  engine: EmbeddedEngine
  /** The last request that was queued. */
  last: Promise<unknown>
  /** Requests by their number, oldest first, with a digest of what they said; those whose futures are kept. */
  numbers: Map<number, { said: string; future: string }>
  /** The greatest number that was among them and is no longer. */
  forgotten: number
  /** Sampling sessions of copies in memory, oldest first. */
  copies: string[]
}

export interface NewModel {
  session: string
  /** Its number in the session. */
  number: number
  /** Of its adapters; 0 trains all parameters. */
  rank: number
  seed?: number | null | undefined
  /** Saved weights to begin with. */
  from?: { path: string; folder: string; optimizer: boolean }
}

/** What is sampled from: weights on disk, or a copy in memory. */
export interface Sampler {
  /** The `tinker://` path of saved weights. */
  path: string | null
  /** Of weights on disk. */
  folder?: string
  /** The client's session that opened it; copies go with their model. */
  session?: string
  use<T>(work: (policy: Policy) => Promise<T>): Promise<T>
  close?: () => void
}

export interface HostedModelsOptions {
  /** A model folder or pocket-base. */
  base: string
  /** Models in training at a time. */
  most: number
  futures: Futures
  store: CheckpointStore
}

/** The wire has no alpha; this is what its servers take. */
const ALPHA = 32

/** Sampling sessions of all clients, which cost little. */
const MOST_SAMPLERS = 10_000

/** Copies of a model that can be sampled at a time, without having been saved under a name. */
const COPIES = 4

export type HostedModels = ReturnType<typeof createHostedModels>

export function createHostedModels(options: HostedModelsOptions) {
  const { base, most, futures, store } = options
  const models = new Map<string, HostedModel>()
  /** Futures of their creations, as long as they are kept, by their names. */
  const creations = new Map<string, string>()
  /** Owners of those that are being made; an owner that leaves meanwhile takes its model along. */
  const inTheMaking = new Map<string, string>()
  /** By the names of their sampling sessions. */
  const samplers = new Map<string, Sampler>()
  const opened = createOpenedWeights(async (folder) => (await openModel(folder, { minRowLength: 64 })).engine)

  function get(id: string): HostedModel {
    const model = models.get(id)
    if (model === undefined) throw new WireError(404, `Model not found: ${id}`)
    return model
  }

  async function create(id: string, { session, rank, seed, from }: NewModel): Promise<void> {
    const lora = rank === 0 ? undefined : { rank, alpha: ALPHA, targets: ['all-linear'] }
    const { engine } = await openModel(base, {
      lora,
      seed: seed ?? randomInt(2 ** 31),
      minRowLength: 256,
    })
    try {
      if (from !== undefined) await engine.load(from.folder, { optimizer: from.optimizer })
      if (!inTheMaking.has(id)) throw new WireError(404, `Session not found: ${session}`)
    } catch (error) {
      engine.close()
      throw error
    }
    models.set(id, {
      id,
      session,
      rank,
      engine,
      last: Promise.resolve(),
      numbers: new Map(),
      forgotten: -1,
      copies: [],
    })
  }

  /** Runs `work` after all that was queued before it. */
  function queue<T>(model: HostedModel, work: () => Promise<T>): Promise<T> {
    const done = model.last.then(work, work)
    model.last = done.catch(() => {})
    return done
  }

  /**
   * The future of a request that `start`s its work, or of the same request when it came before. `tokens` bounds its
   * result's size.
   */
  function once(
    model: HostedModel,
    number: number | null | undefined,
    said: unknown,
    start: () => Promise<unknown>,
    tokens = 0,
  ): string {
    for (const [old, { future }] of model.numbers) {
      if (futures.has(future)) break
      model.numbers.delete(old)
      model.forgotten = Math.max(model.forgotten, old)
    }
    const digest = createHash('sha256').update(JSON.stringify(said)).digest('base64')
    const former = number == null ? undefined : model.numbers.get(number)
    if (former?.said === digest) return former.future
    if (number != null && (former !== undefined || number <= model.forgotten))
      throw new WireError(409, `Training request sequence number was reused: ${number}`)
    futures.admit(tokens)
    const future = futures.add(start(), tokens)
    if (number != null) model.numbers.set(number, { said: digest, future })
    return future
  }

  function forget(session: string): void {
    samplers.get(session)?.close?.()
    samplers.delete(session)
  }

  return {
    get,
    queue,
    once,

    /** The official SDK makes the same name of session and number; one that comes again is created once. */
    create(model: NewModel): { id: string; future: string } {
      const id = `${model.session}:train:${model.number}`
      for (const [old, future] of creations) if (!futures.has(future)) creations.delete(old)
      const former = creations.get(id)
      if (former !== undefined) return { id, future: former }
      if (models.has(id)) throw new WireError(409, `There is a model ${id} already`)
      if (models.size + inTheMaking.size >= most)
        throw new WireError(429, `${most} models are in training; unload one, or come back later`)
      futures.admit(0)
      inTheMaking.set(id, model.session)
      const made = create(id, model)
        .finally(() => inTheMaking.delete(id))
        .then(() => ({
          model_id: id,
          ...(model.from === undefined
            ? { type: 'create_model' }
            : { type: 'load_weights', path: model.from.path }),
        }))
      const future = futures.add(made)
      creations.set(id, future)
      return { id, future }
    },

    unload(id: string): void {
      const model = get(id)
      models.delete(id)
      for (const session of model.copies) forget(session)
      void model.last.finally(() => model.engine.close())
    },

    /** With what it opened to sample from. */
    unloadSession(session: string): void {
      for (const model of [...models.values()]) if (model.session === session) this.unload(model.id)
      for (const [id, owner] of inTheMaking) if (owner === session) inTheMaking.delete(id)
      for (const [name, sampler] of samplers) if (sampler.session === session) forget(name)
    },

    forward: async ({ engine }: HostedModel, { data }: ForwardInput) =>
      outputs(await engine.logprobs(data.map((datum, d) => datumTokens(datum, d)))),

    async forwardBackward(model: HostedModel, input: ForwardInput) {
      const { batch, objective } = trainingBatch(input)
      const { loss, logprobs } = await model.engine.forwardBackward(batch, objective)
      return { ...outputs(logprobs), metrics: { 'loss:sum': loss } }
    },

    async optimStep(model: HostedModel, adam: AdamParams) {
      const { engine } = model
      const { gradientNorm } = await engine.optimStep({
        learningRate: adam.learning_rate,
        beta1: adam.beta1,
        beta2: adam.beta2,
        epsilon: adam.eps,
        weightDecay: adam.weight_decay,
        gradientClipNorm: adam.grad_clip_norm,
      })
      return { metrics: { 'skyrl.ai/grad_norm': gradientNorm, 'skyrl.ai/learning_rate': adam.learning_rate } }
    },

    /** A copy in memory, of which the newest few stay. */
    async publish(model: HostedModel, session: string): Promise<void> {
      const copy: Snapshot = await model.engine.snapshot()
      samplers.set(session, { path: null, use: (work) => work(copy), close: () => copy.close() })
      model.copies.push(session)
      if (model.copies.length > COPIES) forget(model.copies.shift()!)
    },

    samplerOf(source: { base: true } | { path: string }): Sampler {
      const path = 'path' in source ? source.path : null
      const folder = path === null ? base : store.find(path, 'sampler_weights')
      return { path, folder, use: (work) => opened.use(folder, work) }
    },

    /** The name of a sampling session. */
    openSampler(session: string, sampler: Sampler): string {
      if (samplers.size >= MOST_SAMPLERS)
        throw new WireError(429, `${MOST_SAMPLERS} sampling sessions are open`)
      const name = `sampling_${randomUUID().slice(0, 8)}`
      samplers.set(name, { ...sampler, session })
      return name
    },

    sampler(session: string): Sampler {
      const found = samplers.get(session)
      if (found === undefined) throw new WireError(404, `Sampling session not found: ${session}`)
      return found
    },

    /** Saved weights, and what was sampled from them: others may be saved under their name. */
    async remove(model: string, kind: CheckpointKind, name: string): Promise<void> {
      const folder = await store.remove(model, kind, name)
      for (const [session, sampler] of samplers) if (sampler.folder === folder) forget(session)
      void opened.drop(folder)
    },

    async close(): Promise<void> {
      for (const { id, engine, last } of [...models.values()]) {
        models.delete(id)
        await last
        engine.close()
      }
      await opened.close()
    },
  }
}

const outputs = (logprobs: readonly Float32Array[]) => ({
  loss_fn_output_type: 'scalar',
  loss_fn_outputs: logprobs.map((sequence) => ({
    logprobs: { data: Array.from(sequence), dtype: 'float32', shape: [sequence.length] },
  })),
  metrics: {},
})

export async function sampled(
  policy: Policy,
  request: { prompt: number[]; samples: number; params: SamplingParams; scorePrompt: boolean },
) {
  const { prompt, samples, params, scorePrompt } = request
  const tokens = Int32Array.from(prompt)
  const [responses] = await policy.sample([
    {
      prompt: tokens,
      samples,
      seed: params.seed ?? randomInt(2 ** 31),
      options: {
        maxTokens: params.max_tokens,
        temperature: params.temperature,
        topP: params.top_p,
        topK: Math.max(0, params.top_k),
        stopTokens: params.stop ?? [],
      },
    },
  ])
  const [scores] = scorePrompt ? await policy.logprobs([tokens]) : []
  return {
    sequences: responses!.map(({ tokens: drawn, logprobs, stopReason }) => ({
      stop_reason: stopReason === 'stop' ? 'stop' : 'length',
      tokens: Array.from(drawn),
      logprobs: Array.from(logprobs),
    })),
    prompt_logprobs: scores === undefined ? null : [null, ...scores],
  }
}
