/**
 * What an answer says about where it holds: `n(n+1) \text{ for all } n \ge 1`, `x+c \text{ with } c \ge 0`, `42 \quad (x>0)`.
 * One rule: a qualifier restricts the answer if it bounds a variable of the answer. One that only says what kind of number a
 * name is (`for any real c`, n ≥ 1 of an index), or that speaks of other names (`attained at x=1`), changes nothing.
 */

export interface Qualified {
  value: string
  /** The mathematics of a qualifier that restricts the answer; empty where none does. */
  restriction: string
  /** Names a qualifier leaves free, `c` of `for some constant c`: another answer may spell them differently. */
  parameters: string[]
}

const LETTER = String.raw`(?:\$|\\\(|\s|\\[,;: ])*(?:[a-zA-Z](?![a-zA-Z])|\\(?:alpha|beta|theta|lambda|mu)\b)`
const TEXT = String.raw`(?:\\(?:text|mathrm|textrm|mbox)\s*\{\s*)`
/** Where a qualifier begins. */
const WORDS = String.raw`(?:is\s+the\s+(?:only|unique)\b|\(?(?:when|at)\s*\}?${LETTER}|for\s+(?:all|any|every|each|some|arbitrary)\b|(?:for|with|where|when|whenever|if|provided(?:\s+that)?|such\s+that|assuming)\s*\}?${LETTER}|only\b|\(?(?:attained|achieved|reached|occurring)\b)`
const BREAK = String.raw`(?:\s|~|,|\\[,;: ]|\\quad|\\qquad)*`
const BREAK_AT_END = new RegExp(`${BREAK}$`)
const TAIL = new RegExp(
  String.raw`^(.*?[^\s~,\\])${BREAK}(?:${TEXT},?\s*${WORDS}|(?<=[\s,])${WORDS}|,?\s*\\forall\b|,\s*[a-zA-Z]\s*\\in\s*\\mathbb\s*\{?\s*[RQCZN]\s*\}?$)`,
  's',
)
const BRACKETED =
  /^(.*[^\s~,\\a-zA-Z]|.*[^\s~,\\](?:\s|~|\\[,;: ]|\\quad|\\qquad)+)\(\s*([a-zA-Z]\s*(?:[<>=]|\\(?:[lg]eq?|[lg]t|neq?|in)(?![a-zA-Z])|\\[lg]eqslant\b|\\neq?\b).*)\)$/s
const HEAD = /^\\forall(?![a-zA-Z])(.*?),\s*(?=[a-zA-Z]\s*[(=])(.*)$/s

export function withoutQualifier(text: string): Qualified {
  const none = { value: text, restriction: '', parameters: [] }
  if (
    !/\\forall|\\in(?![a-zA-Z])|\b(?:is|at|for|with|where|when|whenever|if|provided|such|assuming|only|attained|achieved|reached|occurring)\b|\)$/.test(
      text,
    )
  )
    return none
  const head = HEAD.exec(text)
  if (head) return qualified(head[2]!, head[1]!)
  const tail = TAIL.exec(text)
  if (tail && isWhole(tail[1]!)) return qualified(tail[1]!, text.slice(tail[1]!.length))
  const bracketed = BRACKETED.exec(text)
  const value = bracketed?.[1]?.replace(BREAK_AT_END, '')
  if (bracketed && value && isWhole(value) && !/^\s*\\?[a-zA-Z]+\s*$/.test(value))
    return qualified(value, bracketed[2]!)
  return none
}

/** Does a value end here, with all its braces and environments closed? */
function isWhole(value: string): boolean {
  const count = (mark: RegExp): number => value.match(mark)?.length ?? 0
  return (
    count(/(?<!\\)\{/g) === count(/(?<!\\)\}/g) &&
    count(/\\begin\b/g) === count(/\\end\b/g) &&
    /[\p{L}\p{N})\]}!'|%]$/u.test(value.trim()) &&
    !/^\\text\s*\{[^{}]*\}$/.test(value.trim())
  )
}

const INDEX_FROM_START = /^(?:[ijkmnNr])\s*(?:(?:\\geq?(?:slant)?|≥|>=)\s*[01]|(?:>|\\gt)\s*0)$/
const BOUND =
  /[<>=≤≥≠]|\\(?:[lg]eq?|[lg]t|neq?|[lg]eqslant)(?![a-zA-Z])|\b(?:positive|negative|non-?zero|nonnegative|even|odd|prime|distinct)\b/
const WHOLE_NUMBERS = /\b(?:integers?|natural|whole)\b|\\mathbb\s*\{?[ZN]/

function qualified(value: string, qualifier: string): Qualified {
  const mathematics = qualifier
    .replace(/\\(?:text|mathrm|textrm|mbox)\s*\{([^{}]*)\}/g, ' $1 ')
    .replace(/\\(?:quad|qquad|forall|[,;: ])|[$~()]|\\[()]/g, ' ')
  const words = mathematics.replace(/\\mathbb\s*\{?\s*([A-Z])\s*\}?/g, ' ')
  const names = [...new Set(words.match(/(?<![a-zA-Z\\])[a-zA-Z](?![a-zA-Z])/g))]
  const free: Qualified = { value, restriction: '', parameters: names.filter((name) => name !== 'x') }
  if (/\b(?:only|unique|attained|achieved|reached|occurring)\b/.test(words))
    return { ...free, parameters: [] }
  const isOwn = names.some((name) => new RegExp(`(?<![a-zA-Z\\\\])${name}(?![a-zA-Z])`).test(value))
  const bare = mathematics
    .replace(
      /\b(?:for|all|any|every|each|some|where|with|when|whenever|if|provided|such|that|and|is|an?|the|real|constants?|numbers?|values?)\b|[,.]/g,
      ' ',
    )
    .trim()
  const isFixed = names.some((name) => new RegExp(String.raw`^\s*${name}\s*=[^a-zA-Z\\]+$`).test(value))
  if (!isOwn || isFixed || !BOUND.test(mathematics) || INDEX_FROM_START.test(bare)) return free
  if (
    WHOLE_NUMBERS.test(mathematics) &&
    !/[<>=≤≥≠]|\\(?:[lg]|n)eq?/.test(mathematics) &&
    !/\b(?:even|odd|prime)\b/.test(words)
  )
    return free
  return { value, restriction: bare, parameters: [] }
}
