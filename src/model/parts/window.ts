/** Sliding windows (arXiv 2004.05150): a token sees itself and the few before it. */
import { FORBIDDEN } from '../../graph/attention.ts'
import { add, arange, less, minimum, reshape, where } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { Attend } from './attend.ts'

/**
 * Attention within a window of tokens, by their positions [R, T] (int64) and not by where they stand in a row, which several
 * sequences may share. A row or a cache that the window covers stays as it is, kernels of its own included.
 */
export function windowed(attend: Attend, positions: Tensor, window: number): Attend {
  const [R, T] = positions.shape as [number, number]
  if (attend.kind === 'row') {
    if (T <= window) return attend
    const seen = less(reshape(positions, [R, 1, T, 1]), reshape(add(positions, window), [R, 1, 1, T]))
    return { kind: 'row', mask_R1TT: minimum(attend.mask_R1TT, where(seen, 0, FORBIDDEN)) }
  }
  const capacity = attend.mask_R11C.shape.at(-1)!
  if (capacity < window) return attend
  // A token more than those in the cache: itself.
  const places = arange([1, 1, 1, capacity], 'int64')
  const seen = less(reshape(positions, [R, 1, 1, T]), add(places, window))
  return { ...attend, mask_R11C: minimum(attend.mask_R11C, where(seen, 0, FORBIDDEN)), fused: undefined }
}
