/**
 * Packs training sequences into fixed-length rows, best fit first, with block-diagonal attention.
 *
 * Sequences that begin with the same unweighted tokens (the G responses to one prompt) share one copy of that prefix
 * in a row: each response attends to the prefix and to itself, so the result is the same and the prompt is paid once.
 */
import type { Datum } from './engine.ts'

/** Where a datum's predictions stand: entry i of the datum is at `row · rowLength + (i < prefix ? prefixStart : start - prefix) + i`. */
interface Placement {
  datum: number
  row: number
  prefix: number
  prefixStart: number
  start: number
}

export interface PackedRows {
  rowLength: number
  numRows: number
  placements: Placement[]
}

/** Predictions of a datum: one fewer than its tokens. */
const numPredictions = (datum: Datum) => datum.tokens.length - 1

export const longestDatum = (data: readonly Datum[]): number =>
  data.reduce((longest, datum) => Math.max(longest, numPredictions(datum)), 0)

export function packRows(data: readonly Datum[], rowLength: number): PackedRows {
  const rows: { used: number; prefixes: Map<number, number> }[] = []
  const prefixes = sharedPrefixes(data)
  const placements: Placement[] = []
  const longestFirst = data
    .map((_, i) => i)
    .sort((a, b) => numPredictions(data[b]!) - numPredictions(data[a]!))
  for (const datum of longestFirst) {
    const { id, length: prefix } = prefixes[datum]!
    const own = numPredictions(data[datum]!) - prefix
    if (own + prefix > rowLength)
      throw new Error(`a sequence of ${own + prefix + 1} tokens does not fit rows of ${rowLength}`)
    let best = -1
    let bestCost = Number.POSITIVE_INFINITY
    let bestLeft = Number.POSITIVE_INFINITY
    rows.forEach(({ used, prefixes: present }, row) => {
      const cost = own + (present.has(id) ? 0 : prefix)
      const left = rowLength - used - cost
      if (left < 0 || cost > bestCost || (cost === bestCost && left >= bestLeft)) return
      best = row
      bestCost = cost
      bestLeft = left
    })
    if (best < 0) {
      best = rows.length
      rows.push({ used: 0, prefixes: new Map() })
    }
    const row = rows[best]!
    let prefixStart = row.prefixes.get(id)
    if (prefixStart === undefined) {
      prefixStart = row.used
      row.used += prefix
      row.prefixes.set(id, prefixStart)
    }
    placements.push({ datum, row: best, prefix, prefixStart, start: row.used })
    row.used += own
  }
  return { rowLength, numRows: rows.length, placements }
}

/** For each datum the number of leading predictions it can share, and which datums share them with it. */
function sharedPrefixes(data: readonly Datum[]): { id: number; length: number }[] {
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

/** The rows [from, to) as flat arrays of [to - from, rowLength]. */
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

export function rowArrays(
  data: readonly Datum[],
  packed: PackedRows,
  from: number,
  numRows: number,
  inputNames: readonly string[] = [],
): RowArrays {
  const size = numRows * packed.rowLength
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
  for (const { datum, row, prefix, prefixStart, start } of packed.placements) {
    if (row < from || row >= from + numRows) continue
    const { tokens, weights, inputs } = data[datum]!
    const base = (row - from) * packed.rowLength
    for (let i = 0; i < tokens.length - 1; i++) {
      const shared = i < prefix
      const at = base + (shared ? prefixStart + i : start - prefix + i)
      arrays.tokens[at] = BigInt(tokens[i]!)
      arrays.targets[at] = BigInt(tokens[i + 1]!)
      arrays.positions[at] = BigInt(i)
      // A prefix is its own segment, known by where it starts; a response's segment lies above all prefixes.
      arrays.segments[at] = shared ? prefixStart : packed.rowLength + start
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

/** Copies per-prediction values of rows [from, from + numRows) back to the datums that lie there. */
export function unpackRows(
  packed: PackedRows,
  from: number,
  numRows: number,
  values: Float32Array,
  into: readonly Float32Array[],
): void {
  for (const { datum, row, prefix, prefixStart, start } of packed.placements) {
    if (row < from || row >= from + numRows) continue
    const base = (row - from) * packed.rowLength
    const target = into[datum]!
    for (let i = 0; i < target.length; i++)
      target[i] = values[base + (i < prefix ? prefixStart + i : start - prefix + i)]!
  }
}
