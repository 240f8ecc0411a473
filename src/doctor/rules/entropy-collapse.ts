import { formatNumber, percent } from '../../measures/format.ts'
import { change, latest, mean } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

const SMALLEST_SHARE = 0.1
const SMALLEST_SIGNAL = 0.3

export const entropyCollapse: Rule = {
  name: 'entropy-collapse',
  title: 'entropy has collapsed',
  measure: 'entropy',
  when: 'Entropy is below a tenth of what it was at first, fewer than 30 % of the groups have a signal, and less than half of the answers are right.',
  because:
    'Entropy falls in every healthy run, most where nearly all answers are right. Without variety and without right answers there is nothing left to choose from.',
  look(course) {
    const entropy = change(course, 'entropy')
    const signal = latest(course, 'groupsWithSignal')
    const accuracy = latest(course, 'accuracy')
    if (entropy === undefined || signal === undefined || accuracy === undefined) return undefined
    if (
      entropy.now > SMALLEST_SHARE * entropy.first ||
      mean(signal) > SMALLEST_SIGNAL ||
      mean(accuracy) > 0.5
    )
      return undefined
    return {
      evidence: `Entropy went from ${formatNumber(entropy.first)} to ${formatNumber(entropy.now)} nats a token while ${percent(mean(accuracy), 0)} of the answers are right.`,
      cause: 'The policy has settled on one way to answer before it found a good one.',
      remedy:
        'Start again with a lower learning rate, a larger grpo.klWeight, or DAPO’s grpo.clipHigh above grpo.clipLow.',
      responses: placesWhere(course.rollouts, () => true),
    }
  },
}
