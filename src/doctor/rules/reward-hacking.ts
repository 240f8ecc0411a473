import { percent } from '../../measures/format.ts'
import { change } from '../course.ts'
import { heldOutChange } from '../held-out-change.ts'
import { placesBy } from '../places.ts'
import type { Rule } from '../rule.ts'

const SMALLEST_FALL = 0.05

export const rewardHacking: Rule = {
  name: 'reward-hacking',
  title: 'the reward rises while accuracy falls',
  measure: 'accuracy',
  when: 'The reward is above that of the first five rollouts, and accuracy (held-out where there are two evaluations) below its own by 5 points, each by two standard errors.',
  because:
    'A reward that stands for accuracy moves with it. Five points and two standard errors are more than the draws of healthy seeds differ by.',
  look(course) {
    const reward = change(course, 'reward')
    if (!reward?.rises) return undefined
    const heldOut = heldOutChange(course)
    const [place, accuracy] = heldOut ? ['held-out', heldOut] : ['sampled', change(course, 'accuracy')]
    if (accuracy === undefined || !accuracy.falls || accuracy.first - accuracy.now < SMALLEST_FALL)
      return undefined
    return {
      evidence: `The reward went from ${reward.first.toFixed(2)} to ${reward.now.toFixed(2)}, ${place} accuracy from ${percent(accuracy.first)} to ${percent(accuracy.now)}.`,
      cause: 'A part of the reward pays for something else than right answers, and the model has found it.',
      remedy:
        'Read the responses below: what they have in common is what is paid for. Pay it for right answers only, or not at all.',
      responses: placesBy(course.rollouts, ({ reward: earned, rewards }) =>
        rewards.accuracy === 0 ? earned : Number.NEGATIVE_INFINITY,
      ),
    }
  },
}
