import { expect, it } from 'vitest'
import { stepLine } from './output.ts'

it('stepLine aligns, and leaves out what is missing', () => {
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
  expect(stepLine(line, 120)).toBe(
    'step   7/120  reward  0.84  accuracy   61 %  format  90 %  tokens   116  KL  0.0021  entropy 0.81  clipped 0.3 %  tokens/s 12,431',
  )
  expect(stepLine({ step: 120, reward: 1 }, 120)).toBe('step 120/120  reward  1.00')
})
