/** The operations of attention.ts in elementary ones: what the interpreter computes, and what kernels are tested against. */
import { attention, filledMask, rowMask } from './attention.ts'
import { differentiate } from './differentiate.ts'
import { add, concat, matmul, mul, reshape, slice, softmax, sum, transpose } from './operations.ts'
import { is, type Tensor } from './tensor.ts'

/** One of these operations on its own inputs. */
export function composed(x: Tensor): Tensor {
  const [query, keys, values] = x.inputs as [Tensor, Tensor, Tensor]
  const rest: readonly Tensor[] = x.inputs.slice(3)
  const [R, T, H, E] = query.shape as [number, number, number, number]
  if (is(x, 'attention')) {
    const [segments, parents] = rest as [Tensor, Tensor]
    const K = keys.shape[2]!
    const [query_RKME, keys_RKTE] = grouped(mul(query, x.attributes.scale), keys)
    const scores = reshape(matmul(query_RKME, keys_RKTE, { transposeB: true }), [R, H, T, T])
    const weights = reshape(softmax(add(scores, rowMask(segments, parents))), [R, K, (H / K) * T, T])
    const mixed = matmul(weights, transpose(values, [0, 2, 1, 3]))
    return reshape(transpose(reshape(mixed, [R, K, H / K, T, E]), [0, 3, 1, 2, 4]), [R, T, H, E])
  }
  if (is(x, 'attentionGradient')) {
    const [segments, parents, dx] = rest as [Tensor, Tensor, Tensor]
    const loss = sum(mul(composed(attention(query, keys, values, segments, parents, x.attributes.scale)), dx))
    const [dq, dk, dv] = differentiate(loss, [query, keys, values]) as [Tensor, Tensor, Tensor]
    return x.attributes.of === 'queries'
      ? dq
      : concat(
          [dk, dv].map((y) => reshape(y, [1, ...y.shape])),
          0,
        )
  }
  if (is(x, 'cachedAttention')) {
    const [pastKeys, pastValues, starts] = rest as [Tensor, Tensor, Tensor]
    const C = pastKeys.shape[2]!
    const [query_RKME, keys_RKTE] = grouped(mul(query, x.attributes.scale), keys)
    const past = add(matmul(query_RKME, pastKeys, { transposeB: true }), filledMask(starts, C))
    const own = matmul(query_RKME, keys_RKTE, { transposeB: true })
    const weights = softmax(concat([past, own], -1))
    const values_RKTE = transpose(values, [0, 2, 1, 3])
    const mixed = add(
      matmul(slice(weights, -1, 0, C), pastValues),
      mul(slice(weights, -1, C, C + 1), values_RKTE),
    )
    return reshape(mixed, [R, T, H, E])
  }
  throw new Error(`${x.operation} is no attention`)
}

/** Queries by the head of keys that they share [R, K, G·T, E], and keys [R, K, T, E]. */
function grouped(query: Tensor, keys: Tensor): [Tensor, Tensor] {
  const [R, T, H, E] = query.shape as [number, number, number, number]
  const K = keys.shape[2]!
  const byKey = transpose(reshape(query, [R, T, K, H / K, E]), [0, 2, 3, 1, 4])
  return [reshape(byKey, [R, K, (H / K) * T, E]), transpose(keys, [0, 2, 1, 3])]
}
