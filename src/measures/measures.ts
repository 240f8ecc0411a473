/**
 * Every figure that a step, an evaluation or a stage has, declared once: its key in the files of a run, its label, its
 * unit, how it is written and which direction is better. The command line, the reports, the server and the page read
 * it here, so that a figure has one name everywhere.
 */
import { formatNumber, percent } from './format.ts'
import type { Measure, Unit } from './measure.ts'
import { STEP } from './step-measures.ts'

/** A measure with its key and the way to write its values. */
export interface NamedMeasure extends Measure {
  key: string
  format: (value: number) => string
}

/** What an evaluation says of a model. In labels, k stands for the number of responses to each question. */
const EVALUATION = {
  pass1: {
    label: 'pass@1',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of right responses: the mean over the k responses to each question.',
  },
  passK: {
    label: 'pass@k',
    unit: 'share',
    better: 'higher',
    explanation: 'Chance that at least one of k responses is right.',
  },
  consK: {
    label: 'cons@k',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of questions where the most frequent of k answers is right (majority vote).',
  },
  greedy: {
    label: 'greedy',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of right responses when the likeliest token is always taken.',
  },
  meanTokens: {
    label: 'mean tokens',
    short: 'tokens',
    unit: 'tokens',
    explanation: 'Mean length of a response, thinking and answer together.',
  },
  meanThinkingTokens: {
    label: 'mean thinking tokens',
    unit: 'tokens',
    explanation: 'Mean length of the thinking, where it can be told from the answer.',
  },
  formatShare: {
    label: 'valid format',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of responses with thinking and answer where the prompt asks for them.',
  },
  reflectionWords: {
    label: 'reflection words a response',
    unit: 'words',
    explanation: 'Words such as “wait” and “check” in the thinking, by the list of R1 v2 SC.2.',
  },
  mixedLanguageShare: {
    label: 'mixed languages',
    unit: 'share',
    better: 'lower',
    explanation: 'Share of responses whose thinking mixes languages.',
  },
  truncatedShare: {
    label: 'truncated',
    unit: 'share',
    better: 'lower',
    explanation: 'Share of responses that reached the length limit.',
  },
  answeredShare: {
    label: 'with an answer',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of responses from which an answer could be read.',
  },
} satisfies Record<string, Measure>

/** What a stage's evaluation adds: R1 is meant to be readable, helpful and safe as well as right. */
const STAGE = {
  readable: {
    label: 'readable',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of responses that are complete, in one language, and end in a summary.',
  },
  helpful: {
    label: 'mean helpfulness',
    short: 'helpfulness',
    unit: 'share',
    better: 'higher',
    explanation:
      'Mean score of answers to requests by the hidden rule, from 0 to 1. It is no share of answers.',
  },
  safe: {
    label: 'safe',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of responses to requests that do no harm.',
  },
  safeHarmful: {
    label: 'safe, harmful requests',
    short: 'safe, harmful',
    unit: 'share',
    better: 'higher',
    explanation: 'The same of requests that ask for harm.',
  },
  safeHarmless: {
    label: 'safe, other requests',
    short: 'safe, other',
    unit: 'share',
    better: 'higher',
    explanation: 'The same of all other requests.',
  },
  good: {
    label: 'good answers to requests',
    short: 'good answers',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of answers to requests that are helpful, safe and in form at once.',
  },
} satisfies Record<string, Measure>

/** Where a step's time goes, and what memory it took. */
const TIMING = {
  sampleSeconds: { label: 'sampling', unit: 'seconds', explanation: 'Sampling the responses of a step.' },
  verifySeconds: {
    label: 'verifying',
    unit: 'seconds',
    explanation: 'Rewards of the responses, sandboxes included; part of sampling.',
  },
  scoreSeconds: {
    label: 'scoring',
    unit: 'seconds',
    explanation: 'Old and reference log-probabilities of the responses.',
  },
  trainSeconds: { label: 'training', unit: 'seconds', explanation: 'Gradients and the update.' },
  criticSeconds: { label: 'critic', unit: 'seconds', explanation: "Values and updates of PPO's critic." },
  tokensPerSecond: {
    label: 'tokens/s',
    unit: 'tokens/s',
    better: 'higher',
    explanation: 'Tokens sampled (or, in supervised training, read) a second.',
  },
  residentBytes: {
    label: 'memory',
    unit: 'bytes',
    better: 'lower',
    explanation: 'Resident memory of the training process after the step.',
  },
} satisfies Record<string, Measure>

/** What is measured of a reward model. */
const REWARD_MODEL = {
  lengthAccuracy: {
    label: 'by length alone',
    unit: 'share',
    explanation: 'Share of held-out pairs that the longer response would get right.',
  },
  oneSided: {
    label: 'by always saying the same',
    unit: 'share',
    explanation: 'Share of held-out labels that the more frequent label would get right.',
  },
  calibrationError: {
    label: 'calibration error',
    unit: 'share',
    better: 'lower',
    explanation: 'Mean gap between how sure the model is and how often it is right (arXiv 1706.04599).',
  },
  meanScore: { label: 'mean score', unit: 'number', explanation: 'Mean of all scores.' },
  scoreDeviation: { label: 'deviation of scores', unit: 'number', explanation: 'Their standard deviation.' },
} satisfies Record<string, Measure>

/** What a step's time adds up to; verifying and the critic are parts of these. */
export const STEP_SECONDS = [
  'sampleSeconds',
  'scoreSeconds',
  'trainSeconds',
] as const satisfies (keyof typeof TIMING)[]

export const MEASURES = { ...EVALUATION, ...STAGE, ...STEP, ...TIMING, ...REWARD_MODEL }

export type MeasureKey = keyof typeof MEASURES

const FORMATS: Record<Unit, (value: number) => string> = {
  share: (value) => percent(value),
  score: (value) => value.toFixed(2),
  words: (value) => value.toFixed(2),
  tokens: (value) => (value < 10 ? formatNumber(value) : formatNumber(Math.round(value), 9)),
  'tokens/s': (value) => formatNumber(Math.round(value), 9),
  nats: (value) => formatNumber(value),
  seconds: (value) => `${formatNumber(value)} s`,
  bytes: (value) => (value < 1e9 ? `${Math.round(value / 1e6)} MB` : `${(value / 1e9).toFixed(2)} GB`),
  count: (value) => formatNumber(value, 9),
  number: (value) => formatNumber(value),
}

/**
 * The measure of a key. `pass1:pocket-countdown` is pass@1 of one kind of question. A key that is not declared, such as
 * the name of a reward of one's own, gets its words as a label. `samples` is the k of pass@k and cons@k.
 */
export function measureOf(key: string, samples?: number): NamedMeasure {
  const [base, part] = key.split(':') as [string, string?]
  const measure: Measure = Object.hasOwn(MEASURES, base)
    ? MEASURES[base as MeasureKey]
    : { label: words(base), unit: 'number', explanation: '' }
  const label =
    part === undefined
      ? measure.label.replace(/@k$/, `@${samples ?? 'k'}`)
      : `${measure.label}: ${words(part)}`
  return { ...measure, key, label, format: FORMATS[measure.unit] }
}

/** Several measures in order. */
export const measuresOf = (keys: readonly MeasureKey[], samples?: number): NamedMeasure[] =>
  keys.map((key) => measureOf(key, samples))

/** What a table of held-out figures shows, in this order. */
export const EVALUATION_KEYS: readonly MeasureKey[] = [
  'pass1',
  'passK',
  'consK',
  'greedy',
  'meanTokens',
  'formatShare',
  'reflectionWords',
  'mixedLanguageShare',
  'truncatedShare',
]

/** `groupSize` and `pocket-countdown` as words. */
function words(name: string): string {
  return name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('-', ' ')
    .toLowerCase()
}
