/**
 * The steps of a pocket response and whether each is right, by rules: what people had to label for process reward models
 * (arXiv 2305.20050; paper.md §9) is arithmetic here. A step is a statement `8 + 3 = 11`, with the verdict after it where
 * there is one, `11 * 5 = 55 need 60 no`. It is right where the statement is, and the verdict is that of the two numbers.
 */
import { apply, type Operator, WORDS } from './speaker.ts'

/** What a step of a search ends with: a verdict, or the comma before a statement that goes on from it. */
export const STEP_ENDS = [
  ...['yes', 'no'].flatMap((word) => Object.values(WORDS[word as 'yes' | 'no'])).map((word) => ` ${word}`),
  ',',
]

export interface Step {
  /** Characters of the response up to the step's end. */
  end: number
  right: boolean
}

const either = (...words: (keyof typeof WORDS)[]) =>
  words.flatMap((word) => Object.values(WORDS[word])).join('|')
const STATEMENT = new RegExp(
  `(\\d+) ([-+*]) (\\d+) = (\\d+)(?: (?:${either('need')}) (\\d+) (?:(${either('yes')})|${either('no')}))?`,
  'gu',
)

/** In order; a response may have none. */
export function pocketSteps(response: string): Step[] {
  return [...response.matchAll(STATEMENT)].map((match) => {
    const [text, a, operator, b, stated, needed, yes] = match
    const sum = apply(Number(a), operator as Operator, Number(b)) === Number(stated)
    const verdict = needed === undefined || (stated === needed) === (yes !== undefined)
    return { end: match.index + text.length, right: sum && verdict }
  })
}
