/**
 * How DROP compares an answer with a reference (arXiv 1903.00161 §5): the words of both as sets, without case, articles and
 * punctuation, numbers by value. Where the reference has numbers, an answer without one of them gets nothing.
 */

/** From 0 to 1. */
export function f1Score(answer: string, reference: string): number {
  const [given, wanted] = [wordsOf(answer), wordsOf(reference)]
  const common = [...given].filter((word) => wanted.has(word))
  const numbers = [...wanted].filter(isNumber)
  if (numbers.length > 0 && !numbers.some((number) => given.has(number))) return 0
  return common.length === 0 ? 0 : (2 * common.length) / (given.size + wanted.size)
}

export function exactMatch(answer: string, reference: string): boolean {
  const [given, wanted] = [wordsOf(answer), wordsOf(reference)]
  return given.size === wanted.size && [...given].every((word) => wanted.has(word))
}

const ARTICLES = new Set(['a', 'an', 'the'])
const isNumber = (word: string): boolean => word !== '' && Number.isFinite(Number(word))

function wordsOf(text: string): Set<string> {
  const words = text
    .toLowerCase()
    .split(/[\s-]+/)
    .map((word) => {
      const plain = word.replaceAll(',', '')
      const number = /^[$€£]?(\d+(?:\.\d+)?|\.\d+)[%.]?$/.exec(plain)?.[1]
      return number === undefined ? word.replace(/[\p{P}\p{S}]/gu, '') : String(Number(number))
    })
    .filter((word) => word !== '' && !ARTICLES.has(word))
  return new Set(words)
}
