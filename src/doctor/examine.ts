/**
 * The doctor at a run's side: it is told of each step, evaluation and rollout in order, and says what it has found that is new.
 * A run that trains and one that is read from its folder are told in the same order, so both get the same findings.
 */
import type { StepNumbers } from '../run/metrics.ts'
import { type Course, type CourseSettings, type SeenRollout, WINDOW } from './course.ts'
import type { Finding, Rule } from './rule.ts'
import { RULES } from './rules.ts'

export interface Doctor {
  step(numbers: StepNumbers): void
  evaluation(numbers: StepNumbers): void
  rollout(rollout: SeenRollout): void
  /** Looks at everything so far, and gives what is found for the first time. Each rule speaks once in a run. */
  look(): Finding[]
}

export function openDoctor(
  settings: CourseSettings,
  { off = [], rules = RULES }: { off?: readonly string[]; rules?: readonly Rule[] } = {},
): Doctor {
  const steps: StepNumbers[] = []
  const evaluations: StepNumbers[] = []
  const rollouts: SeenRollout[] = []
  const course: Course = { settings, steps, evaluations, rollouts }
  let waiting = rules.filter(({ name }) => !off.includes(name))
  return {
    step: (numbers) => steps.push(numbers),
    evaluation: (numbers) => evaluations.push(numbers),
    rollout(rollout) {
      rollouts.push(rollout)
      if (rollouts.length > WINDOW) rollouts.shift()
    },
    look() {
      const findings = waiting.flatMap((rule): Finding[] => {
        const observation = rule.look(course)
        if (observation === undefined) return []
        const { name, title, measure } = rule
        return [{ rule: name, title, measure, step: steps.at(-1)?.step ?? 0, ...observation }]
      })
      waiting = waiting.filter(({ name }) => !findings.some(({ rule }) => rule === name))
      return findings
    },
  }
}
