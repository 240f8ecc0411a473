/**
 * Where an unmarked expression begins and ends in prose. It is a longest run of operands joined by operators: `4π`, `3√5`,
 * `y = 3x + 5`, `(−∞, 2)`, `17^(1/2)`, `5 (mod 7)`. A number that is part of a longer run is no answer of its own.
 */
import { type Piece, piecesOf } from './plain-pieces.ts'
import type { Span } from './spans.ts'
import { isUnitWord } from './units.ts'
import { functionNamed, scaleNamed } from './words.ts'

interface Run {
  start: number
  /** Where it ended if nothing more came: behind the last operand, all brackets closed. */
  end: number
  /** Is an operand due, behind an operator or an opening bracket? */
  expecting: boolean
  /** How many brackets are open. */
  open: number
  /** Names alone, `x` or `a = b`, are no value. */
  hasValue: boolean
  /** Begins with an operator behind a word, as `apples - 8` does. */
  isCut: boolean
  /** What stands behind the bracket that opened it, should words cut it off before it closes: `(5 in total)`. */
  inner: { start: number; end: number }
}

interface Scan {
  text: string
  run: Run | null
  runs: Run[]
}

/** A piece with what stands around it. */
interface Place extends Piece {
  before: Piece | undefined
  /** Nothing stands between this piece and the one before. */
  isGlued: boolean
  /** A few characters of what follows. */
  after: string
}

/** The runs of a text, in order; `isSound` is false for one that is cut off by words. */
export function expressionSpans(text: string): Span[] {
  if (!/[\d\\π√∞]|\b(?:pi|sqrt|infinity)\b/u.test(text)) return []
  const scan: Scan = { text, run: null, runs: [] }
  const pieces = piecesOf(text)
  for (const [k, piece] of pieces.entries()) {
    const before = pieces[k - 1]
    const gap = text.slice(before?.end ?? 0, piece.start)
    if (!/^[^\S\n]{0,3}$/.test(gap)) finish(scan)
    const isGlued = gap === '' && before !== undefined
    read(scan, { ...piece, before, isGlued, after: text.slice(piece.end, piece.end + 12) })
  }
  finish(scan)
  return scan.runs.map((run) => spanOf(text, run)).filter((span) => span.inner !== '')
}

function finish(scan: Scan): void {
  const { run } = scan
  scan.run = null
  if (!run?.hasValue) return
  if (run.end > run.start) scan.runs.push(run)
  else if (run.inner.end > run.inner.start) scan.runs.push({ ...run, ...run.inner })
}

function begin(scan: Scan, start: number, isCut = false): Run {
  finish(scan)
  const inner = { start, end: start }
  scan.run = { start, end: start, expecting: true, open: 0, hasValue: false, isCut, inner }
  return scan.run
}

function addOperand(run: Run, end: number, isValue: boolean): void {
  if (run.open === 0) run.end = end
  else run.inner.end = end
  run.expecting = false
  run.hasValue ||= isValue
}

function read(scan: Scan, piece: Place): void {
  const { run } = scan
  switch (piece.kind) {
    case 'number':
      readNumber(scan, piece)
      break
    case 'command':
      readCommand(scan, piece)
      break
    case 'word':
      readWord(scan, piece)
      break
    case 'sign':
      readSign(scan, piece)
      break
    case 'vector':
      addOperand(run?.expecting ? run : begin(scan, piece.start), piece.end, true)
      break
    case 'constant':
    case 'greek':
      addOperand(run ?? begin(scan, piece.start), piece.end, piece.kind === 'constant')
      break
    case 'root': {
      const current = run ?? begin(scan, piece.start)
      current.expecting = true
      break
    }
    case 'postfix': {
      const isExclaimed = piece.text === '!' && isExclamation(piece.after)
      if (run && !run.expecting && piece.isGlued && !isExclaimed) addOperand(run, piece.end, false)
      else finish(scan)
      break
    }
    case 'open':
      openBracket(scan, piece)
      break
    case 'close':
    case 'comma':
      if (!run || run.open === 0 || run.expecting) finish(scan)
      else if (piece.kind === 'close') {
        run.open--
        addOperand(run, piece.end, false)
      } else {
        run.expecting = true
        // A tuple that is cut off is no number.
        run.inner.start = Number.POSITIVE_INFINITY
      }
      break
    default:
      finish(scan)
  }
}

function readNumber(scan: Scan, piece: Place): void {
  const { run, text } = scan
  const { before, isGlued } = piece
  if (isGlued && run === null && /^[\d.]/.test(piece.text) && isIdentifier(text, piece.start)) return
  const joins = run && (run.expecting || isMixedPart(piece) || (isGlued && before!.kind !== 'number'))
  addOperand(joins ? run : begin(scan, piece.start), piece.end, true)
}

/** Digits grown onto a name: `H2`, `base-6`, `x_2`. */
const isIdentifier = (text: string, start: number): boolean =>
  /(?:[\p{L}_][-–+*/]?|[\^_])$/u.test(text.slice(Math.max(0, start - 2), start))

/** `1 1/2`. */
const isMixedPart = ({ before, text, after }: Place): boolean =>
  before?.kind === 'number' && /^\d+$/.test(before.text) && /^\d+$/.test(text) && /^\/\d/.test(after)

const UPRIGHT = /^\\(?:text|textrm|mbox|mathrm)\s?\{/
const PROSE =
  /^\\(?:text|textbf|textit|mbox|begin|end|item|section|label|ref|cite|quad|qquad|therefore|because|implies|Rightarrow|Longrightarrow|rightarrow|blacksquare|square|qed|hline|newline|boxed|fbox)(?![a-zA-Z])/
const OPERATOR =
  /^\\(?:times|cdot|div|pm|mp|le|leq|ge|geq|ne|neq|approx|equiv|in|cup|cap|lt|gt|bmod|mod|ast|left|right|circ|[dt]?frac|sqrt|[dt]?binom)$/

function readCommand(scan: Scan, { text, start, end }: Place): void {
  const { run } = scan
  // `5 \text{ cm}^2`.
  if (run && !run.expecting && UPRIGHT.test(text)) addOperand(run, end, false)
  else if (PROSE.test(text)) finish(scan)
  else {
    const current = run ?? begin(scan, start)
    const isFunction = functionNamed(text.slice(1)) !== null
    if (isFunction) current.hasValue = true
    if (isFunction || OPERATOR.test(text)) current.expecting = true
    else addOperand(current, end, true)
  }
}

/** What makes a single letter a name in a formula, and no word. */
const NAMES_BEFORE = /^(?:\s?(?:[=<>≤≥≠≈≡∈^_+*/×·]|:=)|\(\s*[-\d√π]|[-−–](?=[\da-z])|\s[-−–]\s)/u
const ARGUMENT_FOLLOWS = /^\s?[([{_^√\d\\]|^\s[a-z]\b/u

function readWord(scan: Scan, piece: Place): void {
  const { run } = scan
  const { text: word, start, end, before, isGlued, after } = piece
  const followsNumber = run !== null && before?.kind === 'number'
  const isJoining =
    (word === 'mod' && run !== null && !run.expecting) ||
    (/^x$/i.test(word) && followsNumber && /^\s?[\d$]/.test(after)) ||
    (word === 'to' && followsNumber && /^\s[-−$]?\d/.test(after))
  if (isJoining) run!.expecting = true
  else if ((functionNamed(word) !== null || word === 'sqrt') && ARGUMENT_FOLLOWS.test(after)) {
    const joins = run && (run.expecting || isGlued || followsNumber)
    const current = joins ? run : begin(scan, start)
    current.expecting = true
    current.hasValue = true
  } else if (word === 'pi') addOperand(run ?? begin(scan, start), end, true)
  else if (/^(?:infinity|infty|inf|oo)$/.test(word) && run?.expecting) addOperand(run, end, true)
  else if (isGlued && before?.kind === 'number') {
    if (run && isFactorOrUnit(word, after)) addOperand(run, end, true)
    // `21st`, `3D`: no number.
    else scan.run = null
  } else if (followsNumber && isUnitWord(word) && /^\s?\^\{?[23]/.test(after)) addOperand(run, end, true)
  else if (/^[a-zA-Z]$/.test(word)) readLetter(scan, piece)
  else if (/^[a-z]{2}$/.test(word) && run?.expecting && isGlued && before?.kind === 'sign')
    addOperand(run, end, false)
  else finish(scan)
}

const isFactorOrUnit = (word: string, after: string): boolean =>
  isUnitWord(word) ||
  (/^[a-z]{1,2}$/.test(word) &&
    !/^(?:st|nd|rd|th)$/.test(word) &&
    (!/^[sk]$/.test(word) || /^\s?[-+*/=^)]/.test(after)))

function readLetter(scan: Scan, { start, end, before, isGlued, after }: Place): void {
  const { run } = scan
  if (run && (run.expecting || (isGlued && before?.kind === 'close'))) addOperand(run, end, false)
  else if (NAMES_BEFORE.test(after)) addOperand(begin(scan, start), end, false)
  else finish(scan)
}

const RELATION = /^(?:[=≤≥≠≈≡∈]|<=|>=|!=|:=)$/
const SIGN = /^(?:[-−–+±∓]|\+\/-)$/
const COPULA = /^(?:is|are|was|were|be|equals?|of|to|at|by|get|gets|gives?|and|or|est|ist|es)$/i

function readSign(scan: Scan, { text: sign, start, before, isGlued, after }: Place): void {
  const { run } = scan
  if (sign === ':') {
    if (run && !run.expecting && isGlued && /^\d/.test(after)) run.expecting = true
    else finish(scan)
  } else if (run) {
    if (!run.expecting || (isGlued && /^[_^]$/.test(sign))) run.expecting = true
    else if (!SIGN.test(sign)) finish(scan)
  } else if (RELATION.test(sign)) begin(scan, start)
  else if (SIGN.test(sign) && !(isGlued && before!.kind === 'word')) {
    const gap = scan.text.slice(before?.end ?? 0, start)
    const followsWord = before?.kind === 'word' && !COPULA.test(before.text) && /^[^\S\n]+$/.test(gap)
    begin(scan, start, followsWord && /^\s/.test(after))
  }
}

function openBracket(scan: Scan, { start, end, isGlued, after }: Place): void {
  const { run } = scan
  const joins = run && (run.expecting || isGlued || /^\s?\\?mod\b/.test(after))
  const current = joins ? run : begin(scan, start)
  if (current.open++ === 0) current.inner = { start: end, end }
  current.expecting = true
}

/** Does a sentence end with this mark? A factorial stands within one. */
const isExclamation = (after: string): boolean =>
  /^(?:\s*$|\s*\n|\s+["“(]?\p{Lu}|\s*\p{Extended_Pictographic}|["”'!*])/u.test(after.slice(0, 8))

function spanOf(text: string, { start, end, isCut }: Run): Span {
  const whole = text.slice(start, end)
  const sides = whole.split(/(?<![<>!:])=|≈/)
  // `5 + 7 = 12` and `2 kg * 3 = 6` state what they come to; `y = 3x + 5` is the statement itself.
  const names = sides[0]!
    .replace(/(?<=\d\s?)x(?=\s?[\d$])/gi, '×')
    .replace(/(?<=\d\s?|\/)[a-z]{1,8}(?![a-z])/gi, (word) =>
      isUnitWord(word) || scaleNamed(word) !== null ? '' : word,
    )
  const isSum = sides.length > 1 && !/[a-zA-Zα-ω]/.test(names) && /[\d√π\\]/.test(sides.at(-1)!)
  const inner = (isSum ? sides.at(-1)! : whole)
    .trim()
    .replace(/(?<=\d) to (?=[-−$\d])/g, ' \\text{to} ')
    .replace(/^–\s?/, '-')
    .replace(/^<\s*([^<>]*,[^<>]*)>$/, '\\langle $1\\rangle')
  return { start, end, inner: withUnit(inner), isSound: !isCut || isSum }
}

/** In prose `12m` is a length, where a formula may mean 12 times m. */
const withUnit = (text: string): string =>
  text.replace(/^([-+−]?[\d.,]+)([a-zA-Z]{1,2})$/, (whole, number, unit) =>
    isUnitWord(unit) ? `${number} \\text{ ${unit}}` : whole,
  )
