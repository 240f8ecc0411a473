/** What stands in `\boxed{…}`, braces balanced; also `\fbox`. Left out: `\boxed 5` without braces. */
export interface Boxed {
  content: string
  start: number
  end: number
}

/** Every complete box in order; of nested ones the outermost. */
export function boxes(text: string): Boxed[] {
  const found: Boxed[] = []
  const opening = /\\f?box(?:ed)?\s*\{/g
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const end = closingBrace(text, opening.lastIndex)
    // A box that never closes swallows all that follows, as a truncated response does.
    if (end < 0) break
    found.push({ content: text.slice(opening.lastIndex, end), start: match.index, end: end + 1 })
    opening.lastIndex = end + 1
  }
  return found
}

function closingBrace(text: string, from: number): number {
  let depth = 1
  for (let i = from; i < text.length; i++) {
    const character = text[i]
    if (character === '\\') i++
    else if (character === '{') depth++
    else if (character === '}' && --depth === 0) return i
  }
  return -1
}
