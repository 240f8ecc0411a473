/** AdamW over the parameters of a model: the gradient accumulated since the last update, and both moments. */
import { isMatrix } from '../../model/parameters.ts'
import type { AdamW } from '../../objectives/adamw.ts'
import { type AdamWState, adamwUpdate, createAdamWState, l2Norm } from './adamw.ts'
import { createWeights, type FlatWeights } from './weights.ts'

export interface Optimizer {
  gradient: FlatWeights
  state: AdamWState
  /**
   * Applies the gradient and clears it; gives its global L2 norm before clipping, and the size of the update. A gradient that
   * is not finite is dropped, and the weights stay as they are.
   */
  update(settings: AdamW): { gradientNorm: number; updateSize?: number; dropped: boolean }
}

export function createOptimizer(weights: FlatWeights): Optimizer {
  const gradient = createWeights(weights.specs)
  const state = createAdamWState(weights.flat.length)
  const decayed = matrixRanges(weights)
  return {
    gradient,
    state,
    update(settings) {
      const gradientNorm = l2Norm(gradient.flat)
      let updateSize: number | undefined
      if (Number.isFinite(gradientNorm)) {
        const { gradientClipNorm: limit } = settings
        const scale = limit > 0 && gradientNorm > limit ? limit / gradientNorm : 1
        updateSize = adamwUpdate(weights.flat, gradient.flat, state, settings, scale, decayed)
      }
      gradient.flat.fill(0)
      return {
        gradientNorm,
        dropped: updateSize === undefined,
        ...(updateSize !== undefined && { updateSize }),
      }
    },
  }
}

function matrixRanges({ specs, flat, view }: FlatWeights): [number, number][] {
  return specs.filter(isMatrix).map(({ name }) => {
    const { byteOffset, length } = view(name)
    const start = (byteOffset - flat.byteOffset) / 4
    return [start, start + length]
  })
}
