import { formatNumber, percent } from '../../measures/format.ts'
import { latest, mean } from '../course.ts'
import type { Observation, Rule } from '../rule.ts'

const LARGEST_UPDATE = 0.1
const LARGEST_KL = 2
const LARGEST_CLIP_SHARE = 0.3

/** By the size of the update where the engine has it, by what it does to the policy in any case. */
export const updateTooLarge: Rule = {
  name: 'update-too-large',
  title: 'the learning rate is too high',
  measure: 'updateSize',
  when: `An update moves the weights by more than ${percent(LARGEST_UPDATE, 0)} of their norm, the KL divergence is above ${LARGEST_KL} nats a token, or more than ${percent(LARGEST_CLIP_SHARE, 0)} of the tokens are clipped in three rollouts.`,
  because:
    'Healthy updates here move the weights by 0.01 to 2 %. A divergence of 2 nats is a policy that finds its own former tokens seven times less likely.',
  look(course): Observation | undefined {
    const last = course.steps.at(-1)
    if (last === undefined) return undefined
    const { learningRate = Number.NaN, kl = 0 } = last
    const update = course.steps.find(({ updateSize = 0 }) => updateSize > LARGEST_UPDATE)
    const clipped = latest(course, 'clipShare', 3)
    const seen =
      update !== undefined
        ? `The update of step ${update.step} moved the weights by ${percent(update.updateSize!, 0)} of their norm.`
        : kl > LARGEST_KL
          ? `The policy is ${formatNumber(kl)} nats a token from its reference after ${last.step} steps.`
          : clipped !== undefined && mean(clipped) > LARGEST_CLIP_SHARE
            ? `${percent(mean(clipped), 0)} of the tokens are outside the clip range.`
            : undefined
    if (seen === undefined) return undefined
    return {
      evidence: seen,
      cause: `The learning rate, ${formatNumber(update?.learningRate ?? learningRate)}, is too high for this model.`,
      remedy: 'Divide the learning rate by ten and start again from a checkpoint before this step.',
    }
  },
}
