/** The paper's rule rewards as one list: what reinforcement has where nothing else is said (R1 §2.2.2, §2.3.2). */
import { accuracyReward } from './accuracy.ts'
import { formatReward, thinkFormatReward } from './format.ts'
import { languageConsistencyReward } from './language-consistency.ts'
import { overlongReward } from './overlong.ts'
import type { Reward } from './reward.ts'
import { isNothing, type Weight } from './weight.ts'

export interface RuleRewardOptions {
  /** The form that the model's template asks for: answers in <answer> tags, or after the thinking. */
  answerForm: 'tags' | 'think'
  /** Longest response, which the overlong penalty is about. */
  maxTokens: number
  /** Accuracy and format count 1, and the others nothing, where no weight is given. */
  weights?: Partial<Record<'accuracy' | 'format' | 'languageConsistency' | 'overlong', Weight>>
}

/** With a weight of 0, accuracy and format are still measured; the others are left out. */
export function ruleRewards({ answerForm, maxTokens, weights = {} }: RuleRewardOptions): Reward[] {
  const { accuracy = 1, format = 1, languageConsistency = 0, overlong = 0 } = weights
  return [
    accuracyReward({ weight: accuracy }),
    answerForm === 'tags' ? formatReward({ weight: format }) : thinkFormatReward({ weight: format }),
    ...(isNothing(languageConsistency) ? [] : [languageConsistencyReward({ weight: languageConsistency })]),
    ...(isNothing(overlong) ? [] : [overlongReward({ weight: overlong, maxTokens })]),
  ]
}
