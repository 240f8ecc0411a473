/** Runs graphs over packed rows, in micro-batches whose losses, statistics and gradients are summed. */
import { EngineError } from '../../errors.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { numParameters } from '../../model/parameters.ts'
import { ropeShape, ropeTables } from '../../model/rope.ts'
import type { Objective } from '../../objectives/objective.ts'
import type { Graph, Program, Runtime, State } from '../../runtime/runtime.ts'
import type { Datum } from '../engine.ts'
import { longestDatum, type PackedRow, packRows, rowArrays, sharedPrefixes, unpackRows } from '../packing.ts'
import type { Programs } from './programs.ts'
import { logitPartsOf, rowFeeds } from './train-step.ts'

export interface RowRunnerOptions {
  /** Tokens a micro-batch: the rows' number is this over the longest one's length. */
  microBatchTokens: number
  /** Shortest row where each length is a program of its own: all rows are then as long as the longest, in steps of 64. */
  minRowLength: number
  /** Logits of more bytes are computed in parts. */
  logitBytes?: number
}

/** What short sequences share: each row pays for its prompts, and attention for all that is in it. */
const SHARED_ROW = 128
/** Rows that more responses to a prompt share, each only where it saves a fifth of the work: attention's memory grows with them. */
const LONGER_ROWS = [256, 512]
const WORTH = 0.8
/** What a score of attention costs beside its products, in operations: it is masked, normalised, written and read again. */
const SCORE = 100

type BuildRows = (rows: number, length: number, logitParts: number) => Graph
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
  { microBatchTokens, minRowLength, logitBytes = Number.POSITIVE_INFINITY }: RowRunnerOptions,
): RowRunner {
  const { opensSizes } = programs.runtime
  const { numLayers, numHeads, hiddenSize } = config
  const [tokenCost, pairCost] = [2 * numParameters(config), numLayers * (4 * hiddenSize + SCORE * numHeads)]
  const cost = (rows: readonly PackedRow[]) =>
    rows.reduce((sum, { length }) => sum + length * (tokenCost + length * pairCost), 0)

  /** Rows as short as there are, or longer ones in which enough responses share their prompt. */
  function cheapestRows(data: readonly Datum[]): PackedRow[] {
    const { maxPositions } = config
    const prefixes = sharedPrefixes(data)
    const pack = (length: number) => packRows(data, Math.min(length, maxPositions), maxPositions, prefixes)
    let cheapest = pack(SHARED_ROW)
    for (const length of LONGER_ROWS.filter((length) => length <= microBatchTokens)) {
      const longer = pack(length)
      if (cost(longer) < WORTH * cost(cheapest)) cheapest = longer
    }
    return cheapest
  }

  /** Rows of about the same length that run together, and the length and number that they are padded to. */
  interface MicroBatch {
    rows: PackedRow[]
    length: number
    numRows: number
  }

  function microBatches(data: readonly Datum[]): MicroBatch[] {
    const longest = longestDatum(data)
    // The rotary tables are as long as the model's positions, and no row may be longer.
    if (longest > config.maxPositions)
      throw new EngineError('the sequence is too long.', {
        field: 'tokens',
        value: longest + 1,
        expected: `at most ${config.maxPositions + 1}, what the model's positions allow`,
      })
    const within = (length: number) => Math.min(length, config.maxPositions)
    const same = opensSizes ? undefined : within(Math.max(minRowLength, roundedUp(longest, 64)))
    const packed = same === undefined ? cheapestRows(data) : packRows(data, same, config.maxPositions)
    const batches: MicroBatch[] = []
    for (let from = 0; from < packed.length; ) {
      const length = same ?? within(roundedUp(packed[from]!.length, 16))
      const most = Math.max(1, Math.floor(microBatchTokens / length))
      // A row of less than half the longest one's length would be mostly padding.
      const shortest = same === undefined ? packed[from]!.length / 2 : 0
      const rows = packed.slice(from, from + most).filter((row) => row.length >= shortest)
      batches.push({ rows, length, numRows: opensSizes ? rows.length : halved(rows.length, most) })
      from += rows.length
    }
    return batches
  }

  function programOf(
    key: string,
    build: BuildRows,
    { numRows, length }: MicroBatch,
  ): Promise<Pick<Program, 'run'>> {
    const parts = logitPartsOf(config, numRows, length, logitBytes)
    const sizes = { rows: numRows, length: length / parts }
    return programs.get(`${key} ${parts}`, sizes, ({ rows, length }) => build(rows, length * parts, parts))
  }

  const zeros = (data: readonly Datum[]) => data.map(({ weights }) => new Float32Array(weights.length))

  return {
    async score(key, build, output, data, weights) {
      const results = zeros(data)
      for (const batch of microBatches(data)) {
        const { rows, length, numRows } = batch
        const program = await programOf(key, build, batch)
        const feeds = rowFeeds(rowArrays(data, rows, length, numRows))
        const outputs = await program.run({ feeds, states: { ...weights, ...constants } })
        unpackRows(rows, length, outputs[output]!, results)
      }
      return results
    },

    async train(objective, build, output, data, states, onOutputs) {
      const values = zeros(data)
      let loss = 0
      let count = 0
      const totals: Record<string, number> = {}
      const auxiliary: Record<string, number> = {}
      const add = (to: Record<string, number>, name: string, value: number) => {
        to[name] = (to[name] ?? 0) + value
      }
      for (const batch of microBatches(data)) {
        const { rows, length, numRows } = batch
        const program = await programOf(`train ${objective.key}`, build, batch)
        const arrays = rowArrays(data, rows, length, numRows, objective.inputs)
        const outputs = await program.run({
          feeds: rowFeeds(arrays, true),
          states: { ...states, ...constants },
        })
        loss += outputs.loss![0]!
        unpackRows(rows, length, outputs[output]!, values)
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

const roundedUp = (size: number, step: number): number => Math.max(1, Math.ceil(size / step)) * step

/** Of `most` and its halves the smallest that is enough: where each number is a program of its own, there are few of them. */
function halved(enough: number, most: number): number {
  let rows = most
  while (rows > 1 && Math.ceil(rows / 2) >= enough) rows = Math.ceil(rows / 2)
  return rows
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
