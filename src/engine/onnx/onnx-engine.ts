/** The embedded engine: training, scoring and sampling of a decoder on ONNX Runtime, weights in this process. */
import { EngineError } from '../../errors.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { initialize, isMatrix, parameterSpecs } from '../../model/parameters.ts'
import { ropeTables, rotarySize } from '../../model/rope.ts'
import { randomStream } from '../../random.ts'
import type { Datum, Engine, ForwardBackwardResult, Policy, Snapshot } from '../engine.ts'
import { longestDatum, type PackedRows, packRows, rowArrays, unpackRows } from '../packing.ts'
import { adamwUpdate, createAdamWState, l2Norm } from './adamw.ts'
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts'
import { createSampler } from './sampler.ts'
import { createSessionCache, type Feeds, float32 } from './session.ts'
import { rowFeeds, scoreGraph, trainGraph } from './train-step.ts'
import { copyWeights, createWeights, type Weights } from './weights.ts'

export interface OnnxEngineOptions {
  config: DecoderConfig
  /** Weights to start from; random ones of `seed` otherwise. */
  weights?: Float32Array<ArrayBuffer>
  seed?: number
  /** Tokens a micro-batch: the rows' number is this over their length. */
  microBatchTokens?: number
  /** Shortest row; longer sequences make longer rows, in steps of 64. */
  minRowLength?: number
  /** Files that belong beside the weights (tokenizer.json, …), by name, written with every checkpoint. */
  companionFiles?: Readonly<Record<string, Uint8Array | string>>
}

export interface OnnxEngine extends Engine {
  readonly config: DecoderConfig
  readonly weights: Weights
  /** Accumulated since the last update. */
  readonly gradient: Weights
}

export function createOnnxEngine({
  config,
  weights: initial,
  seed = 0,
  microBatchTokens = 4096,
  minRowLength = 128,
  companionFiles = {},
}: OnnxEngineOptions): OnnxEngine {
  const specs = parameterSpecs(config)
  const weights = createWeights(specs, initial)
  if (initial === undefined)
    for (const spec of specs)
      initialize(config, spec, randomStream(seed, 'initialize', spec.name), weights.view(spec.name))
  const gradient = createWeights(specs)
  const adamw = createAdamWState(weights.flat.length)
  const decayed = matrixRanges(weights)
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

  function policy(current: Weights): Policy {
    const sampler = createSampler(config, () => current, constants, sessions)
    return {
      sample: (requests) => Promise.all(requests.map((request) => sampler.submit(request))),
      async logprobs(sequences) {
        const data = sequences.map((tokens) => ({ tokens, weights: new Float32Array(tokens.length - 1) }))
        const { packed, chunks } = layout(data)
        const results = data.map((datum) => new Float32Array(datum.weights.length))
        for (const { from, rows } of chunks) {
          const { rowLength } = packed
          const graph = await sessions.get(`score ${rows}x${rowLength}`, () =>
            scoreGraph(config, specs, rows, rowLength),
          )
          const feeds = rowFeeds(rowArrays(data, packed, from, rows), rows, rowLength)
          const { logprobs } = await graph.run({ ...current.feeds, ...constants, ...feeds })
          unpackRows(packed, from, rows, logprobs!, results)
        }
        return results
      },
    }
  }

  const freeze = (frozen: Weights): Snapshot => ({
    ...policy(frozen),
    save: (folder) => writeCheckpoint(folder, { config, weights: frozen, companionFiles }),
    close() {},
  })

  return {
    ...policy(weights),
    config,
    weights,
    gradient,

    async forwardBackward(batch, objective): Promise<ForwardBackwardResult> {
      const { packed, chunks } = layout(batch)
      const logprobs = batch.map((datum) => new Float32Array(datum.weights.length))
      let loss = 0
      const means = new Map<string, number>([['entropy', 0]])
      let count = 0
      for (const { from, rows } of chunks) {
        const { rowLength } = packed
        const graph = await sessions.get(`train ${rows}x${rowLength} ${objective.key}`, () =>
          trainGraph(config, specs, rows, rowLength, objective),
        )
        const arrays = rowArrays(batch, packed, from, rows, objective.inputs)
        const outputs = await graph.run({
          ...weights.feeds,
          ...constants,
          ...rowFeeds(arrays, rows, rowLength, objective),
        })
        loss += outputs.loss![0]!
        unpackRows(packed, from, rows, outputs.logprobs!, logprobs)
        const mask = arrays.weights
        count += mask.reduce((n, weight) => n + Number(weight !== 0), 0)
        for (const [name, values] of Object.entries(outputs)) {
          if (name.startsWith('gradient:')) accumulate(gradient.view(name.slice('gradient:'.length)), values)
          else if (name === 'entropies') addMasked(means, 'entropy', values, mask)
          else if (name.startsWith('statistic:'))
            addMasked(means, name.slice('statistic:'.length), values, mask)
        }
      }
      const statistics = Object.fromEntries(
        [...means].map(([name, total]) => [name, total / Math.max(1, count)]),
      )
      const { entropy = 0, ...rest } = statistics
      return { loss, logprobs, entropy, statistics: rest }
    },

    async optimStep(settings) {
      const gradientNorm = l2Norm(gradient.flat)
      if (!Number.isFinite(gradientNorm)) {
        gradient.flat.fill(0)
        return { gradientNorm }
      }
      const { gradientClipNorm: limit } = settings
      const scale = limit > 0 && gradientNorm > limit ? limit / gradientNorm : 1
      adamwUpdate(weights.flat, gradient.flat, adamw, settings, scale, decayed)
      gradient.flat.fill(0)
      return { gradientNorm }
    },

    snapshot: async () => freeze(copyWeights(weights)),

    async loadSnapshot(folder) {
      const loaded = createWeights(specs)
      await readCheckpoint(folder, loaded)
      return freeze(loaded)
    },

    save: (folder, { optimizer = false, dtype = 'F32' } = {}) =>
      writeCheckpoint(folder, { config, weights, companionFiles, dtype, ...(optimizer ? { adamw } : {}) }),

    async load(folder, { optimizer = false } = {}) {
      await readCheckpoint(folder, weights, optimizer ? adamw : undefined)
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

function matrixRanges({ specs, flat, view }: Weights): [number, number][] {
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
