/**
 * Multi-token prediction (arXiv 2412.19437 §2.2), one module: from the decoder's last state of token i
 * and the embedding of token i + 1 one more layer predicts token i + 2. Embedding and output head are the decoder's.
 * The order of the two halves is that of the released weights: embedding, then state.
 */
import { concat, linear, mul, rmsNormalize } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { ParameterSpec } from '../architecture.ts'
import type { DeepseekV3Config } from '../config.ts'
import type { Parameter } from './projection.ts'

/** The module's own parameters, around those of its layer. */
export const predictionParameters = (
  { hiddenSize: d }: DeepseekV3Config,
  layerParameters: readonly ParameterSpec[],
): ParameterSpec[] => [
  { name: 'enorm.weight', shape: [d] },
  { name: 'hnorm.weight', shape: [d] },
  { name: 'eh_proj.weight', shape: [d, 2 * d] },
  ...layerParameters,
  { name: 'shared_head.norm.weight', shape: [d] },
]

/** Tensors that the module's checkpoints repeat, by their names within it, and whose they are. */
export const SHARED_WITH_PREDICTION = {
  'embed_tokens.weight': 'model.embed_tokens.weight',
  'shared_head.head.weight': 'lm_head.weight',
} as const

/** What the module's layer reads: last states [N, D] of tokens, and the embeddings [N, D] of those after them. */
export function predictionInput(
  config: DeepseekV3Config,
  hidden_ND: Tensor,
  next_ND: Tensor,
  parameter: Parameter,
): Tensor {
  const norm = (x: Tensor, name: string) =>
    mul(rmsNormalize(x, config.rmsNormEpsilon), parameter(`${name}.weight`))
  return linear(concat([norm(next_ND, 'enorm'), norm(hidden_ND, 'hnorm')], -1), parameter('eh_proj.weight'))
}
