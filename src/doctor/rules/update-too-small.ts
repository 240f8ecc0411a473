import { formatNumber } from '../../measures/format.ts'
import { latest, mean } from '../course.ts'
import type { Rule } from '../rule.ts'

const SMALLEST_UPDATE = 1e-6

export const updateTooSmall: Rule = {
  name: 'update-too-small',
  title: 'the learning rate is too low to matter',
  measure: 'updateSize',
  when: 'Five updates in a row move the weights by less than a millionth of their norm, while groups do have a signal.',
  because:
    "Float32 holds a weight to 6e-8 of its size. R1-Zero's 3e-6 moves weights of the usual size by a ten-thousandth a step.",
  look(course) {
    const sizes = latest(course, 'updateSize')
    const signal = latest(course, 'groupsWithSignal')
    if (sizes === undefined || signal === undefined) return undefined
    if (Math.max(...sizes) > SMALLEST_UPDATE || mean(signal) < 0.1) return undefined
    return {
      evidence: `The last ${sizes.length} updates moved the weights by ${formatNumber(mean(sizes))} of their norm.`,
      cause: `The learning rate is ${formatNumber(course.steps.at(-1)!.learningRate ?? Number.NaN)}.`,
      remedy: 'Raise the learning rate a thousandfold; small models want 1e-4, large ones 1e-6.',
    }
  },
}
