/** Prepares a response for reading a multiple-choice answer, and finds options quoted by their text. */
import { boxes } from './boxed.ts'

/** Without Markdown and LaTeX dressing; a box becomes `⟦…⟧`, full-width forms become ASCII. */
export function plainText(text: string): string {
  let boxed = ''
  let from = 0
  for (const { content, start, end } of boxes(text)) {
    boxed += `${text.slice(from, start)}⟦${content}⟧`
    from = end
  }
  return (boxed + text.slice(from))
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/\\(?:text|mathrm|mathbf|mathsf|mathit|textbf|textit|textrm|operatorname)\s*\{([^{}]*)\}/g, '$1')
    .replace(/\\(?:rm|bf|sf|displaystyle|quad|qquad)(?![a-zA-Z])/g, ' ')
    .replace(/\\[()[\]]|\$/g, '')
    .replace(/\\[ ,;:!]|[\u00a0\u200b-\u200f\ufeff]/g, ' ')
    .replace(/[*`~]|__|^[^\S\r\n\u2028\u2029]*(?:#+|>)\s*/gm, '')
    .trim()
}

/** For comparing with an option's text: case, spaces, punctuation at the ends and articles do not matter. */
export function comparable(text: string): string {
  return plainText(text)
    .replace(/[⟦⟧]/g, ' ')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'“”‘’([]+|[\s"'“”‘’.,;:!?。，；！？]+$/g, '')
    .replace(/^(?:the|an?) (?=.)/, '')
}

/**
 * The only option whose text stands in `line` on its own, as an index; an option that is part of a longer one found
 * at the same place does not count. Null where there is none, more than one, or the line denies something; a line of
 * more than a thousand characters is prose that quotes nothing.
 */
export function echoedOption(line: string, choices: readonly string[]): number | null {
  if (line.length > 1000) return null
  const text = comparable(line)
  const options = choices.map(comparable)
  const exact = options.flatMap((option, i) => (option === text && text !== '' ? [i] : []))
  if (exact.length > 0) return exact.length === 1 ? exact[0]! : null
  if (/\b(?:not|no|never|neither|nor|except|cannot|incorrect|wrong)\b|n['’]t\b|不|非|错/u.test(text))
    return null

  const found = options.map((option) => places(text, option))
  const standing = found.flatMap((starts, i) => {
    const own = starts.filter((start) => !isCovered(start, options[i]!.length))
    return own.length > 0 ? [i] : []
  })
  return standing.length === 1 ? standing[0]! : null

  function isCovered(start: number, length: number): boolean {
    return found.some((others, i) =>
      others.some(
        (other) =>
          options[i]!.length > length && other <= start && start + length <= other + options[i]!.length,
      ),
    )
  }
}

const BEFORE_OPTION = /^[\s"'“”‘’([⟦]*(?:(?:the|an?) )?/iu

/** How far into `text` an option reaches that it begins with, 0 where it does not; `option` is comparable. */
export function leadingLength(text: string, option: string): number {
  const start = BEFORE_OPTION.exec(text)![0].length
  const end = start + option.length
  if (option === '' || text.slice(start, end).toLowerCase() !== option) return 0
  const after = text.slice(end, end + 2)
  return joined(option.at(-1), after[0]) || (/\d/.test(option) && /^[.,/^]\d/.test(after)) ? 0 : end
}

/** Where `option` stands in `text` with no letter or digit grown onto it. */
function places(text: string, option: string): number[] {
  const starts: number[] = []
  if (option === '') return starts
  for (let start = text.indexOf(option); start >= 0; start = text.indexOf(option, start + 1)) {
    const before = text.slice(0, start)
    const after = text.slice(start + option.length)
    const grown = joined(before.at(-1), option[0]) || joined(option.at(-1), after[0])
    const number = /\d[.,/]$|[-−]$/.test(before) || /^[.,/^]\d/.test(after)
    if (!grown && !(number && /\d/.test(option))) starts.push(start)
  }
  return starts
}

function joined(left: string | undefined, right: string | undefined): boolean {
  const inWord = /[\p{Script=Latin}\p{N}_]/u
  return left !== undefined && right !== undefined && inWord.test(left) && inWord.test(right)
}
