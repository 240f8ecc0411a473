/**
 * Which part of a response is its answer: what it states last and most plainly. A box or "the final answer is", whichever comes
 * last; else what "the answer is" announces or "is the answer" closes; else a response that is nothing but an answer; else the
 * value that its last sentence with one states. Joined candidates ("3 or 4") are one answer, so that listing many hits nothing.
 */
import { answerPart } from './answer-part.ts'
import { plainNumerals, plainScripts, repairEscapes } from './clean.ts'
import { GUESSES, MAY_ANNOUNCE, STATING, STRONG, VALUE, WEAK } from './phrases.ts'
import { expressionSpans } from './plain-expression.ts'
import { readAnswer } from './read.ts'
import { boxedSpans, lastBoxGroup, mathSpans } from './spans.ts'
import { answerAt, answersBefore, concluded } from './statement.ts'
import { numberNamed } from './words.ts'

export type MatchType = 'latex' | 'expr' | 'string'

const MAX_PLAIN = 200

export interface Extraction {
  text: string
  /** How it was found, for the verdict's reason. */
  source: 'box' | 'phrase' | 'mathematics' | 'whole' | 'number'
}

export function extractAnswer(
  response: string,
  matchTypes: readonly MatchType[] = ['latex', 'expr'],
): Extraction | null {
  const text = plainScripts(plainNumerals(repairEscapes(answerPart(response))))
  if (text.trim() === '') return null
  const allowPlain = matchTypes.includes('expr') || matchTypes.includes('string')
  const box = matchTypes.includes('latex') ? lastBox(text) : null
  const mayAnnounce = MAY_ANNOUNCE.test(text)
  const strong = mayAnnounce
    ? afterPhrase(text, STRONG, box?.end ?? 0, allowPlain, box ? statesValue : undefined)
    : null
  if (strong) return { text: strong.answer, source: 'phrase' }
  if (box) return { text: box.inner, source: 'box' }
  if (hasOpenBox(text) || GUESSES.test(text.slice(-160))) return null
  const weak = mayAnnounce ? afterPhrase(text, WEAK, 0, allowPlain) : null
  const before = mayAnnounce ? answersBefore(text, allowPlain).at(-1) : undefined
  const said = before && before.at > (weak?.at ?? -1) ? before : weak
  if (said) return { text: said.answer, source: 'phrase' }
  const spans = mathSpans(text)
  const whole = wholeText(text, allowPlain, spans.length)
  if (whole) return { text: whole, source: 'whole' }
  const stated = concluded(text, allowPlain)
  if (stated) return { text: stated.text, source: stated.isPlain ? 'number' : 'mathematics' }
  return null
}

function lastBox(text: string): { inner: string; end: number } | null {
  const group = lastBoxGroup(text, boxedSpans(text))
  return group && { inner: group.inner, end: group.end }
}

/** A box the end of the text cuts off: the response was truncated, and its answer is unknown. */
function hasOpenBox(text: string): boolean {
  const at = text.lastIndexOf('\\boxed{')
  return at >= 0 && !/^\\boxed\{\s*\}/.test(text.slice(at))
}

const statesValue = (phrase: string, rest: string): boolean => STATING.test(phrase) && VALUE.test(rest)

function afterPhrase(
  text: string,
  phrase: RegExp,
  from: number,
  allowPlain: boolean,
  counts: (phrase: string, rest: string) => boolean = () => true,
): { at: number; answer: string } | null {
  for (const match of [...text.slice(from).matchAll(phrase)].slice(-50).reverse()) {
    const at = from + match.index + match[0].length
    const answer = counts(match[0], text.slice(at, at + 80)) ? answerAt(text, at, allowPlain) : null
    if (answer) return { at, answer }
  }
  return null
}

/** A response that is nothing but an answer: readable as one, or words without a number. */
function wholeText(text: string, allowPlain: boolean, numSpans: number): string | null {
  const bare = text.trim()
  const isShort =
    bare.length <= MAX_PLAIN ||
    (bare.length <= 1_000 && !/\s[a-z]{3,}\s+[a-z]{2,}\s/i.test(bare.replace(/\\text\s*\{[^{}]*\}/g, '')))
  if (!isShort) return null
  if (numSpans > 0 && isOneSpan(bare)) return bare
  if (!allowPlain && !/\\[a-zA-Z]/.test(bare)) return null
  if (bare.includes('\n') && !bare.includes('\\begin{')) return null
  if (numSpans > 0 || (/\\[[(]/.test(bare) && !/\\begin/.test(bare))) return null
  const read = readAnswer(bare)
  if (read.text === '' || bare.includes('\\boxed')) return null
  if (read.choice || /^[\d\s]+$/.test(bare)) return bare
  if (read.isReadable && !IS_SENTENCE.test(bare)) return bare
  const values = expressionSpans(bare)
  if (read.isReadable && values.length === 0) return bare
  const isLatex =
    /\\[a-zA-Z]/.test(bare) &&
    !/(?<![\\a-zA-Z])[a-zA-Z]{2,}\s+[a-zA-Z]{2,}/.test(bare.replace(/\\text\s*\{[^{}]*\}/g, ''))
  if (isLatex) return bare
  const worded = IN_WORDS.exec(bare)?.[1]
  if (worded && numberNamed(worded) !== null && values.length === 0) return worded
  const isPhrase = bare.length <= 80 && bare.split(/\s+/).length <= 8 && !/[.!?]\s/.test(bare)
  return isPhrase && values.length === 0 ? bare : null
}

/** `So the number of apples is four.` */
const IN_WORDS =
  /\b(?:is|are|was|were|be|equals|has|have|makes?|gives?|to)\s+(?:exactly\s+|only\s+)?([a-z]+(?:-[a-z]+)?)[.!*_\s]*$/i

const IS_SENTENCE =
  /\b(?:[Tt]herefore|[Tt]hus|[Hh]ence|[Ss]o|[Tt]hen|[Ff]inally|[Ii]t['’]s|[Tt]hat['’]s|is|are|was|were|be|has|have|makes?|gives?|there|it|we|he|she|they|I)\b/

/** Is the text one marked piece, with nothing around it? */
function isOneSpan(text: string): boolean {
  const spans = mathSpans(text)
  return spans.length === 1 && spans[0]!.isSound && spans[0]!.start === 0 && spans[0]!.end === text.length
}
