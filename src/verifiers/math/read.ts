/** From the text of one answer to its readings: the ways it can be meant, most likely first. */
import { joinDigits, repairEscapes, replaceUnicode, unwrap } from './clean.ts'
import { apply, integer, type Node, some, symbol } from './node.ts'
import { standardNotation } from './notation.ts'
import { parseAnswer } from './parse-answer.ts'
import { withoutQualifier } from './qualifier.ts'
import { UnreadableAnswer } from './tokens.ts'
import { isUnitWord } from './units.ts'
import {
  countNamed,
  fractionNamed,
  functionNamed,
  joinerNamed,
  numberNamed,
  phraseNamed,
  plainWords,
} from './words.ts'

export interface Answer {
  /** The cleaned text. */
  text: string
  readings: Node[]
  /** The letter of a choice, where the answer marks one: `(C)`, `C. 12`. */
  choice: string | null
  /** False where the text could not be read as mathematics. */
  isReadable: boolean
  /** What the answer says about where it holds; null where that restricts nothing. */
  restriction: Node | null
  /** Names that the answer leaves free: any other would do. */
  parameters: string[]
}

/** The longest answer read as mathematics; anything longer can only be compared as text. */
const MAX_ANSWER_LENGTH = 2_000

/** Answers read lately: a group of responses shares its gold, and extraction reads what is then compared. */
const recent = new Map<string, Answer>()
const MAX_RECENT = 256

export function readAnswer(raw: string): Answer {
  const known = recent.get(raw)
  if (known) return known
  const answer = read(raw)
  if (recent.size >= MAX_RECENT) recent.clear()
  if (raw.length <= MAX_ANSWER_LENGTH) recent.set(raw, answer)
  return answer
}

function read(raw: string): Answer {
  const text = unwrap(replaceUnicode(repairEscapes(raw.slice(0, MAX_ANSWER_LENGTH * 4)))).slice(
    0,
    MAX_ANSWER_LENGTH * 2,
  )
  const answer: Answer = {
    text,
    readings: [],
    choice: readChoice(text),
    isReadable: true,
    restriction: null,
    parameters: [],
  }
  if (text === '') return answer
  const words = text.replace(/\\(?:text|textbf|mathrm|mbox)\s*\{([^{}]*)\}/g, ' $1 ').trim()
  const named = phraseNamed(words)
  if (named) return { ...answer, readings: [symbol(named)] }
  const fraction = fractionNamed(words)
  if (fraction) return { ...answer, readings: [apply('divide', ...fraction.map(integer))] }
  const counted = countNamed(words)
  if (counted) return readAnswer(counted)
  if (text.length <= MAX_ANSWER_LENGTH) {
    const { value, restriction, parameters } = withoutQualifier(asMembers(standardNotation(text)))
    if (!isSentence(value)) answer.readings = readMathematics(value)
    answer.parameters = parameters
    if (restriction !== '') answer.restriction = readRestriction(restriction)
  }
  if (answer.readings.length === 0) {
    answer.isReadable = false
    answer.readings = [{ kind: 'text', value: text }]
  }
  return answer
}

const ALIGNED_SYSTEM = /^\\begin\{(?:aligned|gathered|split|align\*?)\}(.*\\\\.*)\\end\{[a-z*]+\}$/s
/** `\left\{ ... \right.` around the rows of a system. */
const BRACED_SYSTEM =
  /\\left\s*\\\{\s*(\\begin\{(?:array|aligned|cases|matrix)\}.*\\end\{(?:array|aligned|cases|matrix)\})\s*\\right\s*\.?$/s
/** `\text{The answer is } 6`, `\text{Domain: } (0, 1)`. */
const STATED =
  /^\\text\s*\{(?![^{}]*\b(?:bound|not|wrong)\b)[^{}]*(?:\b(?:is|are|equals)\s*:?|[a-z]\s*:)\s*\}\s*:?/
/** A sign of relation in its column. A row that begins with one continues with the row before: `S &= 7+8 \\ &= 15`. */
const NEXT_ROW = /(?:\\\\(?:\[[^[\]]*\])?\s*)?&\s*([=<>]|\\(?:leq?|geq?|neq?|approx|equiv|lt|gt)(?![a-z]))/g
/** `C(5, 2)` is a point or counts combinations. */
const ARRANGEMENTS = /^P\((\d+),\s*(\d+)\)$/
const COMBINATIONS = /(?<![a-zA-Z\\])C\((\d+),\s*(\d+)\)/
const BARE_LOG = /\\log(?![a-zA-Z_])(?!\s*_)/g
/** A single bare letter set apart from its number at the end is a unit: `5 m`. */
const APART_UNIT = /^([-+]?[\d.,]+)\s+(m|g|s|h|L|N|J|W|V|A|K|C|F)(\^\{?\d\}?)?$/

/** What a choice says after its letter: `(C) 12`, `\textbf{(C)}\ 12`. */
const MARKED_CHOICE =
  /^(?:\\(?:text|textbf|mathrm|mathbf)\s*\{\s*\(?[A-J]\)?[.:]?\s*\}|\([A-J]\)|[A-J][.:)])(?:\s|\\ |~|\\quad|\\qquad)*(?=[-\d\\$(])(.+)$/s

/** `2A5_{11}`: digits above nine. */
const LETTER_DIGITS = /^(?:\\(?:text|mathrm)\s*\{([\dA-Z]+)\}|([\dA-Z]+))(?:_\{?(\d{1,3})\}?)?$/i

const WHOLE = String.raw`([a-z])\s*(?:\\in|∈)\s*(\\mathbb\s*\{?\s*[ZN]\s*\}?|\\[ZN]\b)(?:\s*\^?\{?[+*]\}?)?`
const WHOLE_NUMBER = new RegExp(
  String.raw`\(\s*${WHOLE}\s*\)|,?\s*\\text\s*\{[\s,]*(?:where|for|with|for (?:all|any|some|every))\s*\}\s*${WHOLE}$`,
  'g',
)

/** `(k \in \mathbb{Z})` and `\text{ where } k \in \mathbb{Z}` are one more member of a list. */
const asMembers = (text: string): string =>
  !/\\in|∈/.test(text)
    ? text
    : text.replace(WHOLE_NUMBER, (_, a, set, b, other) => `, ${a ?? b} \\in ${set ?? other}`)

function readRestriction(text: string): Node {
  try {
    return parseAnswer(text)
  } catch (error) {
    if (!(error instanceof UnreadableAnswer)) throw error
    return { kind: 'text', value: text }
  }
}

function readMathematics(text: string): Node[] {
  const readings: Node[] = []
  const prepared = text
    .replace(STATED, '')
    .replace(NEXT_ROW, '$1')
    .replace(ALIGNED_SYSTEM, '\\begin{cases}$1\\end{cases}')
    .replace(BRACED_SYSTEM, (_, rows: string) => rows.replaceAll('{aligned}', '{cases}'))
  const sources = new Set([joinDigits(prepared, 'thousands')])
  if (/\d,\d|\{,\}/.test(prepared)) {
    const isGrouped = /(?<![\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,])/.test(prepared)
    if (
      (!isGrouped && /^[^,()[\]]*\d(?:,|\{,\})\d+[^,()[\]]*$/.test(prepared)) ||
      /\d\.\d{3},\d/.test(prepared)
    )
      sources.add(joinDigits(prepared, 'decimal'))
    if (/\d,\d{3}(?!\d)/.test(prepared)) sources.add(joinDigits(prepared, 'separator'))
  }
  // Schools mean base 10 by a bare logarithm, universities base e.
  sources.add(joinDigits(prepared.replace(BARE_LOG, '\\log_{10}'), 'thousands'))
  if (COMBINATIONS.test(prepared))
    sources.add(prepared.replace(COMBINATIONS, (_, n, k) => `\\binom{${n}}{${k}}`))
  const [, from, chosen] = ARRANGEMENTS.exec(prepared) ?? []
  if (from) sources.add(`\\binom{${from}}{${chosen}}\\cdot ${chosen}!`)
  if (APART_UNIT.test(prepared)) sources.add(prepared.replace(APART_UNIT, '$1\\text{ $2}$3'))
  const choice = MARKED_CHOICE.exec(prepared)
  if (choice) sources.add(joinDigits(choice[1]!, 'thousands'))
  for (const source of sources) {
    try {
      const node = parseAnswer(source)
      if (!isProse(node)) readings.push(node)
    } catch (error) {
      if (!(error instanceof UnreadableAnswer)) throw error
    }
  }
  const [, upright, plain, base] = LETTER_DIGITS.exec(text) ?? []
  const digits = upright ?? plain ?? ''
  if (/^(?=.*[A-Z])(?=.*\d)[\dA-Z]+$/.test(digits) || (base && /[A-F]/i.test(digits)))
    readings.push(base ? apply('base', asText(digits), integer(BigInt(base))) : asText(digits))
  else if (/^[A-F]{2,}$/i.test(digits)) readings.push(apply('digits', asText(digits)))
  return readings
}

const asText = (value: string): Node => ({ kind: 'text', value })

/** Bare words in a row, or a word before a number, that no formula has: `Tom had 5`. A unit at the end may have several words. */
function isSentence(text: string): boolean {
  const [head] = /^.*[\d})!%](?=\s*[A-Za-z][A-Za-z\s.]*$)/s.exec(text) ?? [text]
  const words = head
    .replace(/\\(?:text|textbf|textit|mathrm|mbox|operatorname|begin|end)\s*\{[^{}]*\}/g, ' ; ')
    .replace(/\\[a-zA-Z]+/g, ' ; ')
    .replace(/[A-Za-z]+/g, (word) => (isFormulaWord(word) ? ' ; ' : word))
  return /[A-Za-z]{2,}\s+[A-Za-z\d$]|(?<![A-Za-z])[A-Za-z]\s+[A-Za-z]{2,}/.test(words)
}

const isFormulaWord = (word: string): boolean =>
  functionNamed(word) !== null ||
  (joinerNamed(word) !== null && word.length > 1) ||
  numberNamed(word) !== null ||
  isUnitWord(word) ||
  /^(?:pi|inf|infinity|about|approximately|approx|only|exactly|rs|usd|inr|per|square|cubic|sq|theta|alpha|beta|in)$/i.test(
    word,
  )

/** Words multiplied or added are a sentence and no formula. */
function isProse(node: Node): boolean {
  return some(
    node,
    (part) =>
      (part.kind === 'apply' &&
        part.op !== 'piece' &&
        part.args.some((arg) => arg.kind === 'text' && /\s|^\p{Ll}{4,}$|^\p{Lo}+$/u.test(arg.value))) ||
      (part.kind === 'apply' && part.args.filter((arg) => arg.kind === 'text').length > 1),
  )
}

function readChoice(text: string): string | null {
  const plain = text
    .replace(/\\(?:text|textbf|mathrm|mathbf|mbox|textrm|boxed)\s*\{([^{}]*)\}/g, '$1')
    .replace(/[*$]/g, '')
    .trim()
  const match =
    /^(?:(?:option|choice|answer|选项)\s*:?\s*)?(?:\(([A-J])\)(?=$|[.:]|[\s\\~])|([A-J])(?=$|\)$|[.:)]\s*\S))/i.exec(
      plain,
    )
  if (!match) return null
  return (match[1] ?? match[2])!
}

/** Is the answer a bare choice letter, and marked as one (in brackets or set as text)? */
export function sameChoice(a: Answer, b: Answer): boolean {
  if (!a.choice || !b.choice) return false
  const isBare = (answer: Answer): boolean => /^[a-j]$/.test(plainWords(answer.text))
  if (!isBare(a) && !isBare(b)) return false
  if (a.choice === b.choice) return true
  const isMarked = (answer: Answer): boolean => answer.text.length > 1
  return a.choice.toUpperCase() === b.choice.toUpperCase() && (isMarked(a) || isMarked(b))
}
