/** A layer as Llama has it: attention and a feed-forward part, each of the norm of the residual stream and added to it. */
import { add } from '../../graph/operations.ts'
import type { Tensor } from '../../graph/tensor.ts'
import type { LayerInputs, LayerOutputs, ParameterSpec } from '../architecture.ts'
import type { GroupedQueryShape } from '../config.ts'
import {
  type AttentionTraits,
  attentionParameters,
  groupedQueryAttention,
} from './grouped-query-attention.ts'
import type { Routing } from './mixture-of-experts.ts'
import { feedForwardParameters, normalized, swiglu } from './projection.ts'

export function preNormLayer(
  config: GroupedQueryShape,
  inputs: LayerInputs,
  traits: AttentionTraits = {},
  /** In the place of SwiGLU, of the residual stream [N, D] before its norm. */
  experts?: (middle_ND: Tensor) => { output_ND: Tensor; routing: Routing },
): LayerOutputs {
  const { parameter, x_ND } = inputs
  const norm = (x: Tensor, name: string) => normalized(x, parameter(`${name}.weight`), config.rmsNormEpsilon)
  const project = norm(x_ND, 'input_layernorm')
  const { output_ND, cached } = groupedQueryAttention(config, { ...inputs, project }, traits)
  const middle_ND = add(x_ND, output_ND)
  if (experts !== undefined) {
    const { output_ND: y_ND, routing } = experts(middle_ND)
    return { x_ND: add(middle_ND, y_ND), cached, routing }
  }
  return { x_ND: add(middle_ND, swiglu(norm(middle_ND, 'post_attention_layernorm'), parameter)), cached }
}

export const preNormParameters = (
  config: GroupedQueryShape,
  traits: AttentionTraits = {},
  feedForward: readonly ParameterSpec[] = feedForwardParameters(
    'mlp',
    config.intermediateSize,
    config.hiddenSize,
  ),
): ParameterSpec[] => [
  { name: 'input_layernorm.weight', shape: [config.hiddenSize] },
  ...attentionParameters(config, traits),
  { name: 'post_attention_layernorm.weight', shape: [config.hiddenSize] },
  ...feedForward,
]
