import { formatNumber, percent } from '../../measures/format.ts'
import { change } from '../course.ts'
import { placesBy } from '../places.ts'
import type { Rule } from '../rule.ts'

export const lengthShrinking: Rule = {
  name: 'length-shrinking',
  title: 'responses shrink and get worse',
  measure: 'meanTokens',
  when: 'Responses are half as long as at first and accuracy has fallen, both beyond two standard errors.',
  because:
    'Shorter is fine where it is as right: a model drops detours. With a fall of accuracy it drops its thinking.',
  look(course) {
    const [length, accuracy] = [change(course, 'meanTokens'), change(course, 'accuracy')]
    if (length === undefined || accuracy === undefined) return undefined
    if (!length.falls || length.now > length.first / 2 || !accuracy.falls) return undefined
    return {
      evidence: `Responses shrank from ${formatNumber(length.first)} to ${formatNumber(length.now)} tokens; accuracy went from ${percent(accuracy.first)} to ${percent(accuracy.now)}.`,
      cause: 'A reward pays for short responses, or a penalty of length weighs more than a right answer.',
      remedy:
        'Lower the weight of rewards.overlong or of your own penalty, or let it count for right answers only.',
      responses: placesBy(course.rollouts, ({ tokens }) => -tokens),
    }
  },
}
