/**
 * Where an unmarked expression begins and ends in prose. It is a longest run of operands joined by operators: `4π`, `3√5`,
 * `y = 3x + 5`, `(−∞, 2)`, `17^(1/2)`, `5 (mod 7)`. A number that is part of a longer run is no answer of its own.
 */
import type { Span } from './spans.ts'
import { isUnitWord } from './units.ts'
import { functionNamed, scaleNamed } from './words.ts'

const GROUP = String.raw`\{[^{}\n]*(?:\{[^{}\n]*(?:\{[^{}\n]*\}[^{}\n]*)*\}[^{}\n]*)*\}`
const NUMBER = String.raw`(?:(?:\\\$|[$€£¥₹])\s?)?(?:\d{1,3}(?:[,\u202f]\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+,\d+|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+(?:[.,]\d+)?(?:\.\.\.|…)?|\.\d+)(?:[eE][-+]?\d+(?![\w.]))?(?:\s?(?:\\?%|percent\b|°|\$(?![\d\w]))|\s?(?:(?:hundred|thousand|million|billion|trillion|dozen)\b|[百千万亿]))?`
const PIECES: readonly [kind: string, pattern: string][] = [
  ['tag', String.raw`<\/?[a-z]{1,10}(?:\s[^<>\n]*)?>`],
  ['footnote', String.raw`(?<=[\w.,)]\s?)\[\d{1,2}\](?!\s*[-+*/^=,\d])`],
  ['vector', String.raw`<\s*[-−]?\d[^<>\n]{0,60},[^<>\n]{1,60}>|\|[^|\s](?:[^|\n]{0,40}[^|\s])?\|`],
  ['command', String.raw`\\(?:[a-zA-Z]+)\*?(?:\s?(?:\[[^\]\n]{0,40}\]|${GROUP}))*`],
  ['number', NUMBER],
  ['word', String.raw`\p{Script=Latin}+(?:['’]\p{Script=Latin}+)*`],
  ['constant', '[π∞]'],
  ['root', '[√∛]'],
  ['greek', String.raw`[α-ωΑ-Ω]'?`],
  ['sign', String.raw`<=|>=|!=|\*\*|:=|\+\/-|[-−–+*/^_=<>≤≥≠≈±∓×·⋅÷≡∈∪∩:]`],
  ['postfix', "[!%°'′]"],
  ['open', String.raw`[([{]`],
  ['close', String.raw`[)\]}]`],
  ['comma', ','],
]
const PIECE = new RegExp(PIECES.map(([kind, pattern]) => `(?<${kind}>${pattern})`).join('|'), 'giu')

interface Piece {
  kind: string
  text: string
  start: number
  end: number
}

function pieces(text: string): Piece[] {
  return [...text.matchAll(PIECE)].map((match) => ({
    kind: PIECES.find(([kind]) => match.groups![kind] !== undefined)![0],
    text: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
}

interface Run {
  start: number
  /** Where it ended if nothing more came: behind the last operand, all brackets closed. */
  end: number
  expecting: boolean
  open: number
  hasValue: boolean
  /** Begins with an operator behind a word, as `apples - 8` does. */
  isCut: boolean
  /** What stands behind the bracket that opened it, should words cut it off before it closes: `(5 in total)`. */
  inner: { start: number; end: number }
}

/** `=`, `<` and their like may follow a word ("length = 5"); `+` and `*` behind a word leave an expression cut off. */
const RELATION = /^(?:[=<>≤≥≠≈≡∈]|<=|>=|!=|:=)$/
const SIGNED = /^(?:[-−–+±∓]|\+\/-)$/
/** What makes a single letter a name in a formula, and no word. */
const NAMES_BEFORE = /^(?:\s?(?:[=<>≤≥≠≈≡∈^_+*/×·]|:=)|\(\s*[-\d√π]|[-−–](?=[\da-z])|\s[-−–]\s)/u

/** The runs of a text, in order; `isSound` is false for one that is cut off by words. */
export function expressionSpans(text: string): Span[] {
  const runs: Run[] = []
  const all = pieces(text)
  let run: Run | null = null
  const finish = (): void => {
    if (run?.hasValue && run.end > run.start) runs.push(run)
    else if (run?.hasValue && run.inner.end > run.inner.start) runs.push({ ...run, ...run.inner })
    run = null
  }
  const begin = (start: number, isCut = false): Run => {
    finish()
    run = {
      start,
      end: start,
      expecting: true,
      open: 0,
      hasValue: false,
      isCut,
      inner: { start, end: start },
    }
    return run
  }
  const operand = (current: Run, end: number, isValue: boolean): void => {
    if (current.open === 0) current.end = end
    else current.inner.end = end
    current.expecting = false
    current.hasValue ||= isValue
  }

  for (const [k, piece] of all.entries()) {
    const before: Piece | undefined = all[k - 1]
    const gap = text.slice(before?.end ?? 0, piece.start)
    if (run && !/^[^\S\n]{0,3}$/.test(gap)) finish()
    const current = run as Run | null
    const isGlued = gap === '' && before !== undefined
    const after = text.slice(piece.end, piece.end + 6)
    switch (piece.kind) {
      case 'number': {
        if (isGlued && isIdentifier(text, piece.start, current)) {
          finish()
          break
        }
        const isNext = current?.expecting || isMixed(before, piece, after)
        const joined =
          current && (isNext || (isGlued && before!.kind !== 'number')) ? current : begin(piece.start)
        operand(joined, piece.end, true)
        break
      }
      case 'vector':
      case 'command':
      case 'constant':
      case 'greek': {
        if (piece.kind === 'command' && !isMathematics(piece.text)) {
          finish()
          break
        }
        const joins = current && (current.expecting || piece.kind !== 'vector')
        const joined = joins ? current : begin(piece.start)
        if (isOperator(piece.text)) joined.expecting = true
        else operand(joined, piece.end, piece.kind !== 'greek')
        break
      }
      case 'root': {
        const joined = current ?? begin(piece.start)
        joined.expecting = true
        break
      }
      case 'word':
        readWord(piece, current, isGlued, before, text.slice(piece.end, piece.end + 12))
        break
      case 'sign':
        readSign(piece, current, gap, isGlued, before)
        break
      case 'postfix':
        if (
          current &&
          !current.expecting &&
          isGlued &&
          !(piece.text === '!' && isExclamation(text, piece.end))
        )
          operand(current, piece.end, false)
        else if (piece.text !== '!' || !isGlued) finish()
        break
      case 'open': {
        const joins =
          current &&
          (current.expecting ||
            isGlued ||
            /^\(\s?(?:\\?mod)\b/.test(text.slice(piece.start, piece.start + 8)))
        const opened = joins ? current : begin(piece.start)
        if (opened.open++ === 0) opened.inner = { start: piece.end, end: piece.end }
        opened.expecting = true
        break
      }
      case 'close':
        if (!current || current.open === 0 || current.expecting) finish()
        else {
          current.open--
          operand(current, piece.end, false)
        }
        break
      case 'tag':
      case 'footnote':
        finish()
        break
      case 'comma':
        if (current && current.open > 0 && !current.expecting) {
          current.expecting = true
          current.inner.start = Number.POSITIVE_INFINITY
        } else finish()
    }
  }
  finish()
  return runs.map((one) => spanOf(text, one)).filter((span) => span.inner !== '')

  function readWord(
    piece: Piece,
    current: Run | null,
    isGlued: boolean,
    before: Piece | undefined,
    after: string,
  ): void {
    const { text: word, start, end } = piece
    const isFunction =
      (functionNamed(word) !== null || word === 'sqrt' || word === 'cbrt') &&
      /^\s?[([{_^√\d\\]|^\s[a-z]\b/u.test(after)
    if (word === 'mod' && current && !current.expecting) current.expecting = true
    else if (/^x$/i.test(word) && before?.kind === 'number' && /^\s?\d/.test(after) && current)
      current.expecting = true
    else if (word === 'to' && before?.kind === 'number' && /^\s[-−$]?\d/.test(after) && current)
      current.expecting = true
    else if (isFunction) {
      const joined = current && (current.expecting || isGlued) ? current : begin(start)
      joined.expecting = true
      joined.hasValue = true
    } else if (word === 'pi') operand(current ?? begin(start), end, true)
    else if (/^(?:infinity|infty|oo)$/.test(word) && current?.expecting) operand(current, end, true)
    else if (isGlued && before?.kind === 'number') {
      if (current && (isUnitWord(word) || (/^[a-z]{1,2}$/.test(word) && !/^(?:st|nd|rd|th|s|k)$/.test(word))))
        operand(current, end, true)
      else run = null
    } else if (/^[a-zA-Z]$/.test(word)) {
      const joins = current && (current.expecting || (isGlued && before?.kind === 'close'))
      if (joins) operand(current, end, false)
      else if (NAMES_BEFORE.test(after)) operand(begin(start), end, false)
      else finish()
    } else if (/^[a-z]{2}$/.test(word) && current?.expecting && isGlued && before?.kind === 'sign')
      operand(current, end, false)
    else finish()
  }

  function readSign(
    piece: Piece,
    current: Run | null,
    gap: string,
    isGlued: boolean,
    before: Piece | undefined,
  ): void {
    const { text: sign, start, end } = piece
    const spacedBehind = /^\s/.test(text.slice(end, end + 1))
    if (sign === ':') {
      if (current && !current.expecting && isGlued && /^\d/.test(text.slice(end, end + 1)))
        current.expecting = true
      else finish()
    } else if (current && (sign === '_' || sign === '^') && isGlued) current.expecting = true
    else if (current && !current.expecting) {
      current.expecting = true
    } else if (current?.expecting && SIGNED.test(sign)) return
    else if (RELATION.test(sign)) {
      if (/^[<>]$/.test(sign)) finish()
      else begin(start)
    } else if (SIGNED.test(sign)) {
      const follows = before !== undefined && gap.trim() === '' && !/\n/.test(gap)
      if (isGlued && before!.kind === 'word') finish()
      else begin(start, follows && spacedBehind && before!.kind === 'word' && !COPULA.test(before!.text))
    } else finish()
  }
}

const COPULA = /^(?:is|are|was|were|be|equals?|of|to|at|by|get|gets|gives?|and|or|est|ist|es)$/i

/** Digits grown onto a name: `H2`, `base-6`. */
function isIdentifier(text: string, start: number, run: Run | null): boolean {
  return run === null && /[\p{L}_][-–]?$/u.test(text.slice(Math.max(0, start - 2), start))
}

/** `1 1/2`. */
const isMixed = (before: Piece | undefined, piece: Piece, after: string): boolean =>
  before?.kind === 'number' && /^\d+$/.test(before.text) && /^\d+$/.test(piece.text) && /^\/\d/.test(after)

const PROSE_COMMANDS =
  /^\\(?:text|textbf|textit|mbox|begin|end|item|section|label|ref|cite|quad|qquad|therefore|because|implies|Rightarrow|Longrightarrow|rightarrow|blacksquare|square|qed|hline|newline|boxed|fbox)(?![a-zA-Z])/
const isMathematics = (command: string): boolean => !PROSE_COMMANDS.test(command)
const OPERATOR_COMMANDS =
  /^\\(?:times|cdot|div|pm|mp|le|leq|ge|geq|ne|neq|approx|equiv|in|cup|cap|lt|gt|bmod|mod|ast|left|right|sin|cos|tan|log|ln|circ)$/
const isOperator = (command: string): boolean => OPERATOR_COMMANDS.test(command)

/** Does a sentence end with this mark? A factorial stands within one. */
const isExclamation = (text: string, at: number): boolean =>
  /^(?:$|\s*\n|\s+["“(]?\p{Lu}|\s*\p{Extended_Pictographic}|["”'!*]|\s*$)/u.test(text.slice(at, at + 8))

/** In prose `12m` is a length, where a formula may mean 12 times m. */
export function withUnit<Text extends string | null>(text: Text): Text {
  return text?.replace(/^([-+−]?[\d.,]+)([a-zA-Z]{1,2})$/, (whole, number, unit) =>
    isUnitWord(unit) ? `${number} \\text{ ${unit}}` : whole,
  ) as Text
}

function spanOf(text: string, { start, end, isCut }: Run): Span {
  const whole = text.slice(start, end)
  const sides = whole.split(/(?<![<>!:])=|≈/)
  const first = sides[0]!
    .replace(/(?<=\d\s?)x(?=\s?[\d$])/gi, '×')
    .replace(/(?<=\d\s?|\/)[a-z]{1,8}(?![a-z])/gi, (word) =>
      isUnitWord(word) || scaleNamed(word) !== null ? '' : word,
    )
  // `5 + 7 = 12` states 12; `y = 3x + 5` is the statement itself.
  const isSum = sides.length > 1 && !/[a-zA-Zα-ω]/.test(first) && /[\d√π\\]/.test(sides.at(-1)!)
  const inner = (isSum ? sides.at(-1)! : whole).trim().replace(/(?<=\d) to (?=[-−$\d])/g, ' \\text{to} ')
  return { start, end, inner: withUnit(inner.replace(/^–\s?/, '-')), isSound: !isCut || isSum }
}
