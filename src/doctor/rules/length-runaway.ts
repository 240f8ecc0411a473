import { formatNumber, percent } from '../../measures/format.ts'
import { change, latest, mean, WINDOW } from '../course.ts'
import { heldOutChange } from '../held-out-change.ts'
import { placesBy } from '../places.ts'
import type { Rule } from '../rule.ts'

export const lengthRunaway: Rule = {
  name: 'length-runaway',
  title: 'responses grow without getting better',
  measure: 'meanTokens',
  when: 'Responses have been twice as long as at first for ten rollouts, beyond two standard errors, and accuracy, below 90 %, has not risen by as much, held out neither.',
  because:
    'In R1-Zero length grows because longer thinking is right more often (R1 §2.2.4), and first it grows: in a healthy run here by six rollouts. Doubling it for nothing is paid for by something else.',
  look(course) {
    const [length, accuracy] = [change(course, 'meanTokens'), change(course, 'accuracy')]
    if (length === undefined || accuracy === undefined) return undefined
    const before = mean(latest(course, 'meanTokens', 2 * WINDOW)!.slice(0, WINDOW))
    if (before < 2 * length.first || heldOutChange(course)?.rises) return undefined
    if (!length.rises || length.now < 2 * length.first || accuracy.rises || accuracy.now > 0.9)
      return undefined
    return {
      evidence: `Responses grew from ${formatNumber(length.first)} to ${formatNumber(length.now)} tokens; accuracy went from ${percent(accuracy.first)} to ${percent(accuracy.now)}.`,
      cause: 'A reward pays for length, or the policy no longer ends its responses.',
      remedy:
        'Look for a part of the reward that grows with length; rewards.overlong, or grpo.aggregation=dr_grpo, takes the profit out of it.',
      responses: placesBy(course.rollouts, ({ tokens }) => tokens),
    }
  },
}
