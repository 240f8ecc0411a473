import { percent } from '../../measures/format.ts'
import { latest, mean, type SeenGroup } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

const SMALLEST_SHARE = 0.1

export const noSignal: Rule = {
  name: 'no-signal',
  title: 'hardly any group has a signal',
  measure: 'groupsWithSignal',
  when: 'In three rollouts, fewer than a tenth of the groups have rewards that differ, and it is not because all answers are right.',
  because:
    'A group of equal rewards has no advantages. Below a tenth, nine tenths of the sampling teach nothing.',
  look(course) {
    const shares = latest(course, 'groupsWithSignal', 3)
    if (shares === undefined || mean(shares) >= SMALLEST_SHARE) return undefined
    const equal = equalGroups(course.rollouts.slice(-3).flatMap(({ groups }) => groups))
    const shareOf = (fits: (group: SeenGroup) => boolean) =>
      equal.filter(fits).length / Math.max(1, equal.length)
    const right = shareOf(allRight)
    if (right > 0.5) return undefined
    const [wrong, truncated] = [shareOf(allWrong), shareOf(allTruncated)]
    return {
      evidence: `Only ${percent(mean(shares), 0)} of the groups have rewards that differ. Of the others, ${percent(right, 0)} are all right, ${percent(wrong, 0)} all wrong and ${percent(truncated, 0)} all truncated.`,
      cause:
        truncated > 0.5
          ? 'No response ends within the length limit.'
          : wrong > 0.5
            ? 'The questions are too hard, or the verifier never says yes.'
            : 'The rewards do not tell responses apart.',
      remedy:
        truncated > 0.5
          ? 'Raise maxTokens.'
          : 'Choose questions that the model solves sometimes (r1 filter), larger groups, or grpo.dynamicSampling=1.',
      responses: placesWhere(course.rollouts, () => true),
    }
  },
}

export const equalGroups = (groups: readonly SeenGroup[]): SeenGroup[] =>
  groups.filter(({ responses }) => responses.every(({ reward }) => reward === responses[0]!.reward))

export const allRight = ({ responses }: SeenGroup): boolean =>
  responses.every(({ rewards }) => rewards.accuracy === 1)
const allWrong = ({ responses }: SeenGroup) => responses.every(({ rewards }) => rewards.accuracy === 0)
const allTruncated = ({ responses }: SeenGroup) => responses.every(({ truncated }) => truncated)
