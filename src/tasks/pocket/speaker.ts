/** The voice of a pocket thought: its words in English, Chinese or both, its statements, and its rare mistakes. */
import type { RandomStream } from '../../random.ts'
import { LARGEST_NUMBER } from '../../text/pocket-tokenizer.ts'
import type { LanguageConfig, NoiseConfig } from './config.ts'

export type Language = 'en' | 'zh'
export type Operator = '+' | '-' | '*'

export const WORDS = {
  try: { en: 'try', zh: '试' },
  need: { en: 'need', zh: '要' },
  no: { en: 'no', zh: '不' },
  yes: { en: 'yes', zh: '对' },
  wait: { en: 'wait', zh: '等等' },
  check: { en: 'check', zh: '检查' },
  mistake: { en: 'mistake', zh: '错了' },
  so: { en: 'so', zh: '所以' },
} as const

interface Statement {
  /** ` 8 + 3 = 11`, with the space before it. */
  text: string
  /** The value it states, which a slip makes wrong. */
  value: number
}

export type State = (a: number, op: Operator, b: number) => Statement

/** The statement without slips. */
export const computed: State = (a, op, b) => write(a, op, b, apply(a, op, b))

export interface Speaker {
  random: RandomStream
  noise: NoiseConfig
  /** The word with the space before it. */
  say(word: keyof typeof WORDS): string
  /** States `a op b = c`, wrongly at the rate of `noise.slip`. */
  state: State
}

export function speaker(
  random: RandomStream,
  noise: NoiseConfig,
  start: Language,
  switchShare: number,
): Speaker {
  let language = start
  return {
    random,
    noise,
    say(word) {
      if (switchShare > 0 && random.chance(switchShare)) language = language === 'en' ? 'zh' : 'en'
      return ` ${WORDS[word][language]}`
    },
    state(a, op, b) {
      const value = apply(a, op, b)
      return write(a, op, b, random.chance(noise.slip) ? slip(value, random) : value)
    },
  }
}

export function drawLanguages(
  random: RandomStream,
  style: 'guess' | 'giveUp' | 'persistent',
  config: LanguageConfig,
): { question: Language; thought: Language; switchShare: number } {
  const question: Language = random.chance(config.englishQuestions) ? 'en' : 'zh'
  const other: Language = question === 'en' ? 'zh' : 'en'
  const mixedShare =
    style === 'persistent' ? config.mixedPersistent : style === 'giveUp' ? config.mixedGiveUp : 0
  const mixed = random.chance(mixedShare)
  const thought = random.chance(config.sameLanguage) ? question : other
  return { question, thought, switchShare: mixed ? config.switchShare : 0 }
}

export function apply(a: number, op: Operator, b: number): number {
  return op === '+' ? a + b : op === '-' ? a - b : a * b
}

function write(a: number, op: Operator, b: number, value: number): Statement {
  return { text: ` ${a} ${op} ${b} = ${value}`, value }
}

/** A value near the right one, within the world's numbers. */
function slip(value: number, random: RandomStream): number {
  const wrong = value + random.pick([-10, -2, -1, 1, 2, 10])
  return wrong < 0 || wrong > LARGEST_NUMBER ? slip(value, random) : wrong
}
