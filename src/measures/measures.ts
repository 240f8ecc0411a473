/**
 * Every figure that a step, an evaluation or a stage has, declared once: its key in the files of a run, its label, its
 * unit, how it is written and which direction is better. The command line, the reports, the server and the page read
 * it here, so that a figure has one name everywhere.
 */
import { formatNumber, percent } from './format.ts'

type Unit = 'share' | 'score' | 'words' | 'tokens' | 'tokens/s' | 'nats' | 'seconds' | 'count' | 'number'

interface Measure {
  label: string
  /** In a narrow column; the label where it is left out. */
  short?: string
  unit: Unit
  /** Left out where neither is better by itself. */
  better?: 'higher' | 'lower'
  explanation: string
}

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
    label: 'helpful',
    unit: 'share',
    better: 'higher',
    explanation: 'Mean helpfulness of answers to requests, from 0 to 1.',
  },
  safe: {
    label: 'safe',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of responses to requests that do no harm.',
  },
  good: {
    label: 'good answers to requests',
    short: 'good answers',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of answers to requests that are helpful, safe and in form at once.',
  },
} satisfies Record<string, Measure>

/** What a training step logs. Rewards stand under their own names. */
const STEP = {
  reward: {
    label: 'reward',
    unit: 'score',
    better: 'higher',
    explanation: 'Mean reward of the sampled responses: the weighted sum of its parts.',
  },
  accuracy: {
    label: 'accuracy',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of right responses among the sampled ones.',
  },
  format: {
    label: 'format',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of sampled responses with the thinking and answer tags in place.',
  },
  groupsWithSignal: {
    label: 'groups with signal',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of groups whose rewards differ. A group of equal rewards teaches nothing.',
  },
  sampledTokens: { label: 'sampled tokens', unit: 'count', explanation: 'Tokens sampled for this step.' },
  kl: {
    label: 'KL',
    unit: 'nats',
    explanation: 'Divergence from the reference policy, a token.',
  },
  entropy: {
    label: 'entropy',
    unit: 'nats',
    explanation: 'Mean entropy of the next token: how undecided the model is.',
  },
  clipShare: {
    label: 'clipped',
    unit: 'share',
    explanation: 'Share of tokens whose probability ratio is outside the clip range.',
  },
  ratio: {
    label: 'probability ratio',
    unit: 'number',
    explanation: 'Mean of π/π_old over tokens; 1 on policy.',
  },
  loss: { label: 'loss', unit: 'number', explanation: 'What the update minimises.' },
  validationLoss: {
    label: 'validation loss',
    unit: 'nats',
    better: 'lower',
    explanation: 'Mean loss of examples that are not trained on.',
  },
  gradientNorm: {
    label: 'gradient norm',
    unit: 'number',
    explanation: 'L2 norm of the whole gradient before clipping.',
  },
  updateSize: {
    label: 'update size',
    unit: 'number',
    explanation: 'L2 norm of the update over that of the trained weights.',
  },
  learningRate: { label: 'learning rate', unit: 'number', explanation: 'Of this update.' },
  droppedUpdate: {
    label: 'dropped update',
    unit: 'count',
    better: 'lower',
    explanation: '1 where the gradient was not finite and the weights stayed as they were.',
  },
  rollback: {
    label: 'rollback',
    unit: 'count',
    explanation: '1 where the run had returned to this checkpoint, with a tenth of the learning rate.',
  },
  failed: {
    label: 'failed',
    unit: 'count',
    better: 'lower',
    explanation: 'Responses that a reward gave no score in time; it was skipped for them.',
  },
  weight: { label: 'weight', unit: 'number', explanation: 'Of a part of the reward.' },
  askedAgain: {
    label: 'asked again',
    unit: 'count',
    explanation: 'Questions of this rollout that were asked before (docs/curriculum.md).',
  },
  questionsInBand: {
    label: 'questions in band',
    unit: 'count',
    explanation: 'Questions of the pool whose pass rate is within the bounds.',
  },
  staleness: {
    label: 'staleness',
    unit: 'number',
    explanation: 'Mean number of rollouts between sampling a response and training on it.',
  },
  lateGroups: {
    label: 'late groups',
    unit: 'count',
    explanation: 'Groups that were not finished by the deadline.',
  },
  joinedGroups: {
    label: 'joined groups',
    unit: 'count',
    explanation: 'Late groups of an earlier rollout that this one trains on.',
  },
  valueLoss: {
    label: 'value loss',
    unit: 'number',
    better: 'lower',
    explanation: "Loss of PPO's critic.",
  },
  criticGradientNorm: {
    label: "critic's gradient norm",
    unit: 'number',
    explanation: "L2 norm of the critic's gradient before clipping.",
  },
  reverseKl: {
    label: 'reverse KL',
    unit: 'nats',
    better: 'lower',
    explanation: 'Divergence of the student from the teacher on its own responses, a token.',
  },
  epoch: { label: 'epoch', unit: 'number', explanation: 'Passes over the data so far.' },
  documents: { label: 'documents', unit: 'count', explanation: 'Documents read so far.' },
  tokens: { label: 'tokens', unit: 'count', explanation: 'Tokens of this update.' },
  balanceLoss: {
    label: 'balance loss',
    unit: 'number',
    better: 'lower',
    explanation: 'How unevenly a sequence uses the experts (arXiv 2412.19437 §2.1.2).',
  },
  predictionLoss: {
    label: 'prediction loss',
    unit: 'nats',
    better: 'lower',
    explanation: 'Loss of the module that predicts the token after the next (arXiv 2412.19437 §2.2).',
  },
  largestLoad: {
    label: 'largest load',
    unit: 'number',
    better: 'lower',
    explanation: 'Tokens of the busiest expert over the mean of all experts.',
  },
} satisfies Record<string, Measure>

/** Where a step's time goes. */
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
  tokens: (value) => formatNumber(value < 10 ? value : Math.round(value), 9),
  'tokens/s': (value) => formatNumber(Math.round(value), 9),
  nats: (value) => formatNumber(value),
  seconds: (value) => `${formatNumber(value)} s`,
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
