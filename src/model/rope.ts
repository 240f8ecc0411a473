/** Rotary position embedding tables (arXiv 2104.09864), with Llama 3's frequency scaling (paper.md §10.2). */
import type { DecoderConfig } from './config.ts'

/** Angular frequency of each of the headSize / 2 pairs, radians a position. */
export function ropeFrequencies({ headSize, ropeTheta, ropeScaling }: DecoderConfig): Float64Array {
  return Float64Array.from({ length: headSize / 2 }, (_, i) => {
    const frequency = ropeTheta ** ((-2 * i) / headSize)
    if (ropeScaling === undefined) return frequency
    const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = ropeScaling
    const rotations = (originalPositions * frequency) / (2 * Math.PI)
    if (rotations > high) return frequency
    if (rotations < low) return frequency / factor
    const smooth = (rotations - low) / (high - low)
    return (1 - smooth) * (frequency / factor) + smooth * frequency
  })
}

/** cos and sin of every position's angles: [positions, headSize / 2] each. */
export function ropeTables(
  config: DecoderConfig,
  positions: number,
): { cos: Float32Array; sin: Float32Array } {
  const frequencies = ropeFrequencies(config)
  const half = frequencies.length
  const cos = new Float32Array(positions * half)
  const sin = new Float32Array(positions * half)
  for (let i = 0; i < cos.length; i++) {
    const angle = Math.floor(i / half) * frequencies[i % half]!
    cos[i] = Math.cos(angle)
    sin[i] = Math.sin(angle)
  }
  return { cos, sin }
}
