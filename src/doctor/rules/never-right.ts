import { latest, responsesOf, WINDOW, weightOf } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

export const neverRight: Rule = {
  name: 'never-right',
  title: 'no answer is ever right',
  measure: 'accuracy',
  when: 'No response of five rollouts is right.',
  because:
    'A model that is right once in a hundred times would have shown it among the hundreds of responses of five rollouts.',
  look(course) {
    const accuracy = latest(course, 'accuracy')
    if (accuracy === undefined || weightOf(course, 'accuracy') === 0 || Math.max(...accuracy) > 0)
      return undefined
    return {
      evidence: `None of the ${responsesOf(course.rollouts).length} responses of the last ${WINDOW} rollouts was right.`,
      cause: 'The questions are too hard for this model, or the verifier does not read its answers.',
      remedy:
        'Read a few responses. If some are right, mend the verifier; if none is, begin with easier questions (r1 filter finds them).',
      responses: placesWhere(course.rollouts, ({ truncated }) => !truncated),
    }
  },
}
