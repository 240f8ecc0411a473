/**
 * The language-consistency reward (R1 §2.3.2): words of the target language over all words of the thinking, from
 * 0 to 1, added to the rest as it is. How words are told apart is in text/language.ts; the paper does not say.
 */
import { languageShare, prepareLanguage } from '../text/language.ts'
import { splitReasoning } from '../text/reasoning.ts'
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

export interface LanguageConsistencyOptions {
  weight?: Weight
  /** The target for questions that name none (ISO 639-1). Without it the reward does not apply to them. */
  language?: string
}

/**
 * A response without a think block is measured whole. Without any word there is no share, so the reward does not
 * apply; in the sum that counts as 0, so wordless thinking gains nothing.
 */
export function languageConsistencyReward(options: LanguageConsistencyOptions = {}): Reward {
  return {
    name: 'languageConsistency',
    weight: options.weight ?? 1,
    async score({ question, text }) {
      const target = question.language ?? options.language
      if (target === undefined) return null
      await prepareLanguage(target)
      return languageShare(splitReasoning(text).thinking ?? text, target)
    },
  }
}
