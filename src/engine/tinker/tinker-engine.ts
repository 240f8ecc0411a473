/**
 * An engine behind the Tinker API: weights, gradients and optimiser are the server's. Objectives that the server knows
 * by name are sent by name; of every other one the log-probabilities are fetched, its derivative is computed here
 * (objectives/evaluate-objective.ts), and the coefficients are sent with the update. Left out: entropies, which the
 * wire does not have, and cutting a sampled sequence short in its middle.
 */
import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { replaceFile } from '../../disk/replace-file.ts'
import { EngineError } from '../../errors.ts'
import { evaluateObjective } from '../../objectives/evaluate-objective.ts'
import type { Datum, Engine, ForwardBackwardResult, Policy, Snapshot } from '../engine.ts'
import type { Capabilities } from './capabilities.ts'
import { fetchWeights, readPointer, writePointer } from './checkpoints.ts'
import { type Accepted, type TinkerClient, TinkerError } from './client.ts'
import { byCoefficients, byName, type Coefficients, chunked, forScoring } from './datums.ts'
import { createRemotePolicy } from './remote-policy.ts'
import { startSession } from './session.ts'
import {
  anything,
  checkpointList,
  type ForwardInput,
  forwardResult,
  modelCreated,
  optimResult,
  published,
  saved,
} from './wire.ts'
import { decodeForwardResult, encodeRequest } from './wire-protobuf.ts'

export interface TinkerEngineOptions {
  client: TinkerClient
  capabilities: Capabilities
  /** The name that the server gives its base model. */
  baseModel: string
  /** Of the adapters; 0 trains all parameters. */
  rank: number
  seed?: number
  /** What fetched adapters name as their base: a path or the name of a model here. */
  base?: string
  /** Files that belong beside fetched weights, by name. */
  companionFiles?: Readonly<Record<string, Uint8Array | string>>
}

/** Opens a session and a model of its own at the server; the first on a cluster may take minutes. */
export async function openTinkerEngine(options: TinkerEngineOptions): Promise<Engine> {
  const { client, capabilities, baseModel, rank, seed = 0, base = baseModel, companionFiles = {} } = options
  const session = await startSession(client)
  let models = 0
  let model = await createModel()
  /** Of the model's next training request, from 1. */
  let number = 1
  let waiting: Coefficients[] = []
  let live: Policy | undefined
  let publications = 0
  let last: Promise<unknown> = Promise.resolve()

  async function createModel(): Promise<string> {
    const created = await client.submit(
      'create_model',
      {
        session_id: session.id,
        model_seq_id: models++,
        base_model: baseModel,
        lora_config: { rank, seed },
        type: 'create_model',
      },
      { json: modelCreated },
    )
    return (await created.done()).model_id
  }

  /** Requests reach the server in the order of their numbers: each is accepted before the next is sent. */
  function inOrder<T>(send: () => Promise<T>): Promise<T> {
    const sent = last.then(send, send)
    last = sent.catch(() => {})
    return sent
  }

  const numbered = <T>(
    path: string,
    body: object,
    json: z.ZodType<T>,
    repeatable = capabilities.deduplicates,
  ): Promise<Accepted<T>> =>
    client.submit(path, { model_id: model, seq_id: number++, ...body, type: path }, { json }, { repeatable })

  const pass = (path: 'forward' | 'forward_backward', input: ForwardInput) =>
    capabilities.protobuf
      ? client.submit(
          'forward_backward',
          encodeRequest({ model_id: model, seq_id: number++, input, forwardOnly: path === 'forward' }),
          { json: forwardResult, protobuf: decodeForwardResult },
          { repeatable: capabilities.deduplicates },
        )
      : numbered(path, { [`${path}_input`]: input }, forwardResult)

  /** Outputs of all sequences, in order. */
  async function run(path: 'forward' | 'forward_backward', input: ForwardInput): Promise<Float32Array[]> {
    const accepted = await inOrder(async () => {
      const all = []
      for (const chunk of chunked(input)) all.push(await pass(path, chunk))
      return all
    })
    const results = await Promise.all(accepted.map(({ done }) => done()))
    const outputs = results.flatMap(({ loss_fn_outputs }) => loss_fn_outputs)
    return input.data.map((datum, d) => {
      const logprobs = Float32Array.from(outputs[d]?.logprobs?.data ?? [])
      const positions = datum.loss_fn_inputs.target_tokens!.data.length
      if (logprobs.length !== positions)
        throw new EngineError(
          `the server answered ${logprobs.length} log-probabilities for ${positions} tokens.`,
        )
      return logprobs
    })
  }

  const score = (sequences: readonly Int32Array[]) => run('forward', forScoring(sequences))

  /** Saves under a name of its own; where an answer was lost, the list of checkpoints tells whether it was done. */
  async function save<T extends { path?: string | null | undefined }>(
    path: 'save_weights' | 'save_weights_for_sampler',
    result: z.ZodType<T>,
  ): Promise<string> {
    const name = `r1-${randomUUID()}`
    try {
      const accepted = await inOrder(() => numbered(path, { path: name }, result, true))
      const { path: at } = await accepted.done()
      if (at) return at
      throw new EngineError(`${path}: the server gave no path.`)
    } catch (error) {
      if (!(error instanceof TinkerError && error.status === 409)) throw error
      return await existing(name)
    }
  }

  async function existing(name: string): Promise<string> {
    const list = `training_runs/${model}/checkpoints`
    for (let tries = 0; tries < 60; tries++) {
      const { checkpoints } = await client.request(list, undefined, checkpointList)
      const found = checkpoints.find(({ checkpoint_id }) => checkpoint_id.endsWith(name))
      if (found?.tinker_path) return found.tinker_path
      await new Promise((passed) => setTimeout(passed, 1000))
    }
    throw new EngineError(`the server says that ${name} is taken, and does not list it.`)
  }

  const freeze = (path: string): Snapshot => ({
    ...createRemotePolicy(client, capabilities, async () => {
      if (capabilities.frozenSnapshots) return await session.sampler(path)
      throw new EngineError(`${capabilities.server} keeps no frozen copies of weights that could be used.`)
    }),
    save: (folder) => writePointer(folder, { server: client.connection.url, path, kind: 'sampler' }),
    close() {},
  })

  /** The weights as they are now, for sampling until the next update: a copy that the server need not keep. */
  async function publish(): Promise<string> {
    const send = () =>
      numbered('save_weights_for_sampler', { sampling_session_seq_id: publications++ }, published, true)
    const accepted = await inOrder(send).catch((error) => {
      // Its answer was lost, and servers name what they publish by its number: it is done again under the next one.
      if (error instanceof TinkerError && error.status === 409) return inOrder(send)
      throw error
    })
    const { sampling_session_id: id } = await accepted.done()
    if (id) return id
    throw new EngineError('save_weights_for_sampler: the server opened no sampling session.')
  }

  return {
    sample(requests) {
      live ??= createRemotePolicy(client, capabilities, publish)
      return live.sample(requests)
    },
    logprobs: score,

    async forwardBackward(batch, objective): Promise<ForwardBackwardResult> {
      const { named } = objective
      const direct = named && capabilities.reduction === 'sum' && capabilities.losses.includes(named.name)
      const logprobs = direct
        ? await run('forward_backward', byName(named, batch))
        : await score(batch.map(({ tokens }) => tokens))
      const value = evaluateObjective(
        objective,
        batch.map(({ weights, inputs }, d) => ({
          logprobs: logprobs[d]!,
          weights,
          ...(inputs && { inputs }),
        })),
      )
      if (value.entropyCoefficients.some((sequence) => sequence.some((c) => c !== 0)))
        throw new EngineError('an objective with an entropy term cannot be trained through the Tinker API.', {
          remedy: 'Set its entropyWeight to 0.',
        })
      if (!direct)
        waiting.push(
          ...batch.map(({ tokens }, d) => ({
            tokens,
            logprobs: logprobs[d]!,
            coefficients: value.coefficients[d]!,
          })),
        )
      return { loss: value.loss, logprobs, entropy: surprise(batch, logprobs), statistics: value.statistics }
    },

    async optimStep(adamw) {
      const teaching = waiting.filter(({ coefficients }) => Array.from(coefficients).some((c) => c !== 0))
      const sent = teaching.length > 0 ? teaching : waiting.slice(0, 1)
      waiting = []
      const backward =
        sent.length > 0 ? run('forward_backward', byCoefficients(sent, capabilities.reduction)) : undefined
      const stepped = inOrder(() =>
        numbered(
          'optim_step',
          {
            adam_params: {
              learning_rate: adamw.learningRate,
              beta1: adamw.beta1,
              beta2: adamw.beta2,
              eps: adamw.epsilon,
              weight_decay: adamw.weightDecay,
              grad_clip_norm: adamw.gradientClipNorm,
            },
          },
          optimResult,
        ),
      )
      const [, result] = await Promise.all([backward, stepped.then(({ done }) => done())])
      live = undefined
      return { gradientNorm: gradientNorm(result?.metrics ?? {}) }
    },

    snapshot: async () => freeze(await save('save_weights_for_sampler', published)),
    async loadSnapshot(folder) {
      return freeze((await readPointer(folder, 'sampler')).path)
    },

    async save(folder, { optimizer = false } = {}) {
      if (optimizer) {
        const path = await save('save_weights', saved)
        await writePointer(folder, { server: client.connection.url, path, kind: 'training' })
        return
      }
      if (!capabilities.archives)
        throw new EngineError(`${capabilities.server} does not hand out weights.`, { field: folder })
      await fetchWeights(client, await save('save_weights_for_sampler', published), folder, base)
      for (const [name, contents] of Object.entries(companionFiles))
        await replaceFile(`${folder}/${name}`, contents)
    },

    async load(folder, { optimizer = false } = {}) {
      const { path } = await readPointer(folder, 'training')
      const former = model
      // Servers load only into a model that nothing has been done with.
      model = await createModel()
      number = 1
      waiting = []
      live = undefined
      const accepted = await inOrder(() => numbered('load_weights', { path, optimizer }, anything, true))
      await accepted.done()
      await unload(former)
    },

    close() {
      session.close()
      unload(model).catch(() => {})
    },
  }

  async function unload(id: string): Promise<void> {
    const body = { model_id: id, type: 'unload_model' }
    await client.request('unload_model', body, anything, { repeatable: false, timeoutSeconds: 10 })
  }
}

/** Mean −log π of the tokens of nonzero weight: of tokens that the policy drew itself, an estimate of its entropy. */
function surprise(batch: readonly Datum[], logprobs: readonly Float32Array[]): number {
  let total = 0
  let count = 0
  batch.forEach(({ weights }, d) => {
    weights.forEach((weight, t) => {
      if (weight === 0) return
      total -= logprobs[d]![t]!
      count++
    })
  })
  return total / Math.max(1, count)
}

/** Servers name it `skyrl.ai/grad_norm`, `grad_norm:mean` or not at all. */
function gradientNorm(metrics: Readonly<Record<string, number | null>>): number {
  const known = Object.entries(metrics).find(([name]) => /grad(ient)?_norm/.test(name))
  return known?.[1] ?? Number.NaN
}
