/**
 * Which language is a text's thinking in? The count behind the language-consistency reward (R1 §2.3.2: words of
 * the target language over all words). The paper does not say how it counts; here English and Chinese are told by
 * script alone (runs of Latin letters, Han runs cut into words by `Intl.Segmenter`), so their figures are certain
 * and fast. For any other target a detector names the language of each sentence and script. Not counted: code,
 * LaTeX, tags and addresses, but for words in scripts that no notation is written in; numbers, identifiers, single
 * Latin letters (they are variables) and names of functions.
 */
import { ConfigError } from '../errors.ts'

type Detect = (text: string) => string

const segmenter = new Intl.Segmenter('zh', { granularity: 'word' })
const NOTATION = new Set('sin cos tan cot sec csc log ln exp lim max min gcd lcm mod det'.split(' '))

// Alternatives that could run over the whole text from many starts are bounded, so that time stays linear.
const NOT_PROSE = new RegExp(
  [
    String.raw`(?<!\`)(\`{3,})(?!\`)[\s\S]*?\1|(?<!~)(~{3,})(?!~)[\s\S]*?\2`, // fenced code
    String.raw`(\`{1,2})[^\`\n]{1,500}\3`, // inline code
    String.raw`\$\$[\s\S]{1,4000}?\$\$`,
    String.raw`\$(?=\S)[^$\n]{1,1000}(?<=\S)\$(?!\d)`,
    String.raw`\\\([\s\S]{1,4000}?\\\)`,
    String.raw`\\\[[\s\S]{1,4000}?\\\]`,
    String.raw`\\begin\{([a-z]+\*?)\}[\s\S]{1,4000}?\\end\{\4\}`,
    String.raw`\\[a-zA-Z]+\*?(?:\s{0,3}\{(?:[^{}]|\{(?:[^{}]|\{[^{}]{0,100}\}){0,200}\}){0,400}\})*`, // \frac{a}{b}
    String.raw`<[|｜][^<>\n]{1,100}[|｜]>`, // special tokens
    String.raw`</?[a-zA-Z][\w-]{0,40}(?:\s[^<>\n]{0,200})?/?>`, // tags
    String.raw`\b(?:https?|ftp)://[^\s，。）]+`,
  ].join('|'),
  'g',
)
/** Whatever else is written in code and LaTeX is hidden there: `\text{…}` and a fence must not buy the reward. */
const NOTATION_LETTER = /(?:[\p{Script=Latin}\p{Script=Greek}\p{N}_]|(?=\p{Script=Common})\p{L})\p{M}*/gu
// Runs are bounded, for the segmenter's time grows with the square of their length.
const WORD =
  /(?<latin>[\p{Script=Latin}\p{M}\p{N}_]+(?:['’]\p{Script=Latin}+)*)|(?<other>(?:(?!\p{Script=Latin})[\p{L}\p{M}]){1,500})/gu
const HAN = /^\p{Script=Han}+$/u
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u
const SENTENCE = /[^.!?。！？;；\n]+/g

export interface WordCounts {
  /** Words in Latin letters, English or not. */
  latin: number
  /** Words of Han characters, those in a sentence with kana left out, for that one is Japanese. */
  han: number
  /** Words in any other script, and all words of a Japanese sentence. */
  other: number
}

/** Words by script, without what code, LaTeX, tags and the like are written in. */
export function countWords(text: string): WordCounts {
  const counts = { latin: 0, han: 0, other: 0 }
  for (const sentence of sentences(text)) {
    for (const script of ['latin', 'han', 'other'] as const) counts[script] += sentence[script].length
  }
  return counts
}

/**
 * The share of words in the target language (ISO 639-1, a region such as `zh-CN` is ignored), from 0 to 1, or null
 * where the text has no words. Targets other than English and Chinese need `await prepareLanguage(target)` once.
 */
export function languageShare(text: string, target: string): number | null {
  const language = primary(target)
  if (language === 'en' || language === 'zh') {
    const { latin, han, other } = countWords(text)
    const total = latin + han + other
    return total === 0 ? null : (language === 'en' ? latin : han) / total
  }
  if (detect === undefined || !languages.has(language)) {
    throw new Error(`languageShare(…, '${target}') needs \`await prepareLanguage('${target}')\` first`)
  }
  let total = 0
  let inTarget = 0
  for (const sentence of sentences(text)) {
    for (const words of [sentence.latin, sentence.han, sentence.other]) {
      total += words.length
      if (words.length > 0 && detect(words.join(' ')) === language) inTarget += words.length
    }
  }
  return total === 0 ? null : inTarget / total
}

/** Both Latin and Han words hold at least this share of the words: the paper's language mixing. */
export function isMixed(text: string, minShare = 0.1): boolean {
  const { latin, han, other } = countWords(text)
  return Math.min(latin, han) > 0 && Math.min(latin, han) >= minShare * (latin + han + other)
}

/** Loads the detector where this target needs one; throws ConfigError for a language that nobody here can tell. */
export async function prepareLanguage(target: string): Promise<void> {
  const language = primary(target)
  if (language === 'en' || language === 'zh') return
  if (detect === undefined) {
    const { eld } = await import('eld/small')
    languages = new Set(Object.values(eld.info().Languages))
    detect = (text) => eld.detect(text).language
  }
  if (languages.has(language)) return
  throw new ConfigError('no detector for this language.', {
    field: 'language',
    value: target,
    expected: `one of ${[...languages].sort().join(', ')}`,
  })
}
let detect: Detect | undefined
let languages: ReadonlySet<string> = new Set()

function primary(target: string): string {
  return target.toLowerCase().split(/[-_]/)[0]!
}

interface SentenceWords {
  latin: string[]
  han: string[]
  other: string[]
}

function* sentences(text: string): Generator<SentenceWords> {
  const prose = text.replace(NOT_PROSE, (notation) => ` ; ${notation.replace(NOTATION_LETTER, ' ')} ; `)
  for (const [sentence] of prose.matchAll(SENTENCE)) {
    const words: SentenceWords = { latin: [], han: [], other: [] }
    const japanese = KANA.test(sentence)
    for (const { groups } of sentence.matchAll(WORD)) {
      const { latin, other } = groups!
      if (latin !== undefined) {
        if (isLatinWord(latin)) words.latin.push(latin)
        continue
      }
      // One clause at a time: over a long text the segmenter is five times slower.
      for (const { segment } of segmenter.segment(other!)) {
        const script = HAN.test(segment) && !japanese ? words.han : words.other
        script.push(segment)
      }
    }
    yield words
  }
}

/** Not a variable, an identifier, a number with a unit's letter, or a function's name. */
function isLatinWord(token: string): boolean {
  return token.length > 1 && !/[\p{N}_]/u.test(token) && !NOTATION.has(token.toLowerCase())
}
