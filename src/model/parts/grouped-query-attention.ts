/** Grouped-query attention with rotary positions (arXiv 2305.13245). K key-value heads, G = H / K, E head size. */
import { attention, cachedAttention } from '../../graph/attention.ts'
import {
  add,
  concat,
  linear,
  matmul,
  mul,
  reshape,
  rmsNormalize,
  rotary,
  slice,
  softmax,
  transpose,
} from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../architecture.ts'
import type { GroupedQueryShape } from '../config.ts'
import type { AttentionInputs, AttentionOutputs, CacheLayout } from './attend.ts'

/** Keys (rotated) and values. */
export const groupedQueryCache = (config: GroupedQueryShape): CacheLayout => ({
  planes: 2,
  heads: config.numKeyValueHeads,
  size: config.headSize,
})

/** In what architectures differ. */
export interface AttentionTraits {
  /** Biases on queries, keys and values. */
  biased?: boolean
  /** RMSNorm of every head's query and key; `zeroCenteredNorms`: their gain is 1 + the parameter. */
  headNorms?: boolean
  zeroCenteredNorms?: boolean
  /** Queries and keys are not rotated. */
  unrotated?: boolean
  /** Of the scores; 1/√E without. */
  scale?: number
}

export function attentionParameters(
  { hiddenSize: d, headSize, numHeads, numKeyValueHeads }: GroupedQueryShape,
  { biased = false, headNorms = false }: AttentionTraits,
): ParameterSpec[] {
  const projection = (name: string, heads: number): ParameterSpec[] => [
    { name: `self_attn.${name}.weight`, shape: [heads * headSize, d] },
    ...(biased ? [{ name: `self_attn.${name}.bias`, shape: [heads * headSize] }] : []),
  ]
  return [
    ...projection('q_proj', numHeads),
    ...projection('k_proj', numKeyValueHeads),
    ...projection('v_proj', numKeyValueHeads),
    { name: 'self_attn.o_proj.weight', shape: [d, numHeads * headSize] },
    ...(headNorms
      ? ['q_norm', 'k_norm'].map((name) => ({ name: `self_attn.${name}.weight`, shape: [headSize] }))
      : []),
  ]
}

export function groupedQueryAttention(
  config: GroupedQueryShape,
  { positions, cos, sin, parameter, project, attend, layer }: AttentionInputs,
  traits: AttentionTraits,
): AttentionOutputs {
  const [R, T] = positions.shape as [number, number]
  const { numHeads: H, numKeyValueHeads: K, headSize: E } = config
  const G = H / K
  const projected = (name: string, heads: number) => {
    const y = project(parameter(`self_attn.${name}.weight`))
    const biased = traits.biased ? add(y, parameter(`self_attn.${name}.bias`)) : y
    return reshape(biased, [R, T, heads * E])
  }
  const normed = (x: Tensor, name: string) => {
    if (!traits.headNorms) return x
    const gain_E = parameter(`self_attn.${name}.weight`)
    const unit = rmsNormalize(reshape(x, [R, T, x.shape[2]! / E, E]), config.rmsNormEpsilon)
    return reshape(mul(unit, traits.zeroCenteredNorms ? add(gain_E, 1) : gain_E), x.shape)
  }
  const rotated = (x: Tensor) => (traits.unrotated ? x : rotary(x, positions, cos, sin))
  const byHead = (x_RTK: Tensor) => transpose(reshape(x_RTK, [R, T, K, E]), [0, 2, 1, 3])

  // Query heads that share a key-value head stand together, so that keys and values are never repeated.
  // The scale multiplies the queries: a product without a factor has a faster kernel where there is one query a head.
  const { scale = 1 / Math.sqrt(E) } = traits
  const rotatedQuery = rotated(normed(projected('q_proj', H), 'q_norm'))
  const query = mul(rotatedQuery, scale)
  const keys_RTKE = rotated(normed(projected('k_proj', K), 'k_norm'))
  const values_RTKE = projected('v_proj', K)
  const [keys, values] = [byHead(keys_RTKE), byHead(values_RTKE)]
  const output = (mixed: Tensor) => ({
    output_ND: linear(reshape(mixed, [R * T, H * E]), parameter('self_attn.o_proj.weight')),
    cached: [keys, values],
  })
  // Kernels read four numbers at a time.
  if (attend.fused !== undefined && E % 4 === 0 && (attend.kind === 'row' || T === 1)) {
    const heads = [
      [rotatedQuery, H],
      [keys_RTKE, K],
      [values_RTKE, K],
    ] as const
    const own = heads.map(([x, count]) => reshape(x, [R, T, count, E])) as [Tensor, Tensor, Tensor]
    if (attend.kind === 'row')
      return output(attention(...own, attend.fused.segments, attend.fused.parents, scale))
    const [pastKeys, pastValues] = attend.layers[layer] as [Tensor, Tensor]
    return output(cachedAttention(...own, pastKeys, pastValues, attend.fused.starts, scale))
  }
  const query_RKME = reshape(transpose(reshape(query, [R, T, K, G, E]), [0, 2, 3, 1, 4]), [R, K, G * T, E])

  const scores = matmul(query_RKME, keys, { transposeB: true })
  let mixed_RKME: Tensor
  if (attend.kind === 'row') {
    const masked = add(reshape(scores, [R, H, T, T]), attend.mask_R1TT)
    mixed_RKME = matmul(reshape(softmax(masked), [R, K, G * T, T]), values)
  } else {
    const [pastKeys, pastValues] = attend.layers[layer] as [Tensor, Tensor]
    const C = pastKeys.shape[2]!
    const past = add(matmul(query_RKME, pastKeys, { transposeB: true }), attend.mask_R11C)
    const weights = softmax(concat([past, scores], -1))
    mixed_RKME = add(matmul(slice(weights, -1, 0, C), pastValues), mul(slice(weights, -1, C, C + 1), values))
  }
  return output(transpose(reshape(mixed_RKME, [R, K, G, T, E]), [0, 3, 1, 2, 4]))
}
