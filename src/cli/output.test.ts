import { expect, it } from 'vitest'
import { stepHeader, stepLine } from './output.ts'

it('stepLine stands under stepHeader', () => {
  const line = {
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
  expect([stepHeader(120), stepLine(line, 120), stepLine({ step: 120, reward: 1 }, 120)]).toEqual([
    '   step  reward accuracy  format  tokens      KL entropy clipped tokens/s',
    '  7/120    0.84   61.3 %  90.0 %     116 0.00213    0.81   0.3 %   12,431',
    '120/120    1.00        –       –       –       –       –       –        –',
  ])
})
