/** What one can change in the tab: GRPO's settings of `r1 train r1-zero` and the weights of the rule rewards. */
import { type GrpoConfig, grpoConfig } from '../../../src/algorithms/grpo-config.ts'
import { onPolicy } from '../../../src/recipes/presets/pocket.ts'

export interface TabSettings {
  learningRate: number
  groupSize: number
  questionsPerStep: number
  klWeight: number
  temperature: number
  steps: number
  /** Weights of the rule rewards. */
  accuracy: number
  format: number
  maxTokens: number
  /** Held-out problems that the model is measured on, with two responses to each. */
  heldOut: number
  seed: number
}

export const DEFAULTS: TabSettings = {
  learningRate: onPolicy.grpo.learningRate,
  groupSize: 16,
  questionsPerStep: onPolicy.grpo.questionsPerStep,
  klWeight: onPolicy.grpo.klWeight,
  temperature: 1,
  steps: onPolicy.grpo.steps,
  accuracy: 1,
  format: 1,
  maxTokens: onPolicy.grpo.maxTokens,
  heldOut: 32,
  seed: 1,
}

/** Ten minutes of a program on the processor: little of everything, and larger updates. */
export const TEN_MINUTES = {
  learningRate: 3e-4,
  groupSize: 8,
  questionsPerStep: 8,
  steps: 8,
  maxTokens: 192,
  // Nothing is compared with the base, which takes a third of the time.
  klWeight: 0,
} as const satisfies Partial<TabSettings>

export interface Slider {
  key: keyof TabSettings
  label: string
  /** What it does, in one sentence. */
  explanation: string
  /** The values that it can take. */
  values: readonly number[]
}

const range = (from: number, to: number, step = 1) =>
  Array.from({ length: Math.round((to - from) / step) + 1 }, (_, i) => Number((from + i * step).toFixed(6)))

/** They take effect at the next step. */
export const SLIDERS: readonly Slider[] = [
  {
    key: 'learningRate',
    label: 'Learning rate',
    explanation:
      'How far each update moves the weights: too small learns nothing, too large forgets how to check.',
    values: [1e-5, 2e-5, 5e-5, 1e-4, 1.5e-4, 2e-4, 3e-4, 4e-4, 6e-4, 1e-3, 2e-3],
  },
  {
    key: 'groupSize',
    label: 'Group size',
    explanation: 'Responses to each question: each is compared with the mean of its group.',
    values: [2, 4, 8, 12, 16, 24, 32],
  },
  {
    key: 'questionsPerStep',
    label: 'Questions a step',
    explanation: 'More questions make steps slower, and their updates steadier.',
    values: [1, 2, 4, 8, 12, 16, 24, 32],
  },
  {
    key: 'klWeight',
    label: 'KL weight',
    explanation: 'How strongly the model is held near the base; 0 lets it go anywhere.',
    values: [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
  },
  {
    key: 'temperature',
    label: 'Temperature',
    explanation:
      'How boldly it tries: at a low temperature all responses of a group are alike and teach nothing.',
    values: range(0.4, 1.6, 0.1),
  },
  {
    key: 'accuracy',
    label: 'Weight of accuracy',
    explanation: 'What a right answer is worth.',
    values: range(0, 2, 0.25),
  },
  {
    key: 'format',
    label: 'Weight of format',
    explanation: 'What thinking and answer in their tags are worth.',
    values: range(0, 2, 0.25),
  },
  {
    key: 'steps',
    label: 'Steps',
    explanation: 'Where the training ends; the learning rate falls towards it.',
    values: [10, 20, 40, 60, 80, 100, 150, 200],
  },
]

/** GRPO's settings as `r1 train r1-zero` has them, the preset on-policy under those of the tab. */
export function grpoSettings({
  accuracy: _,
  format: __,
  heldOut: ___,
  seed: ____,
  ...given
}: TabSettings): GrpoConfig {
  const warmupSteps = Math.min(onPolicy.grpo.warmupSteps, Math.floor(given.steps / 4))
  return grpoConfig.parse({ ...onPolicy.grpo, warmupSteps, ...given })
}

/** What differs from the defaults, for a link. */
export function toQuery(settings: TabSettings): string {
  const changed = Object.entries(settings).filter(
    ([key, value]) => DEFAULTS[key as keyof TabSettings] !== value,
  )
  return new URLSearchParams(changed.map(([key, value]) => [key, String(value)])).toString()
}

const LEAST: Partial<TabSettings> = {
  klWeight: 0,
  accuracy: 0,
  format: 0,
  seed: 0,
  groupSize: 2,
  temperature: 0.1,
}
const WHOLE: readonly (keyof TabSettings)[] = [
  ...(['groupSize', 'questionsPerStep', 'steps', 'maxTokens', 'heldOut', 'seed'] as const),
]

/** The settings of a link; what is no number in its range is the default. */
export function fromQuery(query: URLSearchParams): TabSettings {
  const settings = { ...DEFAULTS }
  for (const key of Object.keys(DEFAULTS) as (keyof TabSettings)[]) {
    const text = query.get(key)
    const value = text === null || text.trim() === '' ? Number.NaN : Number(text)
    if (!Number.isFinite(value) || (WHOLE.includes(key) && !Number.isInteger(value))) continue
    const least = LEAST[key] ?? (key === 'learningRate' ? Number.MIN_VALUE : 1)
    if (value >= least && value <= MOST[key]) settings[key] = value
  }
  return settings
}

const MOST: TabSettings = {
  learningRate: 1,
  groupSize: 64,
  questionsPerStep: 64,
  klWeight: 10,
  temperature: 5,
  steps: 1000,
  accuracy: 10,
  format: 10,
  maxTokens: 384,
  heldOut: 256,
  seed: 2 ** 31 - 1,
}
