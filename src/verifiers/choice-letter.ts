/**
 * Reads an option's letter where one is expected: `B`, `(B)`, `B. Paris`, `b)`, but neither the article in
 * "A triangle" nor the pronoun in "I think", nor one letter of "A or B".
 */

/** What stands at a place where an answer is expected. */
export type Reading = { letter: string } | { many: string[] } | null

export interface ReadLetterOptions {
  /** The letters in use, such as `ABCD`. */
  letters: string
  /** Nothing announced a letter (no colon, no "is"), so it must stand alone: bracketed, before punctuation, or last. */
  alone?: boolean
}

const OPENING = /^[\s([{<"'“‘「『⟦]*/u
/** What may follow `A` or `I` in a sentence that goes on after the letter. */
const GOES_ON =
  /^\s+(?:because|since|as|for|is|are|was|which|and|or|but|with|due|by|if|given|based|from|in|on|at)\b/u
const CLOSES = /^(?:[)\]}>"'”’」』⟧.,;:!?、，。；：！？）]|\s*$|\s*\n)/u
const JOINED =
  /^[)\]}>"'”’⟧]*\s*(?<joint>,?\s*(?:and\/or|and|or)\b|[,/&+|、，或和及与])\s*(?:or\b|and\b)?\s*/u

/** Reads the start of `text`; an option's letter in lower case counts only before punctuation or the end. */
export function readLetter(text: string, { letters, alone = false }: ReadLetterOptions): Reading {
  const opening = OPENING.exec(text)![0]
  const rest = text.slice(opening.length)
  const several = new RegExp(`^[${letters}]{2,}(?![\\p{L}\\p{N}])`, 'u').exec(rest)
  if (several !== null) return { many: [...new Set(several[0])] }

  const first = letterAt(rest, letters, opening.trim() !== '', alone)
  if (first === null) return null
  const found = [first]
  for (let tail = rest.slice(1); ; ) {
    const joint = JOINED.exec(tail)
    if (joint === null) break
    const next = tail.slice(joint[0].length)
    const bracket = OPENING.exec(next)![0]
    const afterComma = /^[,，]/u.test(joint.groups!.joint!)
    const letter = letterAt(next.slice(bracket.length), letters, bracket.trim() !== '', afterComma)
    if (letter === null) break
    found.push(letter)
    tail = next.slice(bracket.length + 1)
  }
  return new Set(found).size === 1 ? { letter: first } : { many: [...new Set(found)] }
}

function letterAt(text: string, letters: string, bracketed: boolean, alone: boolean): string | null {
  const character = text[0] ?? ''
  const letter = character.toUpperCase()
  if (letter === '' || !letters.includes(letter)) return null
  const after = text.slice(1)
  if (/^[\p{Script=Latin}\p{N}_]|^['’-]\p{L}|^\+\+/u.test(after)) return null
  if (CLOSES.test(after)) return letter
  if (character !== letter) return null
  if (bracketed || /^\s*\p{Script=Han}/u.test(after)) return letter
  if (alone) return null
  if (letter === 'A' || letter === 'I')
    return GOES_ON.test(after) || !/^\s+\p{Ll}/u.test(after) ? letter : null
  return letter
}
