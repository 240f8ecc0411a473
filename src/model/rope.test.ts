import { describe, expect, it } from 'vitest'
import type { LlamaConfig } from './config.ts'
import { ropeFrequencies, ropeTables } from './rope.ts'

const config: LlamaConfig = {
  architecture: 'llama',
  vocabularySize: 8,
  hiddenSize: 16,
  intermediateSize: 16,
  numLayers: 1,
  numHeads: 2,
  numKeyValueHeads: 1,
  headSize: 8,
  maxPositions: 4,
  rmsNormEpsilon: 1e-5,
  ropeTheta: 10_000,
  attentionBias: false,
  tieEmbeddings: false,
}

it('plain frequencies fall from 1 by the theta’s roots', () => {
  const expected = [1, 0.1, 0.01, 0.001]
  ropeFrequencies(config).forEach((frequency, i) => {
    expect(frequency).toBeCloseTo(expected[i]!, 12)
  })
})

it('tables hold cos and sin of position times frequency, position after position', () => {
  const { cos, sin } = ropeTables({ ...config, maxPositions: 3 })
  expect([cos.length, sin.length]).toEqual([12, 12])
  expect(Array.from(cos.subarray(0, 4))).toEqual([1, 1, 1, 1])
  expect(cos[2 * 4 + 1]).toBeCloseTo(Math.cos(0.2), 6)
  expect(sin[2 * 4]).toBeCloseTo(Math.sin(2), 6)
})

describe('llama3 (arXiv 2407.21783), as Llama 8B has it', () => {
  const ropeScaling = {
    type: 'llama3',
    factor: 8,
    lowFrequencyFactor: 1,
    highFrequencyFactor: 4,
    originalPositions: 8192,
  } as const
  const llama = { ...config, headSize: 128, ropeTheta: 500_000 }
  const plain = ropeFrequencies(llama)
  const scaled = ropeFrequencies({ ...llama, ropeScaling })
  const wavelength = (i: number) => (2 * Math.PI) / plain[i]!

  it('keeps waves shorter than orig/high, stretches those longer than orig/low, and blends between', () => {
    const kinds = { kept: 0, blended: 0, stretched: 0 }
    scaled.forEach((frequency, i) => {
      const λ = wavelength(i)
      if (λ < 8192 / 4) {
        kinds.kept++
        expect(frequency).toBe(plain[i])
      } else if (λ > 8192) {
        kinds.stretched++
        expect(frequency).toBe(plain[i]! / 8)
      } else {
        kinds.blended++
        const share = (8192 / λ - 1) / (4 - 1)
        expect(frequency).toBeCloseTo((1 - share) * (plain[i]! / 8) + share * plain[i]!, 15)
      }
    })
    // theta^(2i/128) is orig/(high·2π) at i = 28.2 and orig/2π at i = 34.98.
    expect(kinds).toEqual({ kept: 29, blended: 6, stretched: 29 })
  })

  it('by hand: pair 30', () => {
    // f = 500000^(-60/128) = 0.00213112, λ = 2948.30, orig/λ = 2.77855, (2.77855 - 1) / 3 = 0.592849.
    expect(scaled[30]).toBeCloseTo(0.00213112 * (0.592849 + (1 - 0.592849) / 8), 8)
  })

  it('falls without a jump', () => {
    for (let i = 1; i < scaled.length; i++) expect(scaled[i]!).toBeLessThan(scaled[i - 1]!)
  })
})
