import { describe, expect, it } from 'vitest'
import { resolveConfig, setLayers } from '../settings/config.ts'
import { CORPUS_DEFAULTS } from '../tasks/pocket/config.ts'
import { pretrainRecipeConfig } from './pretrain.ts'

const resolve = (...assignments: string[]) =>
  resolveConfig(pretrainRecipeConfig, setLayers(pretrainRecipeConfig, assignments)).config

describe('settings of the corpus', () => {
  it('are the defaults where nothing is said', () => {
    expect(resolve().corpus).toEqual(CORPUS_DEFAULTS)
  })

  it('change one by one', () => {
    expect(resolve('corpus.maxTokens=160', 'corpus.noise.slip=0', 'corpus.giveUpTries=[2,3]').corpus).toEqual(
      {
        ...CORPUS_DEFAULTS,
        maxTokens: 160,
        giveUpTries: [2, 3],
        noise: { ...CORPUS_DEFAULTS.noise, slip: 0 },
      },
    )
  })

  it.each([
    ['corpus.maxToken=160', /corpus\.maxToken: .*Did you mean corpus\.maxTokens\?/],
    ['corpus.tidyShare=-1', /corpus\.tidyShare is -1: .*at least 0/],
    ['corpus.maxTokens="many"', /corpus\.maxTokens is "many": .*number|integer/],
    ['corpus.giveUpTries=[1]', /corpus\.giveUpTries is \[1\]: /],
    ['model.hiddenSize=36', /model\.hiddenSize is 36: .*a multiple of twice the 4 heads/],
    ['model.numKeyValueHeads=3', /model\.numKeyValueHeads is 3: .*a divisor of the 4 heads/],
    ['model.deepseekV3.rotaryHeadSize=5', /model\.deepseekV3\.rotaryHeadSize is 5: .*an even number/],
    ['model.deepseekV3.groups=3', /model\.deepseekV3\.groups is 3: .*a divisor of the 8 experts/],
    [
      'model.deepseekV3.expertsPerToken=9',
      /model\.deepseekV3\.expertsPerToken is 9: .*at most the 8 experts/,
    ],
  ])('%s is refused by name', (assignment, message) => {
    expect(() => resolve(assignment)).toThrow(message)
  })
})
