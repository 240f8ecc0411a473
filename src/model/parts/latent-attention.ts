/**
 * Multi-head latent attention (arXiv 2405.04434 §2.1, arXiv 2412.19437 §2.1.1): keys and values of all heads are linear in one
 * latent, beside which stands one rotated key for all heads. Training makes the heads' keys and values. Decoding keeps
 * only latent and rotated key, and moves the map from the latent to the heads over to queries and outputs.
 *
 * H heads; L latent, P plain, E rotary and V value size; W = L + E.
 */
import {
  add,
  concat,
  constant,
  expand,
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
import type { DeepseekV3Config } from '../config.ts'
import { yarnFactors } from '../rope.ts'
import type { AttentionInputs, AttentionOutputs, CacheLayout } from './attend.ts'
import { normalized, type Projection, projectParts } from './projection.ts'

/** Of the norms inside attention, whatever `rms_norm_eps` says. */
const EPSILON = 1e-6

/** The latent, normalised, and the rotated key: one vector for all heads. */
export const latentCache = ({ latentSize, rotaryHeadSize }: DeepseekV3Config): CacheLayout => ({
  planes: 1,
  heads: 1,
  size: latentSize + rotaryHeadSize,
})

/** Added to scores [.., H·T, T] of tokens among themselves. */
const causal = (heads: number, length: number): Tensor =>
  constant(
    Array.from({ length: heads * length * length }, (_, i) =>
      i % length > Math.floor(i / length) % length ? -1e9 : 0,
    ),
    [heads * length, length],
  )

export function latentAttention(
  config: DeepseekV3Config,
  { positions, cos, sin, parameter, project, attend, layer }: AttentionInputs,
): AttentionOutputs {
  const [R, T] = positions.shape as [number, number]
  const N = R * T
  const { numHeads: H, latentSize: L, plainHeadSize: P, rotaryHeadSize: E, valueHeadSize: V } = config
  const weight = (name: string) => parameter(`self_attn.${name}.weight`)
  // Rows have many tokens, and a step of decoding few.
  const cut = attend.kind === 'row' ? 'weight' : 'activations'
  const rotated = (x: Tensor, heads: number) =>
    rotary(reshape(x, [R, T, heads * E]), positions, cos, sin, config.interleavedRotary)

  const [toQueries, queryWeight]: [Projection, Tensor] =
    config.queryRank === undefined
      ? [project, weight('q_proj')]
      : [normalized(project(weight('q_a_proj')), weight('q_a_layernorm'), EPSILON), weight('q_b_proj')]
  const [plainQuery, rawQuery] = projectParts(toQueries, queryWeight, N, H, [P, E], cut) as [Tensor, Tensor]
  const [rawLatent, rawKey] = projectParts(project, weight('kv_a_proj_with_mqa'), N, 1, [L, E], cut) as [
    Tensor,
    Tensor,
  ]
  const latent_NL = mul(rmsNormalize(rawLatent, EPSILON), weight('kv_a_layernorm'))
  const rotaryKey = rotated(rawKey, 1)
  const rotaryQuery = rotated(rawQuery, H)
  const own = reshape(concat([reshape(latent_NL, [R, T, L]), rotaryKey], -1), [R, 1, T, L + E])
  const scale = (config.ropeScaling ? yarnFactors(config.ropeScaling).scores : 1) / Math.sqrt(P + E)
  const output = (mixed_ND: Tensor) => linear(mixed_ND, weight('o_proj'))

  if (attend.kind === 'row') {
    const toHeads = (matrix: Tensor) => linear(latent_NL, matrix)
    const [plainKey, value] = projectParts(toHeads, weight('kv_b_proj'), N, H, [P, V], cut) as [
      Tensor,
      Tensor,
    ]
    const heads = (x: Tensor, size: number) => reshape(x, [R, T, H, size])
    const byHead = (x: Tensor) => transpose(x, [0, 2, 1, 3])
    const query = byHead(concat([heads(plainQuery, P), heads(rotaryQuery, E)], -1))
    const sameKey = expand(reshape(rotaryKey, [R, T, 1, E]), [R, T, H, E])
    const key = byHead(concat([heads(plainKey, P), sameKey], -1))
    const scores = softmax(add(matmul(mul(query, scale), key, { transposeB: true }), attend.mask_R1TT))
    const mixed = matmul(scores, byHead(heads(value, V)))
    return { output_ND: output(reshape(byHead(mixed), [N, H * V])), cached: [own] }
  }

  // W_UK moves to the queries and W_UV to the outputs: both stand in kv_b_proj, [H, P + V, L]. Zeros beside the plain
  // query, and a cut of the outputs, pick the one needed without a copy of the weight.
  const [past] = attend.layers[layer] as [Tensor]
  const C = past.shape[2]!
  const up_HUL = reshape(weight('kv_b_proj'), [H, P + V, L])
  const heads_HN = (x: Tensor, size: number) => transpose(reshape(x, [N, H, size]), [1, 0, 2])
  const zeros = expand(constant([0], [1, 1, 1]), [H, N, V])
  const absorbed = matmul(concat([heads_HN(plainQuery, P), zeros], -1), up_HUL)
  const query_HNW = mul(concat([absorbed, heads_HN(rotaryQuery, E)], -1), scale)
  const query = reshape(transpose(reshape(query_HNW, [H, R, T, L + E]), [1, 0, 2, 3]), [R, 1, H * T, L + E])
  const pastScores = add(matmul(query, past, { transposeB: true }), attend.mask_R11C)
  const ownScores = add(matmul(query, own, { transposeB: true }), causal(H, T))
  const weights = softmax(concat([pastScores, ownScores], -1))
  const mixed = add(matmul(slice(weights, -1, 0, C), past), matmul(slice(weights, -1, C, C + T), own))
  const latents = slice(transpose(reshape(mixed, [R, H, T, L + E]), [1, 0, 2, 3]), -1, 0, L)
  const values = slice(matmul(reshape(latents, [H, N, L]), up_HUL, { transposeB: true }), -1, P, P + V)
  return { output_ND: output(reshape(transpose(values, [1, 0, 2]), [N, H * V])), cached: [own] }
}
