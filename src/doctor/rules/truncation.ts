import { percent } from '../../measures/format.ts'
import { latest, mean, responsesOf } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

const LARGEST_SHARE = 0.5

export const truncation: Rule = {
  name: 'truncation',
  title: 'truncation eats the reward',
  measure: 'truncatedShare',
  when: 'More than half of the responses of two rollouts in a row reach the length limit, and earn less than those that end.',
  because:
    'A truncated response has no answer, so its reward says nothing of its thinking. Above one half, most comparisons are about length.',
  look(course) {
    const shares = latest(course, 'truncatedShare', 2)
    if (shares === undefined || Math.min(...shares) <= LARGEST_SHARE) return undefined
    const responses = responsesOf(course.rollouts)
    const rewardOf = (truncated: boolean) =>
      mean(responses.filter((response) => response.truncated === truncated).map(({ reward }) => reward))
    const ended = responses.some(({ truncated }) => !truncated)
    if (ended && rewardOf(true) >= rewardOf(false)) return undefined
    const { maxTokens } = course.settings
    return {
      evidence: `${percent(mean(shares), 0)} of the responses are cut at ${maxTokens} tokens${ended ? `; they earn ${rewardOf(true).toFixed(2)}, the others ${rewardOf(false).toFixed(2)}` : ''}.`,
      cause: 'The limit is shorter than what the model needs to answer, or the model does not stop.',
      remedy: `Raise maxTokens above ${maxTokens}. Where the model never stops, check its template and its end-of-text token.`,
      responses: placesWhere(course.rollouts, ({ truncated }) => truncated),
    }
  },
}
