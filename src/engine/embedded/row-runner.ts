/** Runs graphs over packed rows, in micro-batches whose losses, statistics and gradients are summed. */
import { EngineError } from '../../errors.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { ropeShape, ropeTables } from '../../model/rope.ts'
import type { Objective } from '../../objectives/objective.ts'
import type { Graph, Runtime, State } from '../../runtime/runtime.ts'
import type { Datum } from '../engine.ts'
import { longestDatum, type PackedRows, packRows, rowArrays, unpackRows } from '../packing.ts'
import type { Programs } from './programs.ts'
import { rowFeeds } from './train-step.ts'

export interface RowRunnerOptions {
  /** Tokens a micro-batch: the rows' number is this over their length. */
  microBatchTokens: number
  /** Shortest row; longer sequences make longer rows, in steps of 64. */
  minRowLength: number
}

type BuildRows = (rows: number, length: number) => Graph
type States = Readonly<Record<string, State>>

interface TrainedRows {
  loss: number
  /** The output that was asked for, of each prediction of each datum. */
  values: Float32Array[]
  /** Of `entropies` and `statistic:<name>`, by name, over predictions of nonzero weight. */
  means: Record<string, number>
  /** Sums of `auxiliary:<name>`. */
  auxiliary: Record<string, number>
}

export interface RowRunner {
  /** Output `output` of the graph for each prediction of the data. */
  score(
    key: string,
    build: BuildRows,
    output: string,
    data: readonly Datum[],
    weights: States,
  ): Promise<Float32Array[]>
  /** `states` are the weights and the gradient's, to which the graph adds; `onOutputs` sees what each micro-batch gave. */
  train(
    objective: Pick<Objective, 'key' | 'inputs'>,
    build: BuildRows,
    output: string,
    data: readonly Datum[],
    states: States,
    onOutputs?: (outputs: Record<string, Float32Array>) => void,
  ): Promise<TrainedRows>
}

export function createRowRunner(
  config: DecoderConfig,
  constants: States,
  programs: Programs,
  { microBatchTokens, minRowLength }: RowRunnerOptions,
): RowRunner {
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
    // The rotary tables are as long as the model's positions, and no row may be longer.
    const rowLength = Math.max(minRowLength, Math.ceil(longest / 64) * 64)
    const packed = packRows(data, Math.min(rowLength, config.maxPositions))
    const most = Math.max(1, Math.floor(microBatchTokens / packed.rowLength))
    return { packed, chunks: chunkRows(packed.numRows, most) }
  }
  const zeros = (data: readonly Datum[]) => data.map(({ weights }) => new Float32Array(weights.length))

  return {
    async score(key, build, output, data, weights) {
      const { packed, chunks } = layout(data)
      const { rowLength } = packed
      const results = zeros(data)
      for (const { from, rows } of chunks) {
        const program = await programs.get(`${key} ${rows}x${rowLength}`, () => build(rows, rowLength))
        const feeds = rowFeeds(rowArrays(data, packed, from, rows))
        const outputs = await program.run({ feeds, states: { ...weights, ...constants } })
        unpackRows(packed, from, rows, outputs[output]!, results)
      }
      return results
    },

    async train(objective, build, output, data, states, onOutputs) {
      const { packed, chunks } = layout(data)
      const { rowLength } = packed
      const values = zeros(data)
      let loss = 0
      let count = 0
      const totals: Record<string, number> = {}
      const auxiliary: Record<string, number> = {}
      const add = (to: Record<string, number>, name: string, value: number) => {
        to[name] = (to[name] ?? 0) + value
      }
      for (const { from, rows } of chunks) {
        const key = `train ${rows}x${rowLength} ${objective.key}`
        const program = await programs.get(key, () => build(rows, rowLength))
        const arrays = rowArrays(data, packed, from, rows, objective.inputs)
        const outputs = await program.run({
          feeds: rowFeeds(arrays, true),
          states: { ...states, ...constants },
        })
        loss += outputs.loss![0]!
        unpackRows(packed, from, rows, outputs[output]!, values)
        onOutputs?.(outputs)
        const mask = arrays.weights
        count += mask.reduce((n, weight) => n + Number(weight !== 0), 0)
        for (const [name, tensor] of Object.entries(outputs)) {
          const [kind, rest = name] = name.split(/:(.*)/)
          if (kind === 'auxiliary') add(auxiliary, rest, tensor[0]!)
          else if (kind === 'statistic' || name === 'entropies') add(totals, rest, maskedSum(tensor, mask))
        }
      }
      const means = Object.fromEntries(
        Object.entries(totals).map(([name, total]) => [name, total / Math.max(1, count)]),
      )
      return { loss, values, means, auxiliary }
    },
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

/** The rotary tables, which every graph reads. */
export function ropeStates(runtime: Runtime, config: DecoderConfig): { cos: State; sin: State } {
  const shape = ropeShape(config)
  const { cos, sin } = ropeTables(config)
  return { cos: runtime.create(shape, 'float32', cos), sin: runtime.create(shape, 'float32', sin) }
}

function maskedSum(values: Float32Array, mask: Float32Array): number {
  let total = 0
  for (let i = 0; i < values.length; i++) if (mask[i] !== 0) total += values[i]!
  return total
}
