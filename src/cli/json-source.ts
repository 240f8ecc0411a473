/**
 * How a field of a JSON object is written. `JSON.parse` turns 20 digits into the nearest double and 0.50 into 0.5; an id must come
 * back as it came. Reads a line that breaks off too, as far as it goes.
 */

/** The source text of a top-level field's value, or null where the line has no such field. */
export function fieldSource(line: string, name: string): string | null {
  let at = line.indexOf('{') + 1
  if (at === 0) return null
  while (at < line.length) {
    const key = line.indexOf('"', at)
    if (key < 0) return null
    const keyEnd = stringEnd(line, key)
    const colon = line.indexOf(':', keyEnd)
    if (colon < 0) return null
    const end = valueEnd(line, colon + 1)
    if (line.slice(key, keyEnd) === JSON.stringify(name)) return line.slice(colon + 1, end).trim()
    at = end + 1
  }
  return null
}

/** Behind the closing quote of the string that begins here. */
function stringEnd(line: string, start: number): number {
  for (let at = start + 1; at < line.length; at++) {
    if (line[at] === '\\') at++
    else if (line[at] === '"') return at + 1
  }
  return line.length
}

/** Where the comma or brace behind a value stands. */
function valueEnd(line: string, start: number): number {
  let depth = 0
  for (let at = start; at < line.length; at++) {
    const char = line[at]!
    if (char === '"') at = stringEnd(line, at) - 1
    else if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      if (depth-- === 0) return at
    } else if (char === ',' && depth === 0) return at
  }
  return line.length
}
