/** The answer of a response that is a JSON object, such as `{"answer": 42, "confidence": 0.9}`. */

const FIELD = /^(?:final[_ ]?)?(?:answer|result|solution|ans|value|output|choice|option|letter)$/i

/** What a JSON object names as its answer; null where the text is no such object. */
export function answerField(text: string): string | null {
  const start = text.search(/\{\s*"/)
  const end = text.lastIndexOf('}')
  if (start < 0 || end < start || end - start > 20_000) return null
  try {
    return named(JSON.parse(text.slice(start, end + 1)))
  } catch {
    return null
  }
}

function named(value: unknown): string | null {
  if (typeof value !== 'object' || value === null) return null
  const field = Object.entries(value).findLast(([name]) => FIELD.test(name))
  return field ? written(field[1]) : null
}

function written(value: unknown): string | null {
  if (Array.isArray(value)) return value.map(String).join(', ')
  if (value === null) return ''
  return typeof value === 'object' ? named(value) : String(value)
}
