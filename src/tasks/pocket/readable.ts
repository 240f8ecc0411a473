/**
 * R1-Zero's response to a pocket puzzle in R1's form (R1 §2.3.1): thinking in the question's language, then a
 * summary. By rules: words of the other language are translated, a try that was made before is left out, hesitation is
 * said once. Nothing is added, and the search stays as it went.
 */
import { splitPocketText } from '../../text/pocket-tokenizer.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import type { Question } from '../task.ts'
import { IN_WORDS } from './number-facts.ts'
import { type Language, WORDS } from './speaker.ts'

const STATES_ANSWER: Record<Language, (answer: string) => string> = {
  en: (answer) => `The answer is ${answer}.`,
  zh: (answer) => `答案是 ${answer}.`,
}

/** With the space before it. Null where a part is missing, or where the thinking has words that are none of the world's. */
export function readableForm(question: Question, response: string): string | null {
  const { thinking, answer, complete } = splitReasoning(response)
  if (!complete || !thinking || !/^[^\n<]+$/.test(answer)) return null
  const language: Language = question.language === 'zh' ? 'zh' : 'en'
  const pieces = translated(thinking, language)
  if (pieces === null) return null
  const so = ` ${WORDS.so[language]}`
  while (pieces.at(-1) === so) pieces.pop()
  const text = [...withoutRepeats(pieces, language), so].join('')
  return ` <think>${text} </think> ${STATES_ANSWER[language](answer)}`
}

const TRANSLATIONS: Record<Language, ReadonlyMap<string, string>> = {
  en: new Map(everyWord('en')),
  zh: new Map(everyWord('zh')),
}

function everyWord(to: Language): [string, string][] {
  const operators = ['+', '-', '*', 'is'] as const
  const pairs = [
    ...Object.values(WORDS),
    ...operators.map((name) => ({ en: IN_WORDS.en[name], zh: IN_WORDS.zh[name] })),
  ]
  return pairs.flatMap((word) => [
    [word.en, word[to]] as [string, string],
    [word.zh, word[to]] as [string, string],
  ])
}

/** Pieces with one space before each but commas; null where one is neither a number, an operator nor a word of the world. */
function translated(thinking: string, language: Language): string[] | null {
  const found: string[] = []
  for (const piece of splitPocketText(thinking).map((piece) => piece.trim())) {
    if (piece === '') continue
    const word = /^(?:\d+|[-+*/=()x])$/.test(piece) ? piece : TRANSLATIONS[language].get(piece)
    if (word === undefined && piece !== ',') return null
    found.push(piece === ',' ? ',' : ` ${word}`)
  }
  return found
}

/** A step, what was computed with it, and what was said of that: `try 8 + 3 = 11` `, 11 * 5 = 55 need 60 no`. */
interface Try {
  waits: boolean
  /** It continues from the step of the try before it. */
  continues: boolean
  first: string
  rest: string
}

function withoutRepeats(pieces: readonly string[], language: Language): string[] {
  const word = (name: keyof typeof WORDS) => ` ${WORDS[name][language]}`
  const { before, tries } = parseTries(pieces, word)
  const made = new Set<string>()
  const written = [before]
  let open: string | undefined
  for (const { waits, continues, first, rest } of tries) {
    if (made.has(first + rest)) continue
    made.add(first + rest)
    const kept = continues && first === open
    written.push(kept ? '' : (waits ? word('wait') : '') + word('try') + first, rest)
    open = first
  }
  return written
}

function parseTries(pieces: readonly string[], word: (name: keyof typeof WORDS) => string) {
  const tries: Try[] = []
  let before = ''
  let waits = false
  let part: 'before' | 'first' | 'rest' = 'before'
  for (const [i, piece] of pieces.entries()) {
    const last = tries.at(-1)
    const judged = [word('yes'), word('no'), word('mistake')].includes(pieces[i - 1] ?? '')
    if (piece === word('wait')) waits = true
    else if (piece === word('try')) {
      tries.push({ waits, continues: false, first: '', rest: '' })
      part = 'first'
      waits = false
    } else if (piece === ',' && judged && last !== undefined) {
      tries.push({ waits, continues: true, first: last.first, rest: piece })
      part = 'rest'
    } else {
      if (piece === ',' && part === 'first') part = 'rest'
      const said = (waits ? word('wait') : '') + piece
      waits = false
      if (part === 'before' || last === undefined) before += said
      else last[part] += said
    }
  }
  return { before, tries }
}
