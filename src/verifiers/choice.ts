/**
 * Multiple choice (R1 §2.2.2, R1 v2 SJ): which letter does the response settle on? Reads the forms the
 * benchmarks ask for, simple-evals' `Answer: B`, MMLU-Pro's "The answer is (B)" and GPQA's `ANSWER: B`, and what
 * models write instead: boxes, bold letters, a bare last line, other languages, the option's own text. Statements
 * that name an answer outrank letters that merely stand out; of several statements the last counts, since models
 * correct themselves. Naming several letters at once is no answer, and neither is saying which letter it is not.
 */
import { splitReasoning } from '../text/reasoning.ts'
import { afterThinking } from './after-thinking.ts'
import { answerField } from './answer-field.ts'
import { type Reading, readLetter } from './choice-letter.ts'
import { comparable, echoedOption, plainText } from './choice-text.ts'
import type { Verdict } from './verifier.ts'

export interface ChoiceOptions {
  /** The options' texts in order: the letters are limited to them, and a text given instead of its letter counts. */
  choices?: readonly string[]
  /** How many options there are where their texts are not known; 10 (A to J) by default. */
  numChoices?: number
}

/** Of more options no letter is read. */
export const LETTERS = 'ABCDEFGHIJ'

const ANSWER = [
  String.raw`\banswers?(?:\s+(?:choice|option|letter))?`,
  String.raw`\b(?:correct|right|best|final|my|remaining|only)\s+(?:option|choice|letter|one)`,
  String.raw`\b(?:réponse|respuesta|resposta|risposta|antwort|jawaban)`,
  '(?:ответ|정답|답|答え|正解|答案|正确的?选项|正确的是|回答)',
].join('|')
const IS = String.raw`\s*(?:(?:is|are|was|be|would|should|must|will|to|seems?|appears?|turns?\s+out|indeed|therefore|thus|clearly|likely|most|probably|est|es|ist)\b|è|é|は|은|는|应该?|是|为|就|选|[:=→⇒]|[–—-](?!\d))`

interface Statement {
  pattern: RegExp
  /** Nothing but the noun announces the letter ("answer B"). */
  alone?: (is: string) => boolean
  /** Said just before, it makes the statement one about what the answer is not. */
  denied?: RegExp
  /** Takes back what was stated before it, even where nothing else stands between; only by a letter. */
  corrects?: true
}

const NOT_BEFORE = /(?:\b(?:not|never|cannot)|n['’]t)[^\S\n]+(?:to[^\S\n]+)?$/iu
const STATEMENTS: readonly Statement[] = [
  {
    pattern: new RegExp(
      `(?:${ANSWER})(?<is>(?:${IS})*)\\s*(?:(?:the\\s+)?(?:option|choice|letter)\\b|选项)?`,
      'giu',
    ),
    alone: (is) => is.trim() === '',
    denied: /\b(?:wrong|incorrect)[^\S\n]+$/iu,
  },
  {
    pattern:
      /\b(?:choose|chose|pick|picked|select|selected|go with|going with)\s+(?:(?:the\s+)?(?:option|choice|answer|letter)\b)?/giu,
    denied: NOT_BEFORE,
  },
  { pattern: /(?<![不没非别](?:应该?|能|该|会|要|可以?)?)(?:应选|故选|选择|选)\s*:?/gu },
  {
    pattern:
      /\b(?:it\s+(?:should|must)\s+be|(?:wait|no|actually)\b,?\s+it(?:\s+is|['’]s)|correction\s*:)\s*(?:(?:the\s+)?(?:option|choice)\b)?/giu,
    corrects: true,
  },
  {
    pattern:
      /\bleav(?:es|ing)\s+(?:us\s+)?(?:with\s+)?(?:(?:only|just)\s+)?(?:(?:the\s+)?(?:option|choice)\b)?/giu,
  },
  { pattern: /⟦/gu, denied: NOT_BEFORE },
]
const PRAISED =
  /(?<![\p{L}\p{N}])[([]?([A-J])[)\]]?(?:\s+(?:remains|is left)\b|\s+(?:is|must be)\s+(?:therefore\s+|thus\s+|indeed\s+)?(?:the\s+)?(?:correct|right|best)\b|\s*(?:选项|项)?\s*也?\s*(?:是|为)?\s*(?:正确|对的))/gu
const NEGATED =
  /\b(?:not|cannot|neither|nor|except|eliminate|rule out|incorrect|wrong|false)\b|n['’]t\b|不|非|错/iu

/** `gold` is a letter (`B`, `(B)`, `B. Paris`) or, with `choices`, an option's text. `extracted` is the letter. */
export function verifyChoice(prediction: string, gold: string, options: ChoiceOptions = {}): Verdict {
  const expected = referenceLetter(gold, options)
  const reading = readChoice(prediction, options)
  const extracted = reading !== null && 'letter' in reading ? reading.letter : null
  const no = (reason: string): Verdict => ({ correct: false, extracted, reason })
  if (expected === null) return no('the reference is not a single choice')
  if (reading === null) return no('no choice found')
  if ('many' in reading) return no(`more than one choice: ${reading.many.join(', ')}`)
  return reading.letter === expected
    ? { correct: true, extracted, reason: 'the same choice' }
    : no(`chose ${reading.letter}, not ${expected}`)
}

/** The letter of a reference: of the option whose text it is, unless it is a bare letter. Null where it is none. */
export function referenceLetter(gold: string, options: ChoiceOptions): string | null {
  const letters = lettersOf(options)
  const text = comparable(gold.replace(/^\s*(?:answer|option|choice)\s*:?\s+(?=[([]?[A-J]\b)/i, ''))
  const option = options.choices?.findIndex((choice) => comparable(choice) === text && text !== '') ?? -1
  if (option >= 0 && text.length > 1) return letters[option] ?? null
  const own = /^\(?([a-j])\)?[.:)]?\s+(?:[-–—]\s+)?(.+)$/s.exec(text)
  const named = own ? letters.indexOf(own[1]!.toUpperCase()) : -1
  const ownText = named >= 0 ? options.choices?.[named] : undefined
  if (ownText !== undefined && comparable(ownText) === comparable(own![2]!)) return letters[named]!
  // "A triangle" may be the article, "D Dublin" is the letter.
  if (named >= 0 && !options.choices && /^\s*[B-HJ]\s+(?:[-–—]\s+)?\p{L}/u.test(gold)) return letters[named]!
  const reading = readLetter(text.length === 1 ? text : plainText(gold), { letters, alone: true })
  if (reading !== null) return 'letter' in reading ? reading.letter : null
  return option < 0 ? null : (letters[option] ?? null)
}

/** The letter a response settles on, all of them where it settles on several, null where on none. */
export function readChoice(prediction: string, options: ChoiceOptions = {}): Reading {
  const letters = lettersOf(options)
  const { answer } = splitReasoning(afterThinking(prediction))
  const plain = withoutRefused(plainText(answerField(answer) ?? answer))
  if (plain === '') return null
  const reading =
    stated(plain, letters, options.choices) ??
    praised(plain, letters) ??
    listed(plain, letters) ??
    bold(answer, letters) ??
    echoed(plain, letters, options.choices) ??
    mentioned(plain, letters)
  return reading && 'letter' in reading && isOnlyGuessed(plain, reading.letter) ? null : reading
}

const LETTER = String.raw`[([]?[A-J][)\]]?(?![\p{L}\p{N}])`
/** "not A but B": what is chosen stands behind. */
const BEFORE_CHOSEN = [
  new RegExp(
    String.raw`(?:\b(?:not|nicht|no es)|(?<=\bn['’]?est )pas) (?:the )?(?:option |choice )?${LETTER}(?: ?(?:,|or|and|nor|oder|ou|o) ?${LETTER}){0,8} ?,? ?(?:but(?: rather| instead)?|sondern|mais|sino) `,
    'giu',
  ),
  new RegExp(`(?:不是|并非|不选) ?${LETTER} ?[，,]? ?而是`, 'gu'),
]
/** "B, not A": what is refused stands behind. */
const BEHIND_CHOSEN = new RegExp(
  `(?<=${LETTER})(?:[,，;；]? (?:(?:and |but )?not|rather than|instead of) (?:option |choice )?|[,，]? ?(?:而?不是|而非) ?)${LETTER}`,
  'gu',
)

/** Takes out the letters that are named only to be refused beside the one that is chosen. */
const withoutRefused = (plain: string): string =>
  BEFORE_CHOSEN.reduce((text, pattern) => text.replace(pattern, ' '), plain)
    .replace(BEHIND_CHOSEN, '')
    .trim()

/** "It could be B", "maybe B", "B?": a letter that is only guessed is not chosen. */
const GUESSED = new RegExp(
  String.raw`(?:\b(?:(?:[Cc]ould|[Mm]ight|[Mm]ay) be|[Mm]aybe|[Pp]erhaps|[Pp]ossibly)[ :]+(?:the )?(?:option |choice )?(?:answer is )?${LETTER}|(?<![\p{L}\p{N}])${LETTER} ?\?)`,
  'gu',
)
const isOnlyGuessed = (plain: string, letter: string): boolean => {
  const named = new RegExp(String.raw`(?<![\p{L}\p{N}])${letter}(?![\p{L}\p{N}])`, 'u')
  return named.test(plain) && !named.test(plain.replace(GUESSED, ' '))
}

/** "The answer is B", `Answer: B`, `\boxed{B}`: the last one, unless different ones stand side by side. */
function stated(plain: string, letters: string, choices?: readonly string[]): Reading {
  const texts = choices?.slice(0, letters.length).map(comparable)
  const found = STATEMENTS.flatMap(({ pattern, alone: isAlone, denied, corrects = false }) =>
    [...plain.matchAll(pattern)].flatMap((match) => {
      const end = match.index + match[0].length
      if (denied?.test(plain.slice(Math.max(0, match.index - 20), match.index))) return []
      const tail = plain.slice(end, end + 300).replace(/[^\S\n]+/g, ' ')
      const alone = isAlone?.(match.groups?.is ?? '') ?? false
      const reading = readLetter(tail, { letters, alone, texts: alone || corrects ? undefined : texts })
      return reading === null ? [] : [{ reading, start: match.index, end, corrects }]
    }),
  ).sort((a, b) => a.start - b.start)
  return settled(found, plain)
}

function praised(plain: string, letters: string): Reading {
  const found = [...plain.matchAll(PRAISED)]
    .filter((match) => letters.includes(match[1]!))
    .map((match) => ({
      reading: { letter: match[1]! },
      start: match.index,
      end: match.index + match[0].length,
      corrects: false,
    }))
  return settled(found, plain)
}

interface Found {
  reading: NonNullable<Reading>
  start: number
  end: number
  corrects: boolean
}

function settled(found: readonly Found[], plain: string): Reading {
  const last = found.at(-1)
  if (last === undefined || 'many' in last.reading) return last?.reading ?? null
  const together = new Set([last.reading.letter])
  for (let i = found.length - 1; i > 0; i--) {
    const [before, after] = [found[i - 1]!, found[i]!]
    // Between two statements that only hedge there is no word but the letter itself.
    const between = plain
      .slice(before.end, after.start)
      .replace(/\b(?:or|and|the|final)\b|[\s\p{P}⟦⟧]/giu, '')
    if (between.length > 1 || after.corrects) break
    for (const letter of 'many' in before.reading ? before.reading.many : [before.reading.letter])
      together.add(letter)
  }
  return together.size === 1 ? last.reading : { many: [...together].sort() }
}

/** A first or last line that is a letter or a lettered option, unless it belongs to a list of several. */
function listed(plain: string, letters: string): Reading {
  const lines = plain.split('\n').filter((line) => line.trim() !== '')
  const starts = lines.map((line) => {
    const reading = readLetter(line, { letters, alone: true })
    return reading !== null && 'letter' in reading && /^\W*[a-j](?:[).:\]]|\W*$)/iu.test(line)
      ? reading.letter
      : reading
  })
  const named = starts.filter((start) => typeof start === 'string')
  const [first, last] = [starts[0], starts.at(-1)]
  if (new Set(named).size > 1) {
    const isAlone = typeof last === 'string' && /^\W*[a-j]\W*$/iu.test(lines.at(-1)!)
    const previous = starts.at(-2)
    if (isAlone && (typeof previous !== 'string' || previous === last)) return { letter: last }
    return { many: [...new Set(named)].sort() }
  }
  if (typeof last === 'string') return { letter: last }
  if (last !== null && last !== undefined && 'many' in last) return last
  return typeof first === 'string' ? { letter: first } : null
}

/** `**B**`, `**(B)**`, `**B. Paris**`, `**Option B**`: only where all bold letters are the same. */
function bold(answer: string, letters: string): Reading {
  const found = [...answer.matchAll(/\*\*\s*(?:option\s+|choice\s+)?([^*\n]{1,200})\*\*/giu)].flatMap(
    ([, content]) => {
      const reading = readLetter(plainText(content!), { letters, alone: true })
      return reading === null ? [] : 'letter' in reading ? [reading.letter] : reading.many
    },
  )
  const distinct = [...new Set(found)].sort()
  return distinct.length === 0 ? null : distinct.length === 1 ? { letter: distinct[0]! } : { many: distinct }
}

/** The last line quotes one option by its text. */
function echoed(plain: string, letters: string, choices?: readonly string[]): Reading {
  if (choices === undefined) return null
  return optionLetter(echoedOption(plain.split('\n').at(-1)!, choices), letters)
}

/** Letters; A and I only beside "or" and the like, the article and the pronoun being none. */
const BARE =
  /(?<![\p{L}\p{N}]|\b[Vv]itamin\s|\b[Pp]lan\s|\b[Hh]epatitis\s|\b[Tt]ype\s|\b[Gg]roup\s|\b[Ff]igure\s)(?:[B-HJ](?![\p{L}\p{N}'’+-])|[AI](?=\s*(?:[,/&]|or\b|and\b))|[AI](?<=(?:[,/&]|\bor|\band)\s*[AI])(?![\p{L}\p{N}'’+-]|\s+\p{Ll}))/gu

/** The last line names one letter, in brackets or as "option B", or is a short phrase such as "It must be D". */
function mentioned(plain: string, letters: string): Reading {
  const line = plain.split('\n').at(-1)!
  if (NEGATED.test(line)) return null
  const marked = [
    ...line.matchAll(/\(([A-J])\)|\b(?:option|choice)\s+([A-J])(?![\p{L}\p{N}])|选项\s*([A-J])/giu),
  ]
    .map((match) => (match[1] ?? match[2] ?? match[3])!.toUpperCase())
    .filter((letter) => letters.includes(letter))
  const isShort = line.split(/\s+/).length <= 6
  const bare = isShort ? (line.match(BARE) ?? []) : []
  const distinct = [
    ...new Set(marked.length > 0 ? marked : bare.filter((letter) => letters.includes(letter))),
  ].sort()
  return distinct.length === 0 ? null : distinct.length === 1 ? { letter: distinct[0]! } : { many: distinct }
}

function optionLetter(option: number | null, letters: string): Reading {
  return option === null ? null : { letter: letters[option]! }
}

function lettersOf({ choices, numChoices }: ChoiceOptions): string {
  return LETTERS.slice(0, choices?.length ?? numChoices ?? LETTERS.length)
}
