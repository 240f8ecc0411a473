import { percent } from '../../measures/format.ts'
import { latest, mean } from '../course.ts'
import type { Rule } from '../rule.ts'
import { allRight, equalGroups } from './no-signal.ts'

export const solved: Rule = {
  name: 'solved',
  title: 'the task is solved',
  measure: 'groupsWithSignal',
  when: 'In three rollouts, fewer than a tenth of the groups have rewards that differ, most of the others being all right. No illness.',
  because: 'Where every answer is right there is nothing left to learn.',
  look(course) {
    const shares = latest(course, 'groupsWithSignal', 3)
    if (shares === undefined || mean(shares) >= 0.1) return undefined
    const equal = equalGroups(course.rollouts.slice(-3).flatMap(({ groups }) => groups))
    if (equal.filter(allRight).length <= 0.5 * equal.length) return undefined
    return {
      note: true,
      evidence: `In ${percent(1 - mean(shares), 0)} of the groups all rewards are equal, most of them because every answer is right.`,
      cause: 'The model answers these questions.',
      remedy: 'Stop here, or give it harder questions.',
    }
  },
}
