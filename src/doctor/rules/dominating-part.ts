import { percent } from '../../measures/format.ts'
import { partNames, varianceWithinGroups, weightOf } from '../course.ts'
import { placesBy } from '../places.ts'
import type { Rule } from '../rule.ts'

const LARGEST_SHARE = 0.95
const SMALLEST_VARIANCE = 0.01

export const dominatingPart: Rule = {
  name: 'dominating-part',
  title: 'one part of the reward drowns accuracy',
  measure: 'reward',
  when: 'Over three rollouts, another part makes up more than 95 % of the variance within groups, while right and wrong answers do occur side by side.',
  because:
    'Below 5 % of the variance a right answer moves the advantage by less than a quarter of its deviation. Accuracy varies by more than 0.01 where at least one response in a hundred is right.',
  look(course) {
    const rollouts = course.rollouts.slice(-3)
    if (rollouts.length < 3 || weightOf(course, 'accuracy') === 0) return undefined
    const varianceOf = (name: string) =>
      varianceWithinGroups(rollouts, ({ rewards }) => rewards[name] ?? 0) * weightOf(course, name) ** 2
    if (varianceWithinGroups(rollouts, ({ rewards }) => rewards.accuracy ?? 0) < SMALLEST_VARIANCE)
      return undefined
    const parts = partNames(rollouts).map((name) => ({ name, variance: varianceOf(name) }))
    const sum = parts.reduce((total, { variance }) => total + variance, 0)
    const part = parts.find(({ name, variance }) => name !== 'accuracy' && variance > LARGEST_SHARE * sum)
    if (part === undefined) return undefined
    return {
      evidence: `${percent(part.variance / sum, 0)} of what tells responses apart is ${part.name}, and ${percent(varianceOf('accuracy') / sum)} is accuracy.`,
      cause: `The scores of ${part.name}, times its weight of ${weightOf(course, part.name)}, are far larger than those of accuracy.`,
      remedy: `Scale ${part.name} to 0 to 1 and give it a weight below that of accuracy.`,
      responses: placesBy(rollouts, ({ reward, rewards }) =>
        rewards.accuracy === 0 ? reward : Number.NEGATIVE_INFINITY,
      ),
    }
  },
}
