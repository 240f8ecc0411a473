import { describe, expect, it } from 'vitest'
import { tinyGroupedQuery } from '../../test/tiny-model.ts'
import { PUBLISHED_SHAPES } from '../model/published-shapes.ts'
import { presets, r1ZeroConfig } from '../recipes/r1-zero.ts'
import { SINGLE_DEVICES } from './accelerators.ts'
import { planSingleDevices } from './single-device.ts'

const settings = (preset: keyof typeof presets, more: object = {}) =>
  r1ZeroConfig.parse({ ...presets[preset], ...more })

describe('Qwen2.5-0.5B with adapters', () => {
  const plans = planSingleDevices(
    settings('qwen2.5-0.5b-instruct-gsm8k'),
    PUBLISHED_SHAPES['Qwen2.5-0.5B-Instruct']!,
  )
  const on = (title: string) => plans.find(({ device }) => device.title.startsWith(title))!

  it('speaks of every device', () => {
    expect(plans.map(({ device }) => device)).toEqual(SINGLE_DEVICES)
  })

  it('weights are 4 bytes a parameter, and no optimiser is of their size', () => {
    const { parts } = on('H100')
    expect(parts.weights).toBeGreaterThan(4 * 0.494)
    expect(parts.weights).toBeLessThan(4 * 0.52)
    expect(parts.optimizer).toBeLessThan(0.3)
  })

  it('fits on 24 GB, sooner as it is than changed, and takes longer on a slower chip', () => {
    expect(on('RTX 4090').fits).toBe(true)
    expect(on('H100').changes).toEqual([])
    expect(on('Apple M4,').hours).toBeGreaterThan(on('RTX 4090').hours)
    for (const { needed, fits, device } of plans) expect(fits).toBe(needed <= 0.9 * device.memory)
  })
})

it('takes what it must to fit, and says so', () => {
  const small = tinyGroupedQuery('qwen3')
  const shape = { ...small, hiddenSize: 2048, intermediateSize: 8192, numLayers: 12, vocabularySize: 60_000 }
  const asked = settings('paper', {
    grpo: { maxTokens: 128, groupSize: 4, questionsPerStep: 4, minibatches: 1 },
  })
  const [eight, , , eighty] = planSingleDevices(asked, { ...shape, maxPositions: 512 })
  expect(eighty!.changes).toEqual([])
  expect(eight!.changes.length).toBeGreaterThan(0)
  expect(eight!.needed).toBeLessThan(eighty!.needed)
})
