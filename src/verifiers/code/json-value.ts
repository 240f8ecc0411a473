/** JSON whose whole numbers keep every digit: beyond 2^53 they are bigints, since contest answers are often that large. */
export type JsonValue = null | boolean | number | bigint | string | JsonValue[] | { [key: string]: JsonValue }

const BIG_KEY = '\u0000big'
// A string that never ends reaches to the end, lest each quote in it be taken for another beginning.
const STRING_OR_NUMBER = /"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g
const LONG_INTEGER = /^-?\d{16,}$/

/** Throws SyntaxError as `JSON.parse` does. Linear in the text, which may come from a stranger. */
export function parseJson(text: string): JsonValue {
  const marked = text.replace(STRING_OR_NUMBER, (token) =>
    LONG_INTEGER.test(token) ? `{"\\u0000big":"${token}"}` : token,
  )
  return JSON.parse(marked, (_key, value) => {
    if (typeof value !== 'object' || value === null || typeof value[BIG_KEY] !== 'string') return value
    const exact = BigInt(value[BIG_KEY])
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  })
}

export function writeJson(value: JsonValue): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (typeof value === 'object' && value !== null)
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}:${writeJson(item)}`)
      .join(',')}}`
  return JSON.stringify(value)
}
