import { describe, expect, it } from 'vitest'
import { responseOf } from '../../test/response.ts'
import { ConfigError } from '../errors.ts'
import { languageConsistencyReward } from './language-consistency.ts'

const asked = (language?: string) => ({
  question: { id: 'q', prompt: '?', answer: 'a', ...(language === undefined ? {} : { language }) },
})

describe('languageConsistencyReward', () => {
  it.each<[string, string | undefined, number | null]>([
    ['<think> try again wait 等等 </think> <answer> 中文 </answer>', 'en', 0.75],
    ['<think> try again wait 等等 </think> <answer> 中文 </answer>', 'zh', 0.25],
    ['try again wait 等等</think> English answer', 'zh', 0.25],
    ['<think> truncated 等等', 'en', 0.5],
    ['no think block 等等', 'en', 0.75],
    ['<think> 8 + 3 = 11 </think> words outside', 'en', null],
    ['<think> </think> words', 'en', null],
    ['<think> words </think>', undefined, null],
    ['<think> Je pense que la réponse est trois </think> 3', 'fr', 1],
  ])('%s for %s', async (text, language, expected) => {
    expect(await languageConsistencyReward().score(responseOf(text, asked(language)))).toBe(expected)
  })

  it('falls back to a target of its own, but the question has the first word', async () => {
    const reward = languageConsistencyReward({ language: 'zh', weight: 0.1 })
    expect(reward).toMatchObject({ name: 'languageConsistency', weight: 0.1 })
    expect(await reward.score(responseOf('等等', asked()))).toBe(1)
    expect(await reward.score(responseOf('等等', asked('en')))).toBe(0)
  })

  it('refuses a language it cannot tell', async () => {
    await expect(languageConsistencyReward().score(responseOf('x', asked('tlh')))).rejects.toThrow(
      ConfigError,
    )
  })
})
