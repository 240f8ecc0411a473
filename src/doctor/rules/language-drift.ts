import { percent } from '../../measures/format.ts'
import { isMixed } from '../../text/language.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { change } from '../course.ts'
import { placesWhere } from '../places.ts'
import type { Rule } from '../rule.ts'

export const languageDrift: Rule = {
  name: 'language-drift',
  title: 'the language drifts',
  measure: 'mixedLanguageShare',
  when: 'More than half of the responses mix languages in their thinking, and at least 30 points more than at first. Where accuracy has risen, it is no illness.',
  because:
    "Mixing is R1-Zero's own habit (R1 §2.2.4): in a whole healthy run here 9 % of the sampled responses mix at first and 53 % in the end, while right answers go from 16 to 87 %.",
  look(course) {
    const mixed = change(course, 'mixedLanguageShare')
    if (mixed === undefined || mixed.now < 0.5 || mixed.now - mixed.first < 0.3) return undefined
    const learns = change(course, 'accuracy')?.rises
    return {
      evidence: `Responses that mix languages went from ${percent(mixed.first, 0)} to ${percent(mixed.now, 0)}.`,
      cause: learns
        ? 'Accuracy has risen with it, and no reward asks for one language.'
        : 'No reward asks for one language.',
      remedy: 'Set rewards.languageConsistency=1 (R1 §2.3.2).',
      responses: placesWhere(course.rollouts, ({ text }) => isMixed(splitReasoning(text).thinking ?? text)),
      ...(learns && { note: true }),
    }
  },
}
