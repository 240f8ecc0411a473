/**
 * A penalty for repeated n-grams, against loops as length grows (2502.03373, appendix C.2): `maxPenalty` times the
 * share of n-grams that occurred before. Over words, lower-cased, as in open-r1, each Han or kana character being
 * a word of its own; TRL counts token ids instead. The paper names the problem (R1 §2.3.1) and no such reward.
 */
import { ConfigError } from '../errors.ts'
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

export interface RepetitionOptions {
  weight?: Weight
  ngramSize?: number
  /** The value of endless repetition, at most 0. */
  maxPenalty?: number
}

const UNIT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]+/gu

/** The share of n-grams that occurred before in the text; 0 where it is shorter than one n-gram. */
export function repeatedShare(text: string, ngramSize: number): number {
  const units = text.toLowerCase().match(UNIT) ?? []
  const total = units.length - ngramSize + 1
  if (total <= 0) return 0
  const seen = new Set<string>()
  for (let i = 0; i < total; i++) seen.add(units.slice(i, i + ngramSize).join(' '))
  return 1 - seen.size / total
}

export function repetitionReward({
  weight = 1,
  ngramSize = 3,
  maxPenalty = -1,
}: RepetitionOptions = {}): Reward {
  if (!(Number.isInteger(ngramSize) && ngramSize >= 1)) {
    throw new ConfigError('there are no n-grams of that size.', {
      field: 'repetition.ngramSize',
      value: ngramSize,
      expected: 'a whole number of at least 1',
    })
  }
  if (!(maxPenalty <= 0)) {
    throw new ConfigError('a penalty above 0 would reward repetition.', {
      field: 'repetition.maxPenalty',
      value: maxPenalty,
      expected: 'a number of at most 0',
    })
  }
  return {
    name: 'repetition',
    weight,
    // `|| 0` because a penalty of -0 would be printed as such.
    score: ({ text }) => repeatedShare(text, ngramSize) * maxPenalty || 0,
  }
}
