/**
 * Rotary position embedding tables (arXiv 2104.09864), with the scalings of Llama 3 (arXiv 2407.21783) and YaRN (arXiv
 * 2309.00071). Where local layers turn by another base, their table stands below that of the others.
 */
import type { DecoderConfig, Llama3RopeScaling, YarnRopeScaling } from './config.ts'

/** Angular frequency of each rotated pair, radians a position. */
export function ropeFrequencies(config: DecoderConfig): Float64Array {
  const { ropeTheta, ropeScaling } = config
  const size = rotarySize(config)
  const plain = plainFrequencies(ropeTheta, size)
  if (ropeScaling === undefined) return plain
  if (ropeScaling.type === 'linear') return plain.map((frequency) => frequency / ropeScaling.factor)
  if (ropeScaling.type === 'llama3') return plain.map((frequency) => llama3Frequency(frequency, ropeScaling))
  const share = yarnShare(size, ropeTheta, ropeScaling)
  return plain.map((frequency, i) => frequency * (1 - share(i) + share(i) / ropeScaling.factor))
}

const plainFrequencies = (theta: number, size: number): Float64Array =>
  Float64Array.from({ length: size / 2 }, (_, i) => theta ** ((-2 * i) / size))

/** Rotated elements of a head. */
const rotarySize = (config: DecoderConfig): number =>
  config.architecture === 'deepseek_v3' ? config.rotaryHeadSize : config.headSize

function llama3Frequency(
  frequency: number,
  { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions }: Llama3RopeScaling,
): number {
  const rotations = (originalPositions * frequency) / (2 * Math.PI)
  if (rotations > high) return frequency
  if (rotations < low) return frequency / factor
  const smooth = (rotations - low) / (high - low)
  return (1 - smooth) * (frequency / factor) + smooth * frequency
}

/** How much pair i is stretched: 0 for the fast pairs, 1 for the slow ones, a ramp between (arXiv 2309.00071 §3.2). */
function yarnShare(size: number, theta: number, scaling: YarnRopeScaling): (pair: number) => number {
  /** The pair that makes this many turns over the original positions. */
  const pairOf = (turns: number) =>
    (size * Math.log(scaling.originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(theta))
  const low = Math.max(0, Math.floor(pairOf(scaling.betaFast)))
  const high = Math.min(size - 1, Math.ceil(pairOf(scaling.betaSlow)))
  return (pair) => Math.min(1, Math.max(0, (pair - low) / (low === high ? 0.001 : high - low)))
}

/**
 * YaRN's temperatures, as transformers has them: a factor on the rotary tables, and one on the scale of attention's
 * scores (the square of m, arXiv 2412.19437).
 */
export function yarnFactors({ factor, mscale, mscaleAllDim, attentionFactor }: YarnRopeScaling): {
  tables: number
  scores: number
} {
  const m = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1)
  return {
    tables: attentionFactor ?? (mscale && mscaleAllDim ? m(mscale) / m(mscaleAllDim) : m(1)),
    scores: mscaleAllDim ? m(mscaleAllDim) ** 2 : 1,
  }
}

/** The shape of the tables: [tables · positions, rotarySize / 2]. */
export const ropeShape = (config: DecoderConfig): [number, number] => [
  config.maxPositions * frequenciesOfTables(config).length,
  rotarySize(config) / 2,
]

const frequenciesOfTables = (config: DecoderConfig): Float64Array[] => [
  ropeFrequencies(config),
  ...(config.architecture === 'gemma3_text'
    ? [plainFrequencies(config.localRopeTheta, config.headSize)]
    : []),
]

/** cos and sin of every position's angles, of the shape that `ropeShape` tells. */
export function ropeTables(config: DecoderConfig): { cos: Float32Array; sin: Float32Array } {
  const tables = frequenciesOfTables(config)
  const factor = config.ropeScaling?.type === 'yarn' ? yarnFactors(config.ropeScaling).tables : 1
  const [rows, half] = ropeShape(config)
  const cos = new Float32Array(rows * half)
  const sin = new Float32Array(rows * half)
  for (let i = 0; i < cos.length; i++) {
    const row = Math.floor(i / half)
    const frequencies = tables[Math.floor(row / config.maxPositions)]!
    const angle = (row % config.maxPositions) * frequencies[i % half]!
    cos[i] = factor * Math.cos(angle)
    sin[i] = factor * Math.sin(angle)
  }
  return { cos, sin }
}
