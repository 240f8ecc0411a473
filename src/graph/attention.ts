/**
 * Attention as one operation and its gradient, for runtimes with kernels that never store the scores (arXiv 2205.14135).
 * composed-attention.ts says what they mean.
 *
 * R rows, T tokens, H query heads over K heads of keys and values, E head size, C cached positions.
 */
import { arange, equal, less, reshape, slice, where } from './operations.ts'
import { type Tensor, tensor } from './tensor.ts'

/** Added to the score of what may not be seen. */
export const FORBIDDEN = -1e9

/** 0 where token j may be seen from token i: not later, and of the same segment or of its parent. [R, 1, T, T] */
export function rowMask(segments: Tensor, parents: Tensor): Tensor {
  const [R, T] = segments.shape as [number, number]
  const later = less(arange([T, 1], 'int32'), arange([1, T], 'int32'))
  const from = (x: Tensor) => reshape(x, [R, 1, T, 1])
  const seen = reshape(segments, [R, 1, 1, T])
  const own = where(equal(from(segments), seen), 0, FORBIDDEN)
  return where(later, FORBIDDEN, where(equal(from(parents), seen), 0, own))
}

/** 0 for cached positions before the first of each row's, `starts` [R]: [R, 1, 1, C]. */
export function filledMask(starts: Tensor, capacity: number): Tensor {
  const R = starts.shape[0]!
  const filled = less(arange([1, capacity], 'int64'), reshape(starts, [R, 1]))
  return reshape(where(filled, 0, FORBIDDEN), [R, 1, 1, capacity])
}

/**
 * softmax(scale · q kᵀ) v over the tokens that `rowMask` lets see: query [R, T, H, E], keys and values [R, T, K, E], segments and
 * parents [R, T] int32 -> [R, T, H, E].
 */
export const attention = (
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  segments: Tensor,
  parents: Tensor,
  scale = 1,
): Tensor => tensor('attention', [query, keys, values, segments, parents], { scale }, query.shape)

/** The same of one token a row [R, 1, H, E] over a cache [R, K, C, E], of which `starts` [R] positions are filled, and itself. */
export const cachedAttention = (
  query: Tensor,
  keys: Tensor,
  values: Tensor,
  pastKeys: Tensor,
  pastValues: Tensor,
  starts: Tensor,
  scale = 1,
): Tensor =>
  tensor('cachedAttention', [query, keys, values, pastKeys, pastValues, starts], { scale }, query.shape)

/** The gradients of query, keys and values of `attention` x. */
export function attentionGradients(x: Tensor<'attention'>, dx: Tensor): [Tensor, Tensor, Tensor] {
  const [query, keys] = x.inputs as [Tensor, Tensor]
  const { scale } = x.attributes
  const [R, T, H] = query.shape as [number, number, number]
  // Of each query: the logarithm of its scores' sum, and the product of its result with the result's gradient.
  const statistics = tensor('attentionStatistics', [...x.inputs, x, dx], { scale }, [R, T, H, 2])
  const inputs = [...x.inputs, dx, statistics]
  const both = tensor('attentionGradient', inputs, { scale, of: 'keysAndValues' }, [2, ...keys.shape])
  const part = (i: number) => reshape(slice(both, 0, i, i + 1), keys.shape)
  return [tensor('attentionGradient', inputs, { scale, of: 'queries' }, query.shape), part(0), part(1)]
}
