import { expect, it } from 'vitest'
import { stepLines } from './output.ts'

const figures = {
  step: 7,
  reward: 0.8431,
  accuracy: 0.6125,
  format: 0.9,
  meanTokens: 116.4,
  kl: 0.00213,
  entropy: 0.81,
  clipShare: 0.0031,
  tokensPerSecond: 12431.2,
}

it('a step stands under its header', () => {
  const { header, line } = stepLines(120)
  expect([header, line(figures), line({ step: 120, reward: 1 })]).toEqual([
    '   step  reward accuracy  format  tokens      KL entropy clipped tokens/s',
    '  7/120    0.84   61.3 %  90.0 %     116 0.00213    0.81   0.3 %   12,431',
    '120/120    1.00        –       –       –       –       –       –        –',
  ])
})

it.each([
  [60, [], '   step  reward accuracy  format  tokens      KL entropy'],
  [80, ['clipShare'], '   step  reward accuracy  format  tokens      KL entropy tokens/s'],
  [40, [], '   step  reward accuracy  format  tokens'],
] as const)('in %i columns what matters most stays', (width, constant, expected) => {
  const { header, line } = stepLines(120, constant, width)
  expect(header).toBe(expected)
  expect(line(figures).length).toBe(expected.length)
})
