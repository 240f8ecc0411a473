import { percent } from '../../measures/format.ts'
import { repeats } from '../../text/loops.ts'
import { responsesOf } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

const LARGEST_SHARE = 0.3
const LONGEST_PERIOD = 32
const FEWEST_ROUNDS = 5

export const repetition: Rule = {
  name: 'repetition',
  title: 'responses repeat themselves',
  measure: 'meanTokens',
  when: 'More than 30 % of the responses of two rollouts end in a loop: the same words at least five times in a row.',
  because:
    'A search that says similar lines with other numbers is no loop. A few loops are in every base model.',
  look(course) {
    const rollouts = course.rollouts.slice(-2)
    if (rollouts.length < 2) return undefined
    const responses = responsesOf(rollouts)
    const share = responses.filter(({ text }) => loops(text)).length / Math.max(1, responses.length)
    if (share <= LARGEST_SHARE) return undefined
    return {
      evidence: `${percent(share, 0)} of the responses end by saying the same again and again.`,
      cause: 'The policy has collapsed, or it is paid for length.',
      remedy:
        'Go back to a checkpoint before it with a lower learning rate; a repetition reward (docs/rewards.md) makes loops costly.',
      responses: placesWhere(rollouts, ({ text }) => loops(text)),
    }
  },
}

/** Does the text end in at least five rounds of the same one to 32 words? */
export function loops(text: string): boolean {
  const words = text.match(/[\p{Script=Han}]|[^\s\p{Script=Han}]+/gu) ?? []
  for (let period = 1; period <= Math.min(LONGEST_PERIOD, words.length / FEWEST_ROUNDS); period++)
    // A torn last round counts as the whole of its rounds do.
    if (repeats(words, period, (FEWEST_ROUNDS - 1) * period)) return true
  return false
}
