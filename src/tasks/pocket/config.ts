/** Every share and size of the pocket corpus. All probabilities are independent draws for each document. */

export interface CorpusConfig {
  /** How often each family is drawn (relative weights), and `facts`: plain arithmetic in sentences. */
  families: { countdown: number; arithmetic: number; equation: number; facts: number }
  /** How the response thinks (relative weights). */
  styles: { guess: number; giveUp: number; persistent: number }
  /** Share of documents that open with the whole R1-Zero template (R1 §2.2.3). */
  templateShare: number
  /** Share of responses with all four tags in place. */
  tidyShare: number
  /** Share of direct guesses that compute one candidate before they answer; the others think nothing. */
  guessThinksShare: number
  /** Steps or tries after which a search that gives up stops: uniform in this range. */
  giveUpTries: [number, number]
  /** A persistent search makes no more tries than this, nor than `maxTokens` leaves room for. */
  maxTries: number
  /** Chance that the next try of a Countdown search keeps the first step of the last one. */
  keepStepShare: number
  /** Share of Countdown searches that go through the expressions in order; the others jump about. */
  systematicShare: number
  language: LanguageConfig
  noise: NoiseConfig
  /** No document is longer. */
  maxTokens: number
}

export interface LanguageConfig {
  /** Share of questions asked in English; the others are in Chinese. */
  englishQuestions: number
  /** Share of thoughts in the question's language, among those that keep to one language. */
  sameLanguage: number
  /** Share of thoughts that mix both languages. */
  mixedGiveUp: number
  mixedPersistent: number
  /** In a mixed thought: the chance of changing language before a word. */
  switchShare: number
}

export interface NoiseConfig {
  /** Chance that a statement `a + b = c` is wrong. */
  slip: number
  /** Chance of `yes` after a try that missed. */
  falseYes: number
  /** Chance that a false `yes` is caught by a check that computes again. */
  caught: number
  /** Chance of a check after a true `yes`. */
  check: number
  /** Chance of `wait` before a try that is not the first. */
  wait: number
}

/**
 * The shares make a base whose likeliest first thought is none at all, so that sharpening alone (greedy decoding, a
 * low temperature) does not find the searches: ` </think>` opens 46 % of Countdown thoughts, ` try` 23 %.
 */
export const CORPUS_DEFAULTS: CorpusConfig = {
  families: { countdown: 0.7, arithmetic: 0.125, equation: 0.125, facts: 0.05 },
  styles: { guess: 0.65, giveUp: 0.19, persistent: 0.16 },
  templateShare: 0.35,
  tidyShare: 0.7,
  guessThinksShare: 0.1,
  giveUpTries: [1, 4],
  maxTries: 36,
  keepStepShare: 0.5,
  systematicShare: 0.5,
  language: {
    englishQuestions: 0.7,
    sameLanguage: 0.8,
    mixedGiveUp: 0.1,
    mixedPersistent: 0.31,
    switchShare: 0.25,
  },
  noise: { slip: 0.005, falseYes: 0.015, caught: 0.5, check: 0.1, wait: 0.15 },
  maxTokens: 448,
}
