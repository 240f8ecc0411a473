import { describe, expect, it } from 'vitest'
import { modelCard } from './model-card.ts'

const figures = { samples: 4, pass1: 0.1, passK: 0.5, consK: 0.2, meanTokens: 30, formatShare: 0.15 }
const facts = {
  parameters: 1000,
  tokens: 2000,
  seconds: 600,
  corpus: {},
  heldOut: { sampled: figures, report: figures, greedy: { ...figures, samples: 1 } },
}
const card = (architecture: 'qwen2' | 'llama' | 'deepseek_v3') =>
  modelCard({ ...facts, architecture, version: '1.2.3', command: 'npx r1 pretrain --seed 7' })

describe('modelCard', () => {
  it.each([
    ['qwen2', 'Qwen2'],
    ['llama', 'Llama'],
    ['deepseek_v3', 'DeepSeek-V3'],
  ] as const)('names the architecture %s and the command that made it', (architecture, name) => {
    expect(card(architecture)).toContain(`(${name} architecture)`)
    expect(card(architecture)).toContain('r1-ts 1.2.3 by `npx r1 pretrain --seed 7`: 2,000 tokens')
  })

  it('has what it can do, greedy without pass@k', () => {
    expect(card('qwen2')).toContain('| temperature 1 | 10.0 % | 50.0 % | 20.0 % | 30 | 15.0 % |')
    expect(card('qwen2')).toContain('| greedy | 10.0 % | – | – | 30 | 15.0 % |')
  })
})
