/**
 * Can a person read this response? What the paper's cold start is for (R1 §2.3.1): thinking and summary both there and
 * closed, both in the language of the question, and a summary that is more than a bare formula.
 */
import { languageShare } from './language.ts'
import { splitReasoning } from './reasoning.ts'

export interface Readability {
  /** The response has one closed think block with something in it, and something after it. */
  complete: boolean
  /** Nearly all words of thinking and summary are in the language. */
  oneLanguage: boolean
  /** What follows the thinking has words and no tags. */
  summary: boolean
  /** All three. */
  readable: boolean
}

const LANGUAGE_SHARE = 0.95

/** `language` is English, Chinese, or one that `prepareLanguage` has loaded. */
export function readability(text: string, language: string): Readability {
  const { thinking, answer, complete: closed } = splitReasoning(text)
  const complete = closed && Boolean(thinking) && answer !== '' && text.split('</think>').length === 2
  const oneLanguage = [thinking ?? '', answer].every(
    (part) => (languageShare(part, language) ?? 1) >= LANGUAGE_SHARE,
  )
  const summary =
    !/<\/?(?:answer|think)>/.test(afterThinking(text)) && languageShare(answer, language) !== null
  return { complete, oneLanguage, summary, readable: complete && oneLanguage && summary }
}

const afterThinking = (text: string) => text.slice(text.lastIndexOf('</think>') + '</think>'.length)
