/**
 * The 25 checkable instructions of IFEval (arXiv 2311.07911), by their published names and arguments. Where the published
 * checkers have quirks that decide verdicts (keywords are regular expressions, bold counts twice as a highlight, P.S.
 * may stand anywhere) these have them too, but in time linear in the response. Two differ: sentences and tokens are split
 * by rules instead of NLTK's models, and languages are told by `eld` instead of langdetect.
 */
import { isLanguage } from './languages.ts'
import { countSentences, countUppercaseTokens } from './sentences.ts'

export type InstructionArguments = Record<string, unknown>
export type CheckInstruction = (response: string, given: InstructionArguments) => boolean | Promise<boolean>

export const INSTRUCTIONS: Record<string, CheckInstruction> = {
  'keywords:existence': (response, { keywords }) =>
    texts(keywords).every((keyword) => pattern(keyword, 'iu').test(response)),
  'keywords:frequency': (response, { keyword, frequency, relation }) =>
    compare(response.match(pattern(text(keyword).trim(), 'giu'))?.length ?? 0, relation, frequency),
  'keywords:forbidden_words': (response, { forbidden_words }) =>
    !texts(forbidden_words).some((word) =>
      pattern(`(?<![\\p{L}\\p{N}_])(?:${word})(?![\\p{L}\\p{N}_])`, 'iu').test(response),
    ),
  'keywords:letter_frequency': (response, { letter, let_frequency, let_relation }) =>
    compare(
      response.toLowerCase().split(text(letter).trim().toLowerCase()).length - 1,
      let_relation,
      let_frequency,
    ),

  'language:response_language': (response, { language }) => isLanguage(response, text(language)),

  'length_constraints:number_sentences': (response, { num_sentences, relation }) =>
    compare(countSentences(response), relation, num_sentences),
  'length_constraints:number_words': (response, { num_words, relation }) =>
    compare(response.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0, relation, num_words),
  'length_constraints:number_paragraphs': (response, { num_paragraphs }) => {
    const paragraphs = trimmedEnds(response.split(/\s?\*\*\*\s?/))
    return paragraphs !== null && paragraphs.length === number(num_paragraphs)
  },
  'length_constraints:nth_paragraph_first_word': (
    response,
    { num_paragraphs, nth_paragraph, first_word },
  ) => {
    const pieces = response.split('\n\n')
    const numParagraphs = pieces.filter((piece) => piece.trim() !== '').length
    const nth = number(nth_paragraph)
    if (numParagraphs !== number(num_paragraphs) || nth > numParagraphs) return false
    const word = pieces[nth - 1]!.trim().split(/\s/)[0]!.replace(/^'+/, '').replace(/^"+/, '')
    return word.split(/[.,?!'"]/)[0]!.toLowerCase() === text(first_word).toLowerCase()
  },

  'detectable_content:number_placeholders': (response, { num_placeholders }) =>
    (response.match(/\[[^\]\n]*\]?/g) ?? []).filter((found) => found.endsWith(']')).length >=
    number(num_placeholders),
  'detectable_content:postscript': (response, { postscript_marker }) => {
    const marker = text(postscript_marker).trim()
    if (marker === 'P.P.S') return /p\.\s?p\.\s?s/.test(response.toLowerCase())
    if (marker === 'P.S.') return /p\.\s?s\./.test(response.toLowerCase())
    return pattern(marker.toLowerCase(), 'u').test(response.toLowerCase())
  },

  'detectable_format:number_bullet_lists': (response, { num_bullets }) =>
    (response.match(/(?<![^\n])[^\S\n]*\*[^*][^\n]*/g)?.length ?? 0) +
      (response.match(/(?<![^\n])[^\S\n]*-/g)?.length ?? 0) ===
    number(num_bullets),
  'detectable_format:constrained_response': (response) =>
    ['My answer is yes.', 'My answer is no.', 'My answer is maybe.'].some((option) =>
      response.includes(option),
    ),
  'detectable_format:number_highlighted_sections': (response, { num_highlights }) => {
    const single = response.match(/\*[^\n*]*\*/g) ?? []
    const double = response.match(/\*\*[^\n*]*\*\*/g) ?? []
    const filled = [...single, ...double].filter((highlight) => highlight.replaceAll('*', '').trim() !== '')
    return filled.length >= number(num_highlights)
  },
  'detectable_format:multiple_sections': (response, { section_spliter, num_sections }) =>
    response.split(pattern(`\\s?(?:${text(section_spliter).trim()})\\s?\\d+\\s?`, 'u')).length - 1 >=
    number(num_sections),
  'detectable_format:json_format': (response) => isJson(response),
  'detectable_format:title': (response) =>
    response.split('\n').some((line) => {
      const [start, end] = [line.indexOf('<<'), line.lastIndexOf('>>')]
      return start >= 0 && start + 2 < end && !/^<*\s*>*$/.test(line.slice(start, end + 2))
    }),

  'combination:two_responses': (response) => {
    const responses = trimmedEnds(response.split('******'))
    return responses?.length === 2 && responses[0]!.trim() !== responses[1]!.trim()
  },
  'combination:repeat_prompt': (response, { prompt_to_repeat }) =>
    response.trim().toLowerCase().startsWith(text(prompt_to_repeat).trim().toLowerCase()),

  'startend:end_checker': (response, { end_phrase }) =>
    response
      .trim()
      .replace(/^"+|(?<!")"+$/g, '')
      .toLowerCase()
      .endsWith(text(end_phrase).trim().toLowerCase()),
  'startend:quotation': (response) => /^"[\s\S]*"$/.test(response.trim()),

  'change_case:capital_word_frequency': (response, { capital_frequency, capital_relation }) =>
    compare(countUppercaseTokens(response), capital_relation, capital_frequency),
  'change_case:english_capital': (response) =>
    hasLetters(response) && response === response.toUpperCase() && isLanguage(response, 'en'),
  'change_case:english_lowercase': (response) =>
    hasLetters(response) && response === response.toLowerCase() && isLanguage(response, 'en'),

  'punctuation:no_comma': (response) => !response.includes(','),
}

/** An instruction counts as followed by a response that has anything to say. */
export async function followsStrictly(
  id: string,
  response: string,
  given: InstructionArguments,
): Promise<boolean> {
  return response.trim() !== '' && (await INSTRUCTIONS[id]!(response, given))
}

/** Also tried: without the first line, the last line, both, and each of these without asterisks. */
export async function followsLoosely(
  id: string,
  response: string,
  given: InstructionArguments,
): Promise<boolean> {
  const lines = response.split('\n')
  const cut = [lines, lines.slice(1), lines.slice(0, -1), lines.slice(1, -1)].map((some, i) =>
    i === 0 ? response : some.join('\n').trim(),
  )
  for (const variant of [...cut, ...cut.map((some) => some.replaceAll('*', ''))])
    if (await followsStrictly(id, variant, given)) return true
  return false
}

function compare(count: number, relation: unknown, threshold: unknown): boolean {
  return relation === 'less than' ? count < number(threshold) : count >= number(threshold)
}

/** Published keywords are regular expressions; one that is none here stands for itself. */
function pattern(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags)
  } catch {
    return new RegExp(source.replaceAll(/[$()*+./?[\\\]^{|}-]/g, '\\$&'), flags)
  }
}

/** Drops an empty first and last part; null where a part between is empty. */
function trimmedEnds(parts: string[]): string[] | null {
  const filled = parts.filter((part) => part.trim() !== '')
  const inner = parts.slice(1, -1)
  return inner.some((part) => part.trim() === '') ? null : filled
}

function isJson(response: string): boolean {
  const bare = response
    .trim()
    .replace(/^```(?:json|Json|JSON)?/, '')
    .replace(/```$/, '')
    .trim()
  try {
    JSON.parse(bare)
    return true
  } catch {
    return false
  }
}

function hasLetters(response: string): boolean {
  return /[\p{Lu}\p{Ll}]/u.test(response)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(text) : []
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN
}
