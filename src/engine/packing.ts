/**
 * Packs training sequences into rows, best fit first, with block-diagonal attention. A token's share of attention grows with its
 * row, so rows are as long as what stands in them.
 *
 * Sequences that begin with the same unweighted tokens (the G responses to one prompt) share one copy of that prefix
 * in a row: each response attends to the prefix and to itself, so the result is the same and the prompt is paid once.
 */
import type { Datum } from './engine.ts'

/** Where a datum's predictions stand in its row: entry i is at `(i < prefix ? prefixStart : start - prefix) + i`. */
interface Placement {
  datum: number
  prefix: number
  prefixStart: number
  start: number
}

export interface PackedRow {
  /** Predictions that stand in it. */
  length: number
  placements: Placement[]
}

/** Predictions of a datum: one fewer than its tokens. */
const numPredictions = (datum: Datum) => datum.tokens.length - 1

export const longestDatum = (data: readonly Datum[]): number =>
  data.reduce((longest, datum) => Math.max(longest, numPredictions(datum)), 0)

/**
 * Rows of at most `rowLength` predictions, or of one longer sequence; the longest first. A prefix that is longer than a row by itself has as
 * much room behind it, so that responses to a long prompt share it: `most` predictions in all. `prefixes` are the data's, where they are known.
 */
export function packRows(
  data: readonly Datum[],
  rowLength: number,
  most = Number.POSITIVE_INFINITY,
  prefixes = sharedPrefixes(data),
): PackedRow[] {
  const rows: (PackedRow & { most: number; prefixes: Map<number, number> })[] = []
  const longestFirst = data
    .map((_, i) => i)
    .sort((a, b) => numPredictions(data[b]!) - numPredictions(data[a]!))
  for (const datum of longestFirst) {
    const { id, length: prefix } = prefixes[datum]!
    const own = numPredictions(data[datum]!) - prefix
    let best: (typeof rows)[number] | undefined
    let bestCost = Number.POSITIVE_INFINITY
    let bestLeft = Number.POSITIVE_INFINITY
    for (const row of rows) {
      const cost = own + (row.prefixes.has(id) ? 0 : prefix)
      const left = row.most - row.length - cost
      if (left < 0 || cost > bestCost || (cost === bestCost && left >= bestLeft)) continue
      best = row
      bestCost = cost
      bestLeft = left
    }
    if (best === undefined) {
      const room = prefix > rowLength ? Math.min(most, prefix + rowLength) : rowLength
      best = { length: 0, placements: [], most: Math.max(room, prefix + own), prefixes: new Map() }
      rows.push(best)
    }
    let prefixStart = best.prefixes.get(id)
    if (prefixStart === undefined) {
      prefixStart = best.length
      best.length += prefix
      best.prefixes.set(id, prefixStart)
    }
    best.placements.push({ datum, prefix, prefixStart, start: best.length })
    best.length += own
  }
  return rows.sort((a, b) => b.length - a.length)
}

/** The unweighted tokens that each datum begins with; those of one `id` are the same. */
export function sharedPrefixes(data: readonly Datum[]): { id: number; length: number }[] {
  const ids = new Map<string, number>()
  const candidates = data.map(({ tokens, weights }) => {
    let length = 0
    while (length < weights.length && weights[length] === 0) length++
    // The prediction at the last shared position must be shared too, hence one token more in the key.
    const key = tokens.subarray(0, length + 1).join()
    const id = ids.get(key) ?? ids.size
    ids.set(key, id)
    return { id, length }
  })
  return candidates
}

/** Rows as flat arrays of [rows, length], each row padded to the same length. */
export interface RowArrays {
  tokens: BigInt64Array
  positions: BigInt64Array
  targets: BigInt64Array
  /** Tokens attend to their own segment and to its parent, causally. */
  segments: Int32Array
  parents: Int32Array
  /** Index of each token's sequence among those of these rows, for per-sequence means. */
  sequences: BigInt64Array
  weights: Float32Array
  inputs: Record<string, Float32Array>
}

/** `numRows` may be more than there are rows: the others hold nothing. */
export function rowArrays(
  data: readonly Datum[],
  rows: readonly PackedRow[],
  length: number,
  numRows = rows.length,
  inputNames: readonly string[] = [],
): RowArrays {
  const size = numRows * length
  const arrays: RowArrays = {
    tokens: new BigInt64Array(size),
    positions: new BigInt64Array(size),
    targets: new BigInt64Array(size),
    segments: new Int32Array(size).fill(-1),
    parents: new Int32Array(size).fill(-2),
    sequences: new BigInt64Array(size),
    weights: new Float32Array(size),
    inputs: Object.fromEntries(inputNames.map((name) => [name, new Float32Array(size)])),
  }
  let sequence = 0n
  for (const { datum, base, prefix, prefixStart, start } of placed(rows, length)) {
    const { tokens, weights, inputs } = data[datum]!
    for (let i = 0; i < tokens.length - 1; i++) {
      const shared = i < prefix
      const at = base + (shared ? prefixStart + i : start - prefix + i)
      arrays.tokens[at] = BigInt(tokens[i]!)
      arrays.targets[at] = BigInt(tokens[i + 1]!)
      arrays.positions[at] = BigInt(i)
      // A prefix is its own segment, known by where it starts; a response's segment lies above all prefixes.
      arrays.segments[at] = shared ? prefixStart : length + start
      arrays.parents[at] = prefix > 0 ? prefixStart : -2
      arrays.sequences[at] = sequence
      arrays.weights[at] = weights[i]!
      for (const name of inputNames) {
        const values = inputs?.[name]
        if (values === undefined)
          throw new Error(`the objective needs the input ${name}, which a datum lacks`)
        arrays.inputs[name]![at] = values[i]!
      }
    }
    // What is unweighted from end to end belongs to no mean, and may stand on its twin's tokens.
    if (prefix < tokens.length - 1) sequence++
  }
  return arrays
}

/** Copies values of each prediction of the rows, laid out as `rowArrays` does, to the data that stand there. */
export function unpackRows(
  rows: readonly PackedRow[],
  length: number,
  values: Float32Array,
  into: readonly Float32Array[],
): void {
  for (const { datum, base, prefix, prefixStart, start } of placed(rows, length)) {
    const target = into[datum]!
    for (let i = 0; i < target.length; i++)
      target[i] = values[base + (i < prefix ? prefixStart + i : start - prefix + i)]!
  }
}

const placed = (rows: readonly PackedRow[], length: number) =>
  rows.flatMap(({ placements }, row) => placements.map((placement) => ({ ...placement, base: row * length })))
