/** AdamW over the parameters of a model: the gradient accumulated since the last update, and both moments. */
import { isMatrix, type ParameterSpec } from '../../model/parameters.ts'
import type { AdamW } from '../../objectives/adamw.ts'
import { adamwFeeds, adamwGraph, adamwStates } from '../../objectives/adamw-graph.ts'
import type { State } from '../../runtime/runtime.ts'
import type { Programs } from './programs.ts'
import { createWeights, type Weights } from './weights.ts'

export interface Optimizer {
  /** By the parameters' names. */
  gradient: Weights
  /** The gradient's states by the names that training graphs have for them. */
  gradientStates: Readonly<Record<string, State>>
  firstMoment: Weights
  secondMoment: Weights
  /** Updates done so far, for bias correction. */
  step: number
  /**
   * Applies the gradient and clears it; gives its global L2 norm before clipping, and the size of the update. A gradient that
   * is not finite is dropped, and the weights stay as they are.
   */
  update(settings: AdamW): Promise<{ gradientNorm: number; updateSize?: number; dropped: boolean }>
}

export function createOptimizer(programs: Programs, weights: Weights): Optimizer {
  const { runtime } = programs
  const trained = weights.specs
  const zeros = () => createWeights(runtime, trained)
  const [gradient, firstMoment, secondMoment] = [createWeights(runtime, trained), zeros(), zeros()]
  const gradientStates = Object.fromEntries(
    trained.map(({ name }) => [adamwStates(name).gradient, gradient.states[name]!]),
  )
  const states = {
    ...weights.states,
    ...gradientStates,
    ...Object.fromEntries(
      trained.flatMap(({ name }) => [
        [adamwStates(name).firstMoment, firstMoment.states[name]!],
        [adamwStates(name).secondMoment, secondMoment.states[name]!],
      ]),
    ),
  }
  const optimizer: Optimizer = {
    ...{ gradient, gradientStates, firstMoment, secondMoment, step: 0 },
    async update(settings) {
      const program = await programs.get('adamw', {}, () => adamwGraph(trained.map(updated)))
      const feeds = adamwFeeds(settings, optimizer.step + 1)
      const outputs = await program.run({ feeds, states })
      const [gradientNorm, updateSize] = [outputs.gradientNorm![0]!, outputs.updateSize![0]!]
      if (outputs.applied![0] !== 1) return { gradientNorm, dropped: true }
      optimizer.step++
      return { gradientNorm, updateSize, dropped: false }
    },
  }
  return optimizer
}

const updated = (spec: ParameterSpec) => ({ name: spec.name, shape: spec.shape, decayed: isMatrix(spec) })
