/**
 * The embedded engine: training, scoring and sampling of a decoder in this process, on whatever runtime computes its graphs and
 * wherever its files are. `local-engine.ts` has it with what a machine has.
 */

import type { WrittenType } from '../../disk/encode-safetensors.ts'
import { EngineError } from '../../errors.ts'
import { type DecoderConfig, hasPredictionModule } from '../../model/config.ts'
import { adaptedMatrices, type Lora, withAdapters } from '../../model/lora.ts'
import { initialWeights, parameterSpecs } from '../../model/parameters.ts'
import type { Graph, Runtime } from '../../runtime/runtime.ts'
import type { Datum, Engine, ForwardBackwardResult, Policy, Snapshot } from '../engine.ts'
import {
  type Adapter,
  adapterConfigIn,
  copyAdapter,
  createAdapter,
  isBase,
  mergedWeights,
  readAdapter,
  writeAdapter,
} from './adapter.ts'
import type { AuxiliaryWeights } from './auxiliary-losses.ts'
import { companions, readCheckpoint, readOptimizer, writeCheckpoint, writeOptimizer } from './checkpoint.ts'
import type { EngineFiles } from './engine-files.ts'
import { createExpertBalance } from './expert-balance.ts'
import { createInt8Weights } from './int8-weights.ts'
import { createOptimizer, type Optimizer } from './optimizer.ts'
import { inLayers, type PackedTypes, withPackedWeights } from './packed-weights.ts'
import { changedPrograms, createPrograms } from './programs.ts'
import { rewriteGraph } from './rewrite-graph.ts'
import { createRowRunner, ropeStates } from './row-runner.ts'
import { createSampler } from './sampler.ts'
import { createSpeculativeSampler, type Speculation } from './speculative-sampler.ts'
import { LOGIT_BYTES, scoreGraph, trainGraph } from './train-step.ts'
import { copyWeights, createWeights, isLarge, releaseWeights, type Weights } from './weights.ts'

export interface EmbeddedEngineOptions {
  config: DecoderConfig
  /**
   * Opens what computes; ONNX Runtime on the CPU by default. `lean` is set where memory counts more than a run's overhead.
   */
  runtime?: OpenRuntime
  /** Weights to start from, whose memory may become the engine's; random ones of `seed` otherwise. */
  weights?: Float32Array<ArrayBuffer>
  seed?: number
  /** Tokens a micro-batch: the rows' number is this over the longest one's length. */
  microBatchTokens?: number
  /** Shortest row where each length is a program of its own (WebGPU); longer sequences make longer rows, in steps of 64. */
  minRowLength?: number
  /** Trains low-rank adapters beside the weights, which stay as they are; all parameters otherwise. */
  lora?: Lora | undefined
  /**
   * Matrices that stay packed, by name: for engines that sample, or train adapters. Sampling then computes the adapter beside
   * them, since merged weights would take what was spared.
   */
  packed?: PackedTypes
  /** What an adapter's files name as its base: a path or the name of a model. */
  base?: string
  /** Computes activations a second time for the gradient instead of keeping them. */
  recompute?: boolean
  /**
   * Logits of more bytes are computed in parts, forward and backward, and so few sequences decode together that theirs take
   * no more; 128 MB by default.
   */
  logitBytes?: number
  /** Samples one sequence after the other, with drafts of the model's own module; see speculative-sampler.ts. */
  speculate?: boolean
  /** What training minimises besides the objective, where the architecture has it; nothing by default. */
  auxiliary?: AuxiliaryWeights
  /** Files that belong beside the weights (tokenizer.json, …), by name, written with every checkpoint. */
  companionFiles?: Readonly<Record<string, Uint8Array | string>>
}

export type OpenRuntime = (options: { lean: boolean }) => Runtime

/** Where an engine computes, and where the folders are that it is told of. */
export interface EnginePlace {
  runtime: OpenRuntime
  files: EngineFiles
}

export interface EmbeddedEngine extends Engine {
  readonly config: DecoderConfig
  /** The model's parameters, without the adapter's. */
  readonly weights: Weights
  readonly adapter: Adapter | undefined
  /** Of what is trained, accumulated since the last update. */
  readonly gradient: Weights
  /** Drafts so far, of an engine that speculates. */
  readonly speculation: Readonly<Speculation>
  /** Whether the device has `int8Sampler`. */
  readonly samplesInt8: boolean
  /**
   * Draws from the same weights in 8-bit integers, rounded again when they have changed, and reports the log-probabilities
   * of the rounded model; see int8-weights.ts.
   */
  int8Sampler(): Pick<Policy, 'sample'>
}

/** What samples as the weights with an adapter do. */
interface Adapted {
  policy: Policy
  /** Where they are merged: the weights, and what brings them up to date. */
  weights?: Weights
  prepare?: () => Promise<void>
  changed(): void
  saveMerged(folder: string, dtype?: WrittenType): Promise<void>
  release(): void
}

export function createEngine({
  config,
  runtime: openRuntime,
  files: place,
  weights: initial,
  seed = 0,
  microBatchTokens = 1024,
  minRowLength = 128,
  lora,
  packed: asked = new Map(),
  base = '',
  recompute = false,
  logitBytes = LOGIT_BYTES,
  speculate = false,
  auxiliary = { balance: 0, prediction: 0 },
  companionFiles = {},
}: EmbeddedEngineOptions & EnginePlace): EmbeddedEngine {
  if (speculate && !hasPredictionModule(config))
    throw new EngineError('this model has no module that drafts tokens.', {
      field: 'speculate',
      remedy: 'Sample without speculation.',
    })
  const specs = parameterSpecs(config)
  if (lora !== undefined) adaptedMatrices(specs, lora)
  const runtime = openRuntime({ lean: recompute || isLarge({ specs }) })
  const packed = runtime.memory === 'host' ? inLayers(asked) : asked
  // Packed weights come from a file, unless they are given.
  const made = initial ?? (packed.size > 0 ? undefined : initialWeights(config, specs, seed))
  const weights = createWeights(runtime, specs, made, packed)
  const adapter = lora && createAdapter(runtime, specs, lora, seed)
  const plainPrograms = createPrograms(runtime)
  const ownPrograms =
    packed.size === 0
      ? plainPrograms
      : changedPrograms(plainPrograms, 'packed', (graph) => withPackedWeights(graph, packed))
  // The weights are rounded in this process, and would have to come from a device and return after each update.
  const samplesInt8 = runtime.memory === 'host' && packed.size === 0
  const fused = runtime.fusesAttention
  const trainOptions = { recompute, lora: adapter, auxiliary, fused }
  const balance = createExpertBalance()
  const speculation: Speculation = { drafted: 0, accepted: 0 }
  /** How often what is trained has changed. */
  let version = 0
  const constants = ropeStates(runtime, config)
  const rowOptions = { microBatchTokens, minRowLength, logitBytes }
  const runner = createRowRunner(config, constants, ownPrograms, rowOptions)
  let own: Optimizer | undefined
  /** Gradient and moments take three times the weights' memory, so who only samples has none. */
  const optimizer = (): Optimizer => {
    if (adapter === undefined && packed.size > 0)
      throw new EngineError('packed weights are not trained.', {
        field: 'packed',
        remedy: 'Train adapters beside them, or keep the weights in float32.',
      })
    own ??= createOptimizer(ownPrograms, adapter?.weights ?? weights)
    return own
  }

  function policy(current: Weights, prepare?: () => Promise<void>, programs = ownPrograms): Policy {
    const sampler =
      speculate && hasPredictionModule(config)
        ? createSpeculativeSampler(config, current, constants, programs, speculation)
        : createSampler(config, current, constants, programs, { logitBytes })
    const scorer = createRowRunner(config, constants, programs, rowOptions)
    return {
      async sample(requests) {
        await prepare?.()
        return Promise.all(requests.map((request) => sampler.submit(request)))
      },
      async logprobs(sequences, promptLengths = []) {
        const data = sequences.map((tokens, i): Datum => {
          const weights = new Float32Array(tokens.length - 1)
          return { tokens, weights: weights.fill(1, (promptLengths[i] ?? tokens.length) - 1) }
        })
        await prepare?.()
        const build = (rows: number, length: number, logitParts: number) =>
          scoreGraph(config, specs, rows, length, { logitParts, fused })
        return await scorer.score('score', build, 'logprobs', data, current.states)
      },
    }
  }

  const files = { config, companionFiles }
  const saveWeights = (folder: string, saved: Weights, dtype: WrittenType = 'F32') =>
    writeCheckpoint(place, folder, { ...files, weights: saved, dtype })
  const freeze = (frozen: Weights): Snapshot => ({
    ...policy(frozen),
    save: (folder) => saveWeights(folder, frozen),
    close: () => releaseWeights(frozen),
  })
  /** The base itself as long as the adapter changes nothing. */
  const freezeAdapter = async (frozen: Adapter): Promise<Snapshot> => {
    const own = (await isBase(frozen)) ? undefined : adapted(frozen)
    return {
      ...(own?.policy ?? policy(weights)),
      save: (folder) => saveAdapter(folder, frozen),
      close() {
        own?.release()
        releaseWeights(frozen.weights)
      },
    }
  }

  /** The adapter beside the weights, which computes more and has no weights of its own. */
  function beside(current: Adapter): Adapted {
    const states = { ...weights.states, ...current.weights.states }
    const change = (graph: Graph) =>
      rewriteGraph(graph, (tensors) => withAdapters(tensors, current.matrices, current.settings))
    const programs = changedPrograms(ownPrograms, 'adapted', change)
    return {
      policy: policy({ specs, states }, undefined, programs),
      changed() {},
      async saveMerged(folder, dtype) {
        const merged = mergedWeights(weights, current, ownPrograms)
        await merged.update()
        await saveWeights(folder, merged.weights, dtype)
        merged.release()
      },
      release() {},
    }
  }

  function adapted(current: Adapter): Adapted {
    if (packed.size > 0) return beside(current)
    const merged = mergedWeights(weights, current, ownPrograms)
    let ready: Promise<void> | undefined
    const prepare = () => {
      ready ??= merged.update()
      return ready
    }
    return {
      policy: policy(merged.weights, prepare),
      weights: merged.weights,
      prepare,
      changed() {
        ready = undefined
      },
      async saveMerged(folder: string, dtype?: WrittenType) {
        await prepare()
        await saveWeights(folder, merged.weights, dtype)
      },
      release: () => merged.release(),
    }
  }

  async function saveAdapter(folder: string, saved: Adapter): Promise<void> {
    await writeAdapter(place, folder, saved, base)
    await place.write(folder, companions(files))
  }

  const live = adapter && adapted(adapter)
  const changed = () => {
    version++
    live?.changed()
  }
  return {
    ...(live?.policy ?? policy(weights)),
    config,
    weights,
    adapter,
    get gradient() {
      return optimizer().gradient
    },
    speculation,

    samplesInt8,

    int8Sampler() {
      if (!samplesInt8)
        throw new EngineError('8-bit rollouts are not there on this device.', {
          field: 'int8',
          value: runtime.name,
          expected: 'the CPU',
          remedy: 'Sample in float32, or train with --device cpu.',
        })
      const from = live?.weights ?? weights
      const int8 = createInt8Weights(runtime, config, from)
      const sampler = createSampler(config, from, constants, ownPrograms, { logitBytes, int8 })
      let rounded: number | undefined
      return {
        async sample(requests) {
          await live?.prepare?.()
          if (rounded !== version) await int8.update()
          rounded = version
          return Promise.all(requests.map((request) => sampler.submit(request)))
        },
      }
    },

    async forwardBackward(batch, objective): Promise<ForwardBackwardResult> {
      const { loss, values, means, auxiliary } = await runner.train(
        objective,
        (rows, length, logitParts) =>
          trainGraph(config, specs, rows, length, objective, { ...trainOptions, logitParts }),
        'logprobs',
        batch,
        { ...weights.states, ...adapter?.weights.states, ...optimizer().gradientStates },
        balance.count,
      )
      const { entropies: entropy = 0, ...statistics } = means
      return { loss, logprobs: values, entropy, statistics: { ...statistics, ...auxiliary } }
    },

    async optimStep(settings) {
      const step = await optimizer().update(settings)
      if (step.dropped) return step
      changed()
      const expertLoad = await balance.update(weights, settings.expertBiasSpeed ?? 0)
      return { ...step, ...(expertLoad && { expertLoad }) }
    },

    snapshot: async () =>
      adapter ? freezeAdapter(copyAdapter(runtime, adapter)) : freeze(copyWeights(runtime, weights)),

    async loadSnapshot(folder) {
      if (adapter !== undefined) {
        const loaded = copyAdapter(runtime, adapter)
        await readAdapter(place, folder, loaded, specs)
        return freezeAdapter(loaded)
      }
      const loaded = createWeights(runtime, specs)
      await readCheckpoint(place, folder, loaded)
      return freeze(loaded)
    },

    async save(folder, { optimizer: withOptimizer = false, dtype = 'F32', merged = false } = {}) {
      if (adapter === undefined) await saveWeights(folder, weights, dtype)
      else if (merged) await live!.saveMerged(folder, dtype)
      else await saveAdapter(folder, adapter)
      if (withOptimizer) await writeOptimizer(place, folder, optimizer())
    },

    async load(folder, { optimizer: withOptimizer = false } = {}) {
      if (adapter !== undefined && (await adapterConfigIn(place, folder)) !== undefined)
        await readAdapter(place, folder, adapter, specs)
      else await readCheckpoint(place, folder, weights)
      if (withOptimizer) await readOptimizer(place, folder, optimizer())
      changed()
    },

    close: () => runtime.close(),
  }
}
