import { formatNumber } from '../../measures/format.ts'
import { latest, mean } from '../course.ts'
import type { Rule } from '../rule.ts'

export const lossNearZero: Rule = {
  name: 'loss-near-zero',
  title: 'the loss is near 0, as it should be',
  measure: 'loss',
  when: 'The loss of three first updates is within 0.01 of 0, with rollouts on policy. No illness.',
  because:
    'On policy every probability ratio is 1, and the advantages of a group add up to 0: the loss is 0 and its gradient is not.',
  look(course) {
    const losses = latest(course, 'loss', 3)
    const norms = latest(course, 'gradientNorm', 3)
    if (!course.settings.onPolicy || losses === undefined || norms === undefined) return undefined
    if (losses.some((loss) => Math.abs(loss) > 0.01) || mean(norms) === 0) return undefined
    return {
      note: true,
      evidence: `The loss is ${formatNumber(mean(losses))}, and the gradient’s norm ${formatNumber(mean(norms))}.`,
      cause: 'The advantages of a group add up to 0, so the loss on policy is 0 but for the KL term.',
      remedy: 'Watch the reward and accuracy; the loss says nothing here.',
    }
  },
}
