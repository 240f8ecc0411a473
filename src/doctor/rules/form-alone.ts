import { percent } from '../../measures/format.ts'
import { change, mean, perRollout } from '../course.ts'
import type { Rule } from '../rule.ts'

const MET = 0.9
const PATIENCE = 10

export const formAlone: Rule = {
  name: 'form-alone',
  title: 'only the form is learned',
  measure: 'format',
  when: 'The form has been met by 90 % of the responses for ten rollouts, which it was not at first, and accuracy, below one half, has not risen by two points.',
  because: 'The form is learned first in healthy runs too; ten rollouts later accuracy has followed.',
  look(course) {
    const name = ['format', 'thinkFormat'].find((part) => perRollout(course, part).length > 0)
    if (name === undefined) return undefined
    const form = perRollout(course, name)
    const accuracy = change(course, 'accuracy')
    if (accuracy === undefined || form.length < PATIENCE + 5) return undefined
    const first = mean(form.slice(0, 3))
    if (first > MET - 0.2 || Math.min(...form.slice(-PATIENCE)) < MET) return undefined
    if (accuracy.now >= 0.5 || accuracy.now - accuracy.first >= 0.02) return undefined
    return {
      evidence: `The form went from ${percent(first, 0)} to ${percent(form.at(-1)!, 0)}, accuracy from ${percent(accuracy.first)} to ${percent(accuracy.now)}.`,
      cause: 'The form is easy and pays as much as a right answer; answers are right too rarely to be found.',
      remedy: 'Lower rewards.format, or choose questions that the model solves sometimes (r1 filter).',
    }
  },
}
