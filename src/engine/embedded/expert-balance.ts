/**
 * Balance of experts without a loss (arXiv 2408.15664, arXiv 2412.19437 §2.1.2): after each update the bias that takes part in
 * the choice of an expert rises where the expert had less than its share of the tokens, and falls where it had more.
 */
import type { Weights } from './weights.ts'

export interface ExpertBalance {
  /** Adds the loads among a training graph's outputs, `load:<layer>`. */
  count(outputs: Readonly<Record<string, Float32Array>>): void
  /**
   * Moves every bias by `speed` and starts counting again. Gives the loads since the last update over their mean, 1 being even,
   * [layer][expert]; nothing where no layer has experts.
   */
  update(weights: Weights, speed: number): Promise<number[][] | undefined>
}

export function createExpertBalance(): ExpertBalance {
  const loads = new Map<string, Float64Array>()
  return {
    count(outputs) {
      for (const [name, counts] of Object.entries(outputs)) {
        if (!name.startsWith('load:')) continue
        const layer = name.slice('load:'.length)
        const total = loads.get(layer) ?? new Float64Array(counts.length)
        counts.forEach((value, expert) => {
          total[expert]! += value
        })
        loads.set(layer, total)
      }
    },
    async update({ states }, speed) {
      if (loads.size === 0) return undefined
      const shares: number[][] = []
      for (const [layer, total] of loads) {
        const mean = total.reduce((a, b) => a + b, 0) / total.length
        // Only DeepSeek-V3's experts have one.
        const bias = states[`model.layers.${layer}.mlp.gate.e_score_correction_bias`]
        bias?.write(
          (await bias.read()).map((value, expert) => value + speed * Math.sign(mean - total[expert]!)),
        )
        shares.push(Array.from(total, (load) => load / mean))
      }
      loads.clear()
      return shares
    },
  }
}
