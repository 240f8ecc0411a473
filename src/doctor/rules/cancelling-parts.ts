import { percent } from '../../measures/format.ts'
import { partNames, varianceWithinGroups, weightOf } from '../course.ts'
import { placesBy } from '../places.ts'
import type { Rule } from '../rule.ts'

const SMALLEST_REMAINDER = 0.25

export const cancellingParts: Rule = {
  name: 'cancelling-parts',
  title: 'parts of the reward cancel',
  measure: 'reward',
  when: 'Over three rollouts, the whole reward varies less than a quarter as much within a group as its parts do.',
  because:
    'Independent parts add their variances. A quarter is left where two equal parts have a correlation of −0.75: what one gives, the other takes.',
  look(course) {
    const rollouts = course.rollouts.slice(-3)
    if (rollouts.length < 3) return undefined
    const parts = partNames(rollouts)
      .map((name) => {
        const weight = weightOf(course, name)
        return {
          name,
          weight,
          variance: varianceWithinGroups(rollouts, ({ rewards }) => weight * (rewards[name] ?? 0)),
        }
      })
      .sort((a, b) => b.variance - a.variance)
    const sum = parts.reduce((total, { variance }) => total + variance, 0)
    const whole = varianceWithinGroups(rollouts, ({ reward }) => reward)
    const [first, second] = parts
    if (second === undefined || second.variance < 0.1 * sum || !(whole < SMALLEST_REMAINDER * sum))
      return undefined
    return {
      evidence: `Within a group, the whole reward has ${percent(whole / sum, 0)} of the variance of its parts.`,
      cause: `${first!.name} and ${second.name} pull in opposite directions.`,
      remedy: `Lower the weight of one, or let ${second.name} count only where the answer is right.`,
      responses: placesBy(rollouts, ({ rewards }) => first!.weight * (rewards[first!.name] ?? 0)),
    }
  },
}
