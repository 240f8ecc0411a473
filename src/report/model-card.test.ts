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
const card = (sources: Record<string, string>) =>
  modelCard(
    {
      recipe: 'pretrain',
      version: '1.2.3',
      seed: 7,
      created: '',
      config: { model: { architecture: 'qwen2' } },
      sources,
    },
    facts,
  )

describe('modelCard', () => {
  it.each([
    [{ seed: '--seed', 'pretrain.steps': 'default' }, '`npx r1 pretrain --seed 7`: 2,000 tokens'],
    [
      { 'model.numLayers': 'preset small', 'model.hiddenSize': 'preset small' },
      '`npx r1 pretrain --preset small --seed 7`: 2,000',
    ],
    [
      { 'model.numLayers': 'preset small', 'pretrain.steps': '--set' },
      '`npx r1 pretrain --preset small --seed 7` and changes to pretrain.steps: 2,000',
    ],
  ])('%j: names the command that made it', (sources, text) => expect(card(sources)).toContain(text))

  it('has what it can do, greedy without pass@k', () => {
    expect(card({})).toContain('| temperature 1 | 10.0 % | 50.0 % | 20.0 % | 30 | 15.0 % |')
    expect(card({})).toContain('| greedy | 10.0 % | – | – | 30 | 15.0 % |')
  })
})
