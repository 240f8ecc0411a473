import { formatNumber } from '../../measures/format.ts'
import { partNames, responsesOf, WINDOW, weightOf } from '../course.ts'
import type { Rule } from '../rule.ts'

/** Rules of their own speak of these; at their best they are constant in healthy runs. */
const BUILT_IN = new Set(['accuracy', 'format', 'thinkFormat', 'languageConsistency', 'overlong'])

export const constantPart: Rule = {
  name: 'constant-part',
  title: 'a part of the reward never varies',
  measure: 'reward',
  when: 'A reward of your own gives every response of five rollouts the same score.',
  because:
    'Responses are compared with their group, so a constant changes nothing. The rewards that come with the package are left out: at their best they are constant, and other rules speak of them at their worst.',
  look(course) {
    if (course.rollouts.length < WINDOW) return undefined
    const responses = responsesOf(course.rollouts)
    for (const part of partNames(course.rollouts)) {
      if (BUILT_IN.has(part) || weightOf(course, part) === 0) continue
      const scores = responses.map(({ rewards }) => rewards[part] ?? null).filter((score) => score !== null)
      const [score] = scores
      if (score === undefined || scores.some((other) => other !== score)) continue
      return {
        evidence: `${part} was ${formatNumber(score)} for all ${scores.length} responses of the last ${WINDOW} rollouts.`,
        cause: 'What it looks for never happens or always does, or its code returns early.',
        remedy: `Try it on two responses that it should tell apart, or see what it says of this run: r1 rescore <run> --reward <file>.`,
      }
    }
    return undefined
  },
}
