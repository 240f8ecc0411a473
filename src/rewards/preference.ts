/**
 * Rewards that a model says (R1 §2.3.4, R1 v2 S3.1): how helpful is the summary, how safe the whole response. Each general
 * question belongs to one of the two and gets that one alone. The paper does not say how scores are scaled: here a
 * score stands as σ(score − center), from 0 to 1 like the other rewards.
 */
import type { ScalarModel } from '../engine/scalar-model.ts'
import type { Question } from '../tasks/task.ts'
import { splitReasoning } from '../text/reasoning.ts'
import { batchedValues } from './batched-values.ts'
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

/** What of a response is judged: the text after its thinking, or all of it. */
export type JudgedPart = 'summary' | 'response'

export interface PreferenceRewardOptions {
  name: string
  weight?: Weight
  model: Pick<ScalarModel, 'values'>
  judges: JudgedPart
  /** Whether the question is one for this reward; it does not apply to others. */
  applies: (question: Question) => boolean
  /** What the model reads, the prompt and the judged part, as it was trained on it. */
  render: (question: Question, judged: string) => Int32Array
  /**
   * The score that counts as one half. Of pairs only differences are learned: with their mean score here, the reward is
   * the chance of being preferred to such a response. 0, the middle of labelled responses, by default.
   */
  center?: number
}

export function preferenceReward(options: PreferenceRewardOptions): Reward {
  const { name, weight = 1, judges, applies, render, center = 0 } = options
  const values = batchedValues(options.model)
  return {
    name,
    weight,
    async score({ question, text }) {
      if (!applies(question)) return null
      const judged = judgedPart(judges, text)
      // Thinking that never ends has no summary, whatever a model that never saw such a thing would say.
      if (judged === '') return 0
      const score = (await values(render(question, judged))).at(-1)!
      return 1 / (1 + Math.exp(center - score))
    },
  }
}

/** Empty where there is no summary. */
export const judgedPart = (judges: JudgedPart, text: string): string =>
  judges === 'summary' ? splitReasoning(text).answer : text
