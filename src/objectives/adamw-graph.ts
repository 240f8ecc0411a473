/** The update of adamw.ts as a graph that assigns to state: weights, gradient and moments stay where they are. */
import {
  add,
  cast,
  div,
  expand,
  finite,
  input,
  maximum,
  mul,
  reshape,
  scalar,
  slice,
  sqrt,
  state,
  sub,
  sum,
  where,
} from '../graph/operations.ts'
import type { Shape, Tensor } from '../graph/tensor.ts'
import type { AdamW } from './adamw.ts'

export interface UpdatedParameter {
  name: string
  shape: Shape
  /** Whether weight decay applies to it. */
  decayed: boolean
}

/** The states besides the parameter's own that an update needs, by its name. */
export const adamwStates = (name: string) => ({
  gradient: `gradient:${name}`,
  firstMoment: `firstMoment:${name}`,
  secondMoment: `secondMoment:${name}`,
})

const SETTINGS = 'adamw'

/**
 * The gradient's global L2 norm before clipping, whether it was applied, the update's size (its L2 norm over that of the
 * weights before it), and new values of all states. A gradient that is not finite changes
 * nothing but itself: it is cleared. The run is fed `adamwFeeds`.
 */
export function adamwGraph(parameters: readonly UpdatedParameter[]): {
  outputs: { gradientNorm: Tensor; applied: Tensor; updateSize: Tensor }
  assign: Record<string, Tensor>
} {
  const settings = input(SETTINGS, [7])
  const setting = (i: number) => reshape(slice(settings, 0, i, i + 1), [])
  const [step, correction, beta1, beta2, epsilon, decay, limit] = [0, 1, 2, 3, 4, 5, 6].map(setting) as [
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
    Tensor,
  ]
  const gradients = parameters.map(({ name, shape }) => state(adamwStates(name).gradient, shape))
  const squares = gradients.map((gradient) => sum(mul(gradient, gradient)))
  const gradientNorm = sqrt(squares.reduce(add))
  const applied = finite(gradientNorm)
  const scale = div(limit, maximum(gradientNorm, limit))
  const assign: Record<string, Tensor> = {}
  const [moved, before]: [Tensor[], Tensor[]] = [[], []]
  parameters.forEach(({ name, shape, decayed }, i) => {
    const states = adamwStates(name)
    const [weight, m, v] = [name, states.firstMoment, states.secondMoment].map((held) =>
      state(held, shape),
    ) as [Tensor, Tensor, Tensor]
    const g = mul(gradients[i]!, scale)
    const kept = (value: Tensor, old: Tensor) => where(applied, value, old)
    const firstMoment = kept(add(mul(m, beta1), mul(g, sub(1, beta1))), m)
    const secondMoment = kept(add(mul(v, beta2), mul(mul(g, g), sub(1, beta2))), v)
    const change = div(mul(firstMoment, step), add(mul(sqrt(secondMoment), correction), epsilon))
    const shrunk = decayed ? mul(weight, decay) : weight
    const updated = sub(shrunk, change)
    const difference = sub(updated, weight)
    moved.push(sum(mul(difference, difference)))
    before.push(sum(mul(weight, weight)))
    assign[name] = kept(updated, weight)
    assign[states.firstMoment] = firstMoment
    assign[states.secondMoment] = secondMoment
    assign[states.gradient] = expand(scalar(0), shape)
  })
  const updateSize = sqrt(div(moved.reduce(add), before.reduce(add)))
  return { outputs: { gradientNorm, applied: cast(applied, 'float32'), updateSize }, assign }
}

/** `updates` counts this one: 1 for the first. */
export function adamwFeeds(
  { learningRate, beta1, beta2, epsilon, weightDecay, gradientClipNorm }: AdamW,
  updates: number,
): { adamw: Float64Array } {
  return {
    [SETTINGS]: Float64Array.of(
      learningRate / (1 - beta1 ** updates),
      1 / Math.sqrt(1 - beta2 ** updates),
      beta1,
      beta2,
      epsilon,
      1 - learningRate * weightDecay,
      gradientClipNorm > 0 ? gradientClipNorm : 3.4e38,
    ),
  }
}
