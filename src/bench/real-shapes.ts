/** The shapes of three published models, with weights that are random but quickly made. */
import type { LlamaConfig } from '../model/config.ts'
import { numParameters } from '../model/parameters.ts'
import * as published from '../model/published-shapes.ts'
import { randomStream } from '../random.ts'

/** No benchmark reads further, and rotary tables are as long as a model's positions. */
const measured = (shape: LlamaConfig): LlamaConfig => ({ ...shape, maxPositions: 2048 })

/** 494M parameters. */
export const QWEN_05B = measured(published.QWEN25_05B)
/** 1.54 billion parameters. */
export const QWEN_15B = measured(published.QWEN25_15B)
/** 135M parameters. */
export const SMOLLM2_135M = measured(published.SMOLLM2_135M)

/** The same million normal numbers over and over: drawing 494 million takes longer than what is measured. */
export function repeatedWeights(config: LlamaConfig): Float32Array<ArrayBuffer> {
  const weights = new Float32Array(numParameters(config))
  const { normal } = randomStream(1, 'repeated weights')
  const block = Math.min(1_000_003, weights.length)
  for (let i = 0; i < block; i++) weights[i] = 0.02 * normal()
  for (let i = block; i < weights.length; i += block)
    weights.copyWithin(i, 0, Math.min(block, weights.length - i))
  return weights
}
