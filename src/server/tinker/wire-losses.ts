/** The Tinker API's losses as objectives of the embedded engine. Left out: targets other than the next token. */
import type { Datum } from '../../engine/engine.ts'
import type { ForwardInput, WireDatum } from '../../engine/tinker/wire.ts'
import { crossEntropy } from '../../objectives/cross-entropy.ts'
import type { Objective } from '../../objectives/objective.ts'
import { policyGradient } from '../../objectives/policy-gradient.ts'
import { WireError } from './wire-error.ts'

const THRESHOLDS = { low: 'clip_low_threshold', high: 'clip_high_threshold' }

export function trainingBatch({ data, loss_fn, loss_fn_config }: ForwardInput): {
  batch: Datum[]
  objective: Objective
} {
  const config = loss_fn_config ?? {}
  const objective = wireObjective(loss_fn, config)
  return {
    objective,
    batch: data.map((datum, d) => trainingDatum(datum, d, loss_fn !== 'cross_entropy')),
  }
}

function wireObjective(loss: string, config: Readonly<Record<string, number>>): Objective {
  const allowed = loss === 'ppo' || loss === 'cispo' ? Object.values(THRESHOLDS) : []
  const strange = Object.keys(config).find((name) => !allowed.includes(name))
  if (strange !== undefined)
    throw new WireError(
      422,
      `loss_fn_config of ${loss} has no ${strange}; allowed: ${allowed.join(', ') || 'none'}`,
    )
  const { [THRESHOLDS.low]: low, [THRESHOLDS.high]: high } = config
  switch (loss) {
    case 'cross_entropy':
      return crossEntropy
    case 'importance_sampling':
      return policyGradient({ surrogate: 'unclipped', klWeight: 0 })
    case 'ppo':
      return policyGradient({ klWeight: 0, clipLow: 1 - (low ?? 0.8), clipHigh: (high ?? 1.2) - 1 })
    case 'cispo':
      return policyGradient({
        surrogate: 'cispo',
        klWeight: 0,
        clipLow: 1 - (low ?? 0),
        clipHigh: (high ?? 4) - 1,
      })
    default:
      throw new WireError(
        422,
        `there is no loss_fn ${loss}: cross_entropy, importance_sampling, ppo or cispo`,
      )
  }
}

function trainingDatum(datum: WireDatum, d: number, compared: boolean): Datum {
  const { loss_fn_inputs } = datum
  const tokens = datumTokens(datum, d, compared ? 'advantages' : 'weights')
  const N = tokens.length - 1
  const read = (name: string): Float32Array => {
    const tensor = loss_fn_inputs[name]
    if (tensor === undefined) throw new WireError(400, `data.${d} has no ${name}`)
    if (tensor.data.length !== N)
      throw new WireError(400, `data.${d}.${name} has ${tensor.data.length} values for ${N} tokens`)
    return Float32Array.from(tensor.data)
  }
  const weights = loss_fn_inputs.weights === undefined ? new Float32Array(N).fill(1) : read('weights')
  if (!compared) return { tokens, weights }
  const advantages = read('advantages')
  // What teaches nothing has weight 0, so that sequences with the same prompt share it.
  advantages.forEach((advantage, t) => {
    if (advantage === 0) weights[t] = 0
  })
  return { tokens, weights, inputs: { advantages, oldLogprobs: read('logprobs') } }
}

/**
 * The whole sequence: the input and the last target. Where `by` is 0 nothing is taught and a target may be anything, as
 * the cookbook of the API has it for prompts; what is said of such a token is said of the next one.
 */
export function datumTokens(
  { model_input, loss_fn_inputs }: WireDatum,
  d: number,
  by: 'weights' | 'advantages' = 'weights',
): Int32Array {
  const input = model_input.chunks.flatMap(({ tokens }) => tokens)
  const targets = loss_fn_inputs.target_tokens?.data
  if (targets === undefined) throw new WireError(400, `data.${d} has no target_tokens`)
  if (targets.length !== input.length || input.length === 0)
    throw new WireError(400, `data.${d} has ${targets.length} target_tokens for ${input.length} tokens`)
  const taught = loss_fn_inputs[by]?.data
  const strange = targets.findIndex(
    (target, t) => t + 1 < input.length && target !== input[t + 1] && taught?.[t] !== 0,
  )
  if (strange >= 0)
    throw new WireError(
      400,
      `data.${d}.target_tokens.${strange} is not the next token, which alone is predicted`,
    )
  return Int32Array.from([...input, targets.at(-1)!])
}
