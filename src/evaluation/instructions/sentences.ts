/** Sentences and words of English text by rules, in place of the NLTK models that the published IFEval checkers load. */

const ABBREVIATION =
  /(?:^|[\s("'])(?:(?:mr|mrs|ms|dr|prof|st|sr|jr|vs|etc|inc|ltd|co|corp|no|vol|fig|al|e\.g|i\.e|a\.m|p\.m|u\.s|ph\.d)|\p{Lu}|\d+)\.$/iu

/** A sentence ends at . ? or ! (closing quotes and brackets included) before white space, unless the dot ends an abbreviation, an initial or a list number. */
export function countSentences(text: string): number {
  const { length } = text.trimEnd()
  let count = 0
  let start = 0
  for (const end of text.matchAll(/(?:(?<![.?!])[.?!]+["'”’)\]*]*(?=\s|$))|[。！？]/g)) {
    const sentence = text.slice(start, end.index + end[0].length)
    const isLast = end.index + 1 >= length
    if (end[0] === '.' && !isLast && ABBREVIATION.test(sentence.slice(-40))) continue
    if (/[\p{L}\p{N}]/u.test(sentence)) count++
    start = end.index + end[0].length
  }
  return /[\p{L}\p{N}]/u.test(text.slice(start)) ? count + 1 : count
}

/** Words in capitals; a hyphenated word is one, a clitic (`I'M`) is its own. */
export function countUppercaseTokens(text: string): number {
  const tokens = text.match(/'?[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}_]|[-.](?=[\p{L}\p{N}]))*/gu) ?? []
  return tokens.filter((token) => /\p{Lu}/u.test(token) && token === token.toUpperCase()).length
}
