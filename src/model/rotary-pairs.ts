/**
 * The two ways in which checkpoints order the rows of query and key projections for rotary positions (arXiv
 * 2104.09864): llama2.c and llama.cpp rotate neighbouring rows of a head, Hugging Face row i with row i + d/2.
 */

/** Numbers, or bytes of blocks of which every row has whole ones. */
type Rows = Float32Array | Uint8Array

/** From neighbours to halves, in place: `matrix` has heads of `headSize` rows. */
export const pairsToHalves = (matrix: Rows, rows: number, headSize: number): void =>
  reorder(matrix, rows, headSize, (pair, second) => [pair + second * (headSize / 2), 2 * pair + second])

/** From halves to neighbours, in place. */
export const halvesToPairs = (matrix: Rows, rows: number, headSize: number): void =>
  reorder(matrix, rows, headSize, (pair, second) => [2 * pair + second, pair + second * (headSize / 2)])

function reorder(
  matrix: Rows,
  rows: number,
  headSize: number,
  /** Where a row of a head goes, and where it comes from. */
  places: (pair: number, second: 0 | 1) => [to: number, from: number],
): void {
  const width = matrix.length / rows
  const size = headSize * width
  for (let start = 0; start < matrix.length; start += size) {
    const head = matrix.subarray(start, start + size)
    const before = head.slice()
    for (let pair = 0; pair < headSize / 2; pair++)
      for (const second of [0, 1] as const) {
        const [to, from] = places(pair, second)
        head.set(before.subarray(from * width, (from + 1) * width), to * width)
      }
  }
}
