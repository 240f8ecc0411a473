import { latest, weightOf } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

const FORMS = ['format', 'thinkFormat']

export const formNeverMet: Rule = {
  name: 'form-never-met',
  title: 'the form is never met',
  measure: 'format',
  when: 'No response of three rollouts has the form that is rewarded.',
  because:
    'What never happens cannot be made likelier. With 128 responses a rollout, a form met once in 200 would have shown.',
  look(course) {
    const form = FORMS.find((name) => latest(course, name, 3) !== undefined)
    if (form === undefined || weightOf(course, form) === 0) return undefined
    const shares = latest(course, form, 3)!
    if (Math.max(...shares) > 0) return undefined
    return {
      evidence: `The reward ${form} was 0 for every response of the last three rollouts.`,
      cause:
        form === 'format'
          ? 'The model never writes `<think> … </think> <answer> … </answer>`.'
          : 'The model never closes its thinking and then answers.',
      remedy:
        'Use the template that the model knows (template=model), show it the form by a few steps of SFT, or set rewards.format=0.',
      responses: placesWhere(course.rollouts, () => true),
    }
  },
}
