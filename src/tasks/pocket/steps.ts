/**
 * The steps of a pocket response and whether one is right, by rules: what people had to label for process reward models
 * (arXiv 2305.20050; R1 §4.2) is arithmetic here.
 */
import { apply, type Operator, WORDS } from './speaker.ts'

/** A step's last token: a verdict, or the comma before a statement that continues from it. */
export const STEP_ENDS: readonly string[] = [
  ...[WORDS.yes, WORDS.no].flatMap(({ en, zh }) => [` ${en}`, ` ${zh}`]),
  ',',
]

const either = (word: keyof typeof WORDS) => Object.values(WORDS[word]).join('|')
const STATEMENT = new RegExp(
  `(\\d+) ([-+*]) (\\d+) = (\\d+)(?: (?:${either('need')}) (\\d+) (?:(${either('yes')})|${either('no')}))?`,
  'gu',
)

/**
 * A step is right where each statement in it is, `8 + 3 = 11`, and a verdict after one is that of the two numbers,
 * `11 * 5 = 55 need 60 no`. Nothing is wrong with a step that states nothing.
 */
export function isRightStep(step: string): boolean {
  return [...step.matchAll(STATEMENT)].every(([, a, operator, b, stated, needed, yes]) => {
    const holds = apply(Number(a), operator as Operator, Number(b)) === Number(stated)
    return holds && (needed === undefined || (stated === needed) === (yes !== undefined))
  })
}
