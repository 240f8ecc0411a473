/** The embedded engine: training, scoring and sampling of a decoder on ONNX Runtime, weights in this process. */

import type { WrittenType } from '../../disk/write-safetensors.ts'
import { EngineError } from '../../errors.ts'
import { type DecoderConfig, hasPredictionModule } from '../../model/config.ts'
import type { Lora } from '../../model/lora.ts'
import { initialize, isMatrix, parameterSpecs } from '../../model/parameters.ts'
import { ropeTables, rotarySize } from '../../model/rope.ts'
import { randomStream } from '../../random.ts'
import type { Datum, Engine, ForwardBackwardResult, Policy, Snapshot } from '../engine.ts'
import { longestDatum, type PackedRows, packRows, rowArrays, unpackRows } from '../packing.ts'
import { adamwUpdate, createAdamWState, l2Norm } from './adamw.ts'
import {
  type Adapter,
  copyAdapter,
  createAdapter,
  isBase,
  mergedWeights,
  readAdapter,
  readAdapterConfig,
  writeAdapter,
} from './adapter.ts'
import type { AuxiliaryWeights } from './auxiliary-losses.ts'
import {
  readCheckpoint,
  readOptimizer,
  writeCheckpoint,
  writeCompanions,
  writeOptimizer,
} from './checkpoint.ts'
import { createExpertBalance } from './expert-balance.ts'
import { createSampler } from './sampler.ts'
import { createSessionCache, type Feeds, float32 } from './session.ts'
import { createSpeculativeSampler, type Speculation } from './speculative-sampler.ts'
import { rowFeeds, scoreGraph, trainGraph } from './train-step.ts'
import { copyWeights, createWeights, type FlatWeights, type Weights } from './weights.ts'

export interface OnnxEngineOptions {
  config: DecoderConfig
  /** Weights to start from; random ones of `seed` otherwise. */
  weights?: Float32Array<ArrayBuffer>
  seed?: number
  /** Tokens a micro-batch: the rows' number is this over their length. */
  microBatchTokens?: number
  /** Shortest row; longer sequences make longer rows, in steps of 64. */
  minRowLength?: number
  /** Trains low-rank adapters beside the weights, which stay as they are; all parameters otherwise. */
  lora?: Lora | undefined
  /** What an adapter's files name as its base: a path or the name of a model. */
  base?: string
  /** Computes activations a second time for the gradient instead of keeping them. */
  recompute?: boolean
  /** Logits of more bytes are computed in chunks of rows, forward and backward; 128 MB by default. */
  logitBytes?: number
  /** Samples one sequence after the other, with drafts of the model's own module; see speculative-sampler.ts. */
  speculate?: boolean
  /** What training minimises besides the objective, where the architecture has it; nothing by default. */
  auxiliary?: AuxiliaryWeights
  /** Files that belong beside the weights (tokenizer.json, …), by name, written with every checkpoint. */
  companionFiles?: Readonly<Record<string, Uint8Array | string>>
}

export interface OnnxEngine extends Engine {
  readonly config: DecoderConfig
  /** The model's parameters, without the adapter's. */
  readonly weights: FlatWeights
  readonly adapter: Adapter | undefined
  /** Of what is trained, accumulated since the last update. */
  readonly gradient: FlatWeights
  /** Drafts so far, of an engine that speculates. */
  readonly speculation: Readonly<Speculation>
}

export function createOnnxEngine({
  config,
  weights: initial,
  seed = 0,
  microBatchTokens = 4096,
  minRowLength = 128,
  lora,
  base = '',
  recompute = false,
  logitBytes = 2 ** 27,
  speculate = false,
  auxiliary = { balance: 0, prediction: 0 },
  companionFiles = {},
}: OnnxEngineOptions): OnnxEngine {
  const specs = parameterSpecs(config)
  const weights = createWeights(specs, initial)
  if (initial === undefined)
    for (const spec of specs)
      initialize(config, spec, randomStream(seed, 'initialize', spec.name), weights.view(spec.name))
  const adapter = lora && createAdapter(specs, lora, seed)
  const trained = adapter?.weights ?? weights
  const gradient = createWeights(trained.specs)
  const adamw = createAdamWState(trained.flat.length)
  const decayed = matrixRanges(trained)
  const trainOptions = { recompute, lora: adapter, logitBytes, auxiliary }
  const balance = createExpertBalance()
  const speculation: Speculation = { drafted: 0, accepted: 0 }
  if (speculate && !hasPredictionModule(config))
    throw new EngineError('this model has no module that drafts tokens.', {
      field: 'speculate',
      remedy: 'Sample without speculation.',
    })
  const sessions = createSessionCache()
  const constants = ropeFeeds(config)

  const layout = (
    data: readonly Datum[],
  ): { packed: PackedRows; chunks: { from: number; rows: number }[] } => {
    const longest = longestDatum(data)
    if (longest > config.maxPositions)
      throw new EngineError('the sequence is too long.', {
        field: 'tokens',
        value: longest + 1,
        expected: `at most ${config.maxPositions + 1}, what the model's positions allow`,
      })
    const packed = packRows(data, Math.max(minRowLength, Math.ceil(longest / 64) * 64))
    const most = Math.max(1, Math.floor(microBatchTokens / packed.rowLength))
    return { packed, chunks: chunkRows(packed.numRows, most) }
  }

  function policy(current: Weights, prepare?: () => Promise<void>): Policy {
    const sampler =
      speculate && hasPredictionModule(config)
        ? createSpeculativeSampler(config, current, constants, sessions, speculation)
        : createSampler(config, current, constants, sessions)
    return {
      async sample(requests) {
        await prepare?.()
        return Promise.all(requests.map((request) => sampler.submit(request)))
      },
      async logprobs(sequences) {
        const data = sequences.map((tokens) => ({ tokens, weights: new Float32Array(tokens.length - 1) }))
        const { packed, chunks } = layout(data)
        const results = data.map((datum) => new Float32Array(datum.weights.length))
        await prepare?.()
        for (const { from, rows } of chunks) {
          const { rowLength } = packed
          const graph = await sessions.get(
            `score ${rows}x${rowLength}`,
            () => scoreGraph(config, specs, rows, rowLength, { logitBytes }),
            recompute,
          )
          const feeds = rowFeeds(rowArrays(data, packed, from, rows), rows, rowLength)
          const { logprobs } = await graph.run({ ...current.feeds, ...constants, ...feeds })
          unpackRows(packed, from, rows, logprobs!, results)
        }
        return results
      },
    }
  }

  const files = { config, companionFiles }
  const freeze = (frozen: Weights): Snapshot => ({
    ...policy(frozen),
    save: (folder) => writeCheckpoint(folder, { ...files, weights: frozen }),
    close() {},
  })
  /** The base itself as long as the adapter changes nothing. */
  const freezeAdapter = (frozen: Adapter): Snapshot => ({
    ...(isBase(frozen) ? policy(weights) : adapted(frozen).policy),
    save: (folder) => saveAdapter(folder, frozen),
    close() {},
  })

  function adapted(current: Adapter) {
    const merged = mergedWeights(weights, current, sessions)
    let ready: Promise<void> | undefined
    const prepare = () => {
      ready ??= merged.update()
      return ready
    }
    return {
      policy: policy(merged.weights, prepare),
      changed() {
        ready = undefined
      },
      async saveMerged(folder: string, dtype?: WrittenType) {
        await prepare()
        await writeCheckpoint(folder, { ...files, weights: merged.weights, ...(dtype && { dtype }) })
      },
    }
  }

  async function saveAdapter(folder: string, saved: Adapter): Promise<void> {
    await writeCompanions(folder, files)
    await writeAdapter(folder, saved, base)
  }

  const live = adapter && adapted(adapter)
  return {
    ...(live?.policy ?? policy(weights)),
    config,
    weights,
    adapter,
    gradient,
    speculation,

    async forwardBackward(batch, objective): Promise<ForwardBackwardResult> {
      const { packed, chunks } = layout(batch)
      const logprobs = batch.map((datum) => new Float32Array(datum.weights.length))
      let loss = 0
      const means = new Map<string, number>([['entropy', 0]])
      const auxiliaryTotals: Record<string, number> = {}
      let count = 0
      for (const { from, rows } of chunks) {
        const { rowLength } = packed
        const graph = await sessions.get(
          `train ${rows}x${rowLength} ${objective.key}`,
          () => trainGraph(config, specs, rows, rowLength, objective, trainOptions),
          recompute,
        )
        const arrays = rowArrays(batch, packed, from, rows, objective.inputs)
        const outputs = await graph.run({
          ...weights.feeds,
          ...adapter?.weights.feeds,
          ...constants,
          ...rowFeeds(arrays, rows, rowLength, objective),
        })
        loss += outputs.loss![0]!
        unpackRows(packed, from, rows, outputs.logprobs!, logprobs)
        balance.count(outputs)
        const mask = arrays.weights
        count += mask.reduce((n, weight) => n + Number(weight !== 0), 0)
        for (const [name, values] of Object.entries(outputs)) {
          if (name.startsWith('gradient:')) accumulate(gradient.view(name.slice('gradient:'.length)), values)
          else if (name.startsWith('auxiliary:')) {
            const statistic = name.slice('auxiliary:'.length)
            auxiliaryTotals[statistic] = (auxiliaryTotals[statistic] ?? 0) + values[0]!
          } else if (name === 'entropies') addMasked(means, 'entropy', values, mask)
          else if (name.startsWith('statistic:'))
            addMasked(means, name.slice('statistic:'.length), values, mask)
        }
      }
      const statistics = Object.fromEntries(
        [...means].map(([name, total]) => [name, total / Math.max(1, count)]),
      )
      const { entropy = 0, ...rest } = statistics
      return { loss, logprobs, entropy, statistics: { ...rest, ...auxiliaryTotals } }
    },

    async optimStep(settings) {
      const gradientNorm = l2Norm(gradient.flat)
      if (!Number.isFinite(gradientNorm)) {
        gradient.flat.fill(0)
        return { gradientNorm }
      }
      const { gradientClipNorm: limit } = settings
      const scale = limit > 0 && gradientNorm > limit ? limit / gradientNorm : 1
      adamwUpdate(trained.flat, gradient.flat, adamw, settings, scale, decayed)
      gradient.flat.fill(0)
      live?.changed()
      const expertLoad = balance.update(weights, settings.expertBiasSpeed ?? 0)
      return { gradientNorm, ...(expertLoad && { expertLoad }) }
    },

    snapshot: async () => (adapter ? freezeAdapter(copyAdapter(adapter)) : freeze(copyWeights(weights))),

    async loadSnapshot(folder) {
      if (adapter !== undefined) {
        const loaded = copyAdapter(adapter)
        await readAdapter(folder, loaded)
        return freezeAdapter(loaded)
      }
      const loaded = createWeights(specs)
      await readCheckpoint(folder, loaded)
      return freeze(loaded)
    },

    async save(folder, { optimizer = false, dtype = 'F32', merged = false } = {}) {
      if (adapter === undefined) await writeCheckpoint(folder, { ...files, weights, dtype })
      else if (merged) await live!.saveMerged(folder, dtype)
      else await saveAdapter(folder, adapter)
      if (optimizer) await writeOptimizer(folder, adamw)
    },

    async load(folder, { optimizer = false } = {}) {
      if (adapter !== undefined && (await readAdapterConfig(folder)) !== undefined)
        await readAdapter(folder, adapter)
      else await readCheckpoint(folder, weights)
      if (optimizer) await readOptimizer(folder, adamw)
      live?.changed()
    },

    close: () => sessions.close(),
  }
}

/** Chunks of at most `most` rows; the last ones halve, so that few sizes are ever compiled and little is padded. */
function chunkRows(numRows: number, most: number): { from: number; rows: number }[] {
  const chunks: { from: number; rows: number }[] = []
  for (let from = 0, rows = most; from < numRows; from += rows) {
    while (rows > 1 && rows / 2 >= numRows - from) rows = Math.ceil(rows / 2)
    chunks.push({ from, rows })
  }
  return chunks
}

function ropeFeeds(config: DecoderConfig): Feeds {
  const shape = [config.maxPositions, rotarySize(config) / 2]
  const { cos, sin } = ropeTables(config, config.maxPositions)
  return { cos: float32(cos, shape), sin: float32(sin, shape) }
}

function matrixRanges({ specs, flat, view }: FlatWeights): [number, number][] {
  return specs.filter(isMatrix).map(({ name }) => {
    const { byteOffset, length } = view(name)
    const start = (byteOffset - flat.byteOffset) / 4
    return [start, start + length]
  })
}

function accumulate(into: Float32Array, values: Float32Array): void {
  for (let i = 0; i < into.length; i++) into[i]! += values[i]!
}

function addMasked(
  totals: Map<string, number>,
  name: string,
  values: Float32Array,
  mask: Float32Array,
): void {
  let total = totals.get(name) ?? 0
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) total += values[i]!
  totals.set(name, total)
}
