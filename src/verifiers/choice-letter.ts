/**
 * Reads an option's letter where one is expected: `B`, `(B)`, `B. Paris`, `b)`, but neither the article in
 * "A triangle" nor the pronoun in "I think"; or the option's own text. Then what stands beside it: "A or B",
 * "A; B", "(A)(B)", "A, possibly B" and "Paris or London" name several.
 */
import { leadingLength } from './choice-text.ts'

/** What stands at a place where an answer is expected. */
export type Reading = { letter: string } | { many: string[] } | null

export interface ReadLetterOptions {
  /** The letters in use, such as `ABCD`. */
  letters: string
  /** Nothing announced a letter (no colon, no "is"), so it must stand alone: bracketed, before punctuation, or last. */
  alone?: boolean
  /** The options' texts as `comparable` has them; left out where they do not count. */
  texts?: readonly string[] | undefined
}

const OPENING = /^[\s([{<"'“‘「『⟦]*/u
/** What may follow `A` or `I` in a sentence that continues after the letter. */
const GOES_ON =
  /^\s+(?:because|since|as|for|is|are|was|which|and|or|but|with|due|by|if|given|based|from|in|on|at)\b/u
const CLOSES = /^(?:[)\]}>"'”’」』⟧.,;:!?、，。；：！？）]|\s*$|\s*\n)/u
const DENIED = /^[)\]}]*\s*(?:选项|项)?\s*(?:是|为)?\s*(?:错|不(?:对|正确|合适|成立|行|可能|是(?!\s*[A-J])))/u
const JOINED =
  /^[)\]}>"'”’⟧]*\s*(?<joint>(?:[.,;…，；(]\s*)*(?:(?:and\/or|and|or|as\s+well\s+as|plus|maybe|perhaps|possibly)\b\s*)+|[,;/&+|→⇒、，；或和及与]\s*)/iu
/** Behind the punctuation of these joints a sentence of its own may begin ("C, and B is wrong"). */
const LOOSE = /^[.,;…，；(](?!.*\b(?:or|maybe|perhaps|possibly)\b)/iu
const TOGETHER = /^[A-J]{2,}(?![\p{L}\p{N}])/u
const APART = /^[A-J](?:[^\S\n]+[A-J])+(?=[)\]}>"”⟧.,:;!?、，。；：！？）]|\s*$|\s*\n)/u
const BRACKETED = /^[A-J][)\]}](?:[^\S\n]*[([{][A-J][)\]}])+(?=[⟧.!?。！？]*\s*(?:$|\n))/u
const BEFORE_TEXT = /^[^\S\n]*[)\]}>"'”’⟧.,:;-]*/u

/** Reads the start of `text`; an option's letter in lower case counts only before punctuation or the end. */
export function readLetter(text: string, options: ReadLetterOptions): Reading {
  const run = runOfLetters(text, options.letters)
  if (run !== null) return { many: run }

  const first = readItem(text, options, options.alone ?? false)
  if (first === null) return null
  const found = new Set([first.letter])
  for (let tail = text.slice(first.length); ; ) {
    const joint = JOINED.exec(tail)
    if (joint === null) break
    const next = tail.slice(joint[0].length)
    const item = readItem(next, options, LOOSE.test(joint.groups!.joint!))
    if (item === null) break
    found.add(item.letter)
    tail = next.slice(item.length)
  }
  return found.size === 1 ? { letter: first.letter } : { many: [...found] }
}

/** `AB`, `A B C D` and `(A)(B)`; the last only where nothing follows, since "(D) (A), (B)" is one option and its text. */
function runOfLetters(text: string, letters: string): string[] | null {
  const rest = text.slice(OPENING.exec(text)![0].length)
  const together = TOGETHER.exec(rest)
  const run = together ?? APART.exec(rest) ?? BRACKETED.exec(rest)
  const found = [...new Set(run?.[0].match(/[A-J]/g))]
  if (!found.every((letter) => letters.includes(letter))) return null
  return found.length > 1 || together !== null ? found : null
}

/** One option at the start of `text`, by its letter, by its letter and text, or by its text. */
function readItem(
  text: string,
  { letters, texts }: ReadLetterOptions,
  alone: boolean,
): { letter: string; length: number } | null {
  const opening = OPENING.exec(text)![0]
  const letter = letterAt(text.slice(opening.length), letters, opening.trim() !== '', alone)
  if (letter !== null) {
    const end = opening.length + 1
    const own = end + BEFORE_TEXT.exec(text.slice(end))![0].length
    const quoted = leadingLength(text.slice(own), texts?.[letters.indexOf(letter)] ?? '')
    return { letter, length: quoted > 0 ? own + quoted : end }
  }
  const lengths = (texts ?? []).map((option) => leadingLength(text, option))
  const longest = Math.max(0, ...lengths)
  if (longest === 0 || lengths.indexOf(longest) !== lengths.lastIndexOf(longest)) return null
  if (alone && !CLOSES.test(text.slice(longest))) return null
  return { letter: letters[lengths.indexOf(longest)]!, length: longest }
}

function letterAt(text: string, letters: string, bracketed: boolean, alone: boolean): string | null {
  const character = text[0] ?? ''
  const letter = character.toUpperCase()
  if (letter === '' || !letters.includes(letter)) return null
  const after = text.slice(1)
  if (/^[\p{Script=Latin}\p{N}_]|^['’-]\p{L}|^\+\+/u.test(after) || DENIED.test(after)) return null
  if (CLOSES.test(after)) return letter
  if (character !== letter) return null
  if (bracketed || /^\s*\p{Script=Han}/u.test(after)) return letter
  if (alone) return /^\s+(?:because|since)\b/u.test(after) ? letter : null
  if (letter === 'A' || letter === 'I')
    return GOES_ON.test(after) || !/^\s+\p{Ll}/u.test(after) ? letter : null
  return letter
}
