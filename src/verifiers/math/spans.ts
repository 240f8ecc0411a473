/** Finds the marked mathematics in a text: `$...$`, `\[...\]`, display environments, and every `\boxed{}`. */
export interface Span {
  start: number
  end: number
  /** What stands between the marks. */
  inner: string
  /** False for inline marks that run over a line: those are not inline mathematics. */
  isSound: boolean
}

const MAX_SPAN = 6_000
const ENVIRONMENT = /^\\begin\{(equation|align|aligned|gather|gathered|multline|displaymath|math)(\*?)\}/

export function mathSpans(text: string): Span[] {
  const scan = scanned(text, false)
  // A pair whose content may be money is mathematics only in a text without money.
  return scan.hasDoubtful && scan.hasMoney ? scanned(text, true).spans : scan.spans
}

interface Scan {
  spans: Span[]
  hasMoney: boolean
  hasDoubtful: boolean
}

function scanned(text: string, refusesDoubtful: boolean): Scan {
  const scan: Scan = { spans: [], hasMoney: false, hasDoubtful: false }
  const marks = new Map<string, number>()
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char !== '$' && char !== '\\') continue
    const span =
      char === '$' ? dollarSpan(text, at, marks, scan, refusesDoubtful) : commandSpan(text, at, marks)
    if (span) {
      scan.spans.push(span)
      at = span.end - 1
    } else if (char === '\\') at++
    else if (text.startsWith('$$', at)) at++
  }
  return scan
}

/** Where `mark` stands next, -1 where nowhere: looked for once for all openings before it. */
function nextMark(text: string, mark: string, from: number, marks: Map<string, number>): number {
  const known = marks.get(mark)
  if (known !== undefined && (known < 0 || known >= from)) return known
  const at = text.indexOf(mark, from)
  marks.set(mark, at)
  return at
}

function dollarSpan(
  text: string,
  at: number,
  marks: Map<string, number>,
  scan: Scan,
  refusesDoubtful: boolean,
): Span | null {
  const mark = text.startsWith('$$', at) ? '$$' : '$'
  const start = at + mark.length
  let close = nextMark(text, mark, start, marks)
  while (close > 0 && text[close - 1] === '\\' && text[close - 2] !== '\\')
    close = nextMark(text, mark, close + 1, marks)
  const inner = close < 0 ? '' : text.slice(start, close)
  if (mark === '$') {
    const reading = dollarReading(text, at, inner, text[close + 1] ?? '')
    if (reading === 'money') scan.hasMoney = true
    if (reading === 'doubtful') scan.hasDoubtful = true
    if (reading === 'money' || (reading === 'doubtful' && refusesDoubtful)) return null
  }
  if (close < 0 || close - start > MAX_SPAN || inner.trim() === '') return null
  if (mark === '$' && (/\n\s*\n/.test(inner) || isProse(inner))) return null
  return { start: at, end: close + mark.length, inner, isSound: mark === '$$' || isSound(inner) }
}

/** `$5`, `$1,200.50`, `$.75`: what may be an amount of money. */
const AMOUNT = /^\s?\.?\d/

/**
 * Is this dollar sign money, or does it open mathematics? Only before a number can it be money. There, as in Pandoc's rule, it
 * opens mathematics if the next dollar closes it: spaced alike on both sides, no digit right behind, no operator cut off, no
 * prose between. A pair that holds a word besides its number stays doubtful: the rest of the text decides.
 */
function dollarReading(
  text: string,
  at: number,
  inner: string,
  after: string,
): 'money' | 'mathematics' | 'doubtful' {
  // `5$` and `US$5` carry their sign on the other side of a number or a name.
  if (/\d$|\b(?:US|HK|AU|CA|NZ|SG|[ACRS])$/.test(text.slice(Math.max(0, at - 3), at)))
    return /^\s*$/.test(inner) ||
      AMOUNT.test(text.slice(at + 1, at + 4)) ||
      /^[\s.,;:!?)*]/.test(text.slice(at + 1, at + 2))
      ? 'money'
      : 'mathematics'
  if (!AMOUNT.test(text.slice(at + 1, at + 4))) return 'mathematics'
  const isClosed =
    inner !== '' &&
    /^\s/.test(inner) === /\s$/.test(inner) &&
    !/\d/.test(after) &&
    !/[-+−*/=<>([{,]$/.test(inner.trim()) &&
    !/\n|(?<![\\a-zA-Z])[a-zA-Z]{2,}\s+[a-zA-Z]{2,}/.test(inner.replace(/\\text\s*\{[^{}]*\}/g, ''))
  if (!isClosed || isProse(inner)) return 'money'
  return /\d\s+[a-zA-Z]{2,}/.test(inner) ? 'doubtful' : 'mathematics'
}

function commandSpan(text: string, at: number, marks: Map<string, number>): Span | null {
  const next = text[at + 1]
  if (next === '(' || next === '[') {
    const mark = next === '(' ? '\\)' : '\\]'
    // `\\[2pt]` is a row of a matrix with its spacing.
    const close = nextMark(text, mark, at + 2, marks)
    if (close < 0 || close - at > MAX_SPAN) return null
    const inner = text.slice(at + 2, close)
    return { start: at, end: close + 2, inner, isSound: next === '[' || isSound(inner) }
  }
  if (next !== 'b') return null
  const environment = ENVIRONMENT.exec(text.slice(at, at + 30))
  if (!environment) return null
  const ending = `\\end{${environment[1]}${environment[2]}}`
  const close = nextMark(text, ending, at, marks)
  if (close < 0 || close - at > MAX_SPAN) return null
  return {
    start: at,
    end: close + ending.length,
    inner: text.slice(at + environment[0].length, close),
    isSound: true,
  }
}

const isSound = (inner: string): boolean => !inner.includes('\n') || inner.includes('\\begin{')

function isProse(inner: string): boolean {
  const bare = inner
    .replace(/\\(?:text|mbox|textbf|textrm|mathrm|operatorname)\s*\{[^{}]*\}/g, '')
    .replace(/\\(?:begin|end)\{[a-zA-Z*]+\}|\\[a-zA-Z]+/g, '')
  const words = bare.match(/(?<![a-zA-Z])[a-zA-Z]{3,}(?![a-zA-Z])/g) ?? []
  return words.filter((word) => !/^(?:and|sin|cos|tan|log|exp|mod|max|min|gcd|lcm)$/.test(word)).length >= 2
}

/** Every complete `\boxed{...}`, in order. A box that the end of the text cuts off is not an answer. */
export function boxedSpans(text: string): Span[] {
  const spans: Span[] = []
  const closings = closingBraces(text)
  let numBroken = 0
  const opening =
    /\\(?:boxed|fbox|framebox|ans|answer|(?:bbox|framebox)\s*\[[^\]\n]*\])(?![a-zA-Z])\s*(\{|(?=[^\s{]))/g
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const from = match.index + match[0].length
    if (match[1] !== '{') {
      const single = /^(?:\\[a-zA-Z]+|[-+]?\d+(?:\.\d+)?|[a-zA-Z])/.exec(text.slice(from, from + 40))
      if (single)
        spans.push({ start: match.index, end: from + single[0].length, inner: single[0], isSound: true })
      continue
    }
    const closing = closings.get(from - 1)
    const end = closing ?? (numBroken++ < 20 ? brokenEnd(text, from) : null)
    if (end === null || end - from > MAX_SPAN) continue
    spans.push({
      start: match.index,
      end: end + (closing === undefined ? 0 : 1),
      inner: text.slice(from, end),
      isSound: true,
    })
    opening.lastIndex = end
  }
  return spans.filter((span) => span.inner.trim() !== '')
}

/** Where each `{` of a text is closed, found in one pass. */
function closingBraces(text: string): Map<number, number> {
  const closings = new Map<number, number>()
  const open: number[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '\\') at++
    else if (char === '{') open.push(at)
    else if (char === '}' && open.length > 0) closings.set(open.pop()!, at)
  }
  return closings
}

/** One brace short, a box ends with its mathematics (`$`, `\]`, line) if text still follows. */
function brokenEnd(text: string, from: number): number | null {
  const mark = /\$|\n|\\[\])]/.exec(text.slice(from, from + 500))
  const at = mark ? from + mark.index : -1
  return at > from && at + mark![0].length < text.length ? at : null
}

const JOINING = /(?:^|[\s,;}{])(?:and|or|et|ou|und|oder|和|或|与|及|以及|y|o)(?=$|[\s,;}{])|[,;，、；]/i
const BREAKING =
  /[.。!?=:]|\b(?:so|thus|hence|therefore|then|is|are|was|gives?|get|which|because|since|where|when|if|but|not|wait|have|from|becomes?|implies|no)\b/i
/** The beginning of a further candidate. */
const OFFERING = /(?:^|[\s,;}{])(?:or|ou|oder|或|或者|o)(?=$|[\s,;}{])/i
const CONCLUDING = /[.。!?]|\b(?:so|thus|hence|therefore|then|not|wait|no)\b/i
/** `x =` says of which unknown the next value is. */
const NAMED = /\p{L}(?<!(?:\p{L}|[\p{N}+\-*/^)]\s*)\p{L})(?:_ *\w|[₀-₉])?\s*=/gu

/** Do two pieces belong to one answer? They do where only joining marks, words and names stand between them. */
export function isJoined(between: string): boolean {
  const full = gapWords(between)
  const gap = JOINING.test(full) ? full.replace(NAMED, ' ') : full
  if (gap.length > 40 || /\n\s*\n/.test(between) || /[=<>+]/.test(gap)) return false
  const words = gap.replace(/\b(?:maybe|perhaps|possibly|also|even|either)\b/gi, ' ')
  return words
    .split(/[\s,;，、；/-]+|(?:^|\s)\d{1,2}[.)]|[.)]/)
    .every((word) => word === '' || JOINING.test(word))
}

/**
 * Boxes are joined over a few more words, `for part (a) and`, as long as no new statement begins. After "or" even a new
 * statement is one more candidate: `or the answer is`.
 */
function areBoxesJoined(between: string): boolean {
  const gap = gapWords(between).replace(NAMED, ' ')
  return (
    isJoined(gap.replace(/\n\s*\n/g, '\n')) ||
    (gap.length <= 40 && JOINING.test(gap) && !BREAKING.test(gap)) ||
    (gap.length <= 80 && OFFERING.test(gap) && !CONCLUDING.test(gap))
  )
}

function gapWords(between: string): string {
  return between
    .replace(/\\(?:text|mbox|textbf|textrm|mathrm)\s*\{/g, ' ')
    .replace(/\(\s*(?:[a-h]|[ivx]{1,4}|\d)\s*\)/gi, ' ')
    .replace(/\\(?:quad|qquad|[,;:! ])|\\[()[\]]|[${}&*]|\\\\/g, ' ')
    .trim()
}

/** The last run of joined boxes, as one list. */
export function lastBoxGroup(text: string, spans: readonly Span[]): Span | null {
  return lastGroup(text, spans, areBoxesJoined)
}

/** The last run of joined spans, as one list. */
export function lastGroup(text: string, spans: readonly Span[], areJoined = isJoined): Span | null {
  const last = spans.at(-1)
  if (!last) return null
  let first = spans.length - 1
  while (first > 0 && areJoined(text.slice(spans[first - 1]!.end, spans[first]!.start))) first--
  return joined(spans.slice(first))
}

/** The first run of joined spans, as one list. */
export function firstGroup(text: string, spans: readonly Span[]): Span | null {
  if (spans.length === 0) return null
  let last = 0
  while (last + 1 < spans.length && isJoined(text.slice(spans[last]!.end, spans[last + 1]!.start))) last++
  return joined(spans.slice(0, last + 1))
}

function joined(spans: readonly Span[]): Span {
  const pieces = [...new Set(spans.map((span) => span.inner.trim().replace(/[.,;]+$/, '')))]
  return {
    start: spans[0]!.start,
    end: spans.at(-1)!.end,
    inner: pieces.length === 1 ? spans.at(-1)!.inner : pieces.join(', '),
    isSound: true,
  }
}
