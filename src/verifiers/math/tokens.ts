/** Cuts a cleaned answer into tokens; presentation-only commands disappear here. */
import { isUnitWord } from './units.ts'
import { functionNamed, joinerNamed, scaleNamed } from './words.ts'

export interface Token {
  type: 'number' | 'symbol' | 'function' | 'command' | 'text' | 'op' | 'environment' | 'joiner' | 'end'
  text: string
  /** Was there white space before it? `2 1/3` is a mixed number. */
  space: boolean
}

export class UnreadableAnswer extends Error {}

const IGNORED = new Set(
  (
    'left right big Big bigl bigr Bigl Bigr bigg Bigg biggl biggr Biggl Biggr middle displaystyle textstyle scriptstyle limits nolimits quad qquad ' +
    'thinspace enspace hfill noindent rm bf it sf tt cal mathrm@ nonumber hline mathopen mathclose mathbin mathrel tiny small large Large LARGE huge Huge normalsize strut mathstrut pounds euro yen'
  ).split(' '),
)
const TEXTUAL = new Set(
  'text textbf textit textsc textsl textmd mbox textrm mathrm operatorname textnormal textsf texttt hbox mathsf mathtt textup mathop'.split(
    ' ',
  ),
)
const STYLES = new Set(
  'mathbf mathit boldsymbol bm pmb bold mathcal mathscr mathfrak underline hat tilde widehat boxed fbox framebox emph smash ensuremath'.split(
    ' ',
  ),
)

const OPERATORS: Record<string, string> = {
  times: '*',
  cdot: '*',
  ast: '*',
  div: '/',
  pm: '±',
  mp: '∓',
  le: '≤',
  leq: '≤',
  leqslant: '≤',
  leqq: '≤',
  ge: '≥',
  geq: '≥',
  geqslant: '≥',
  geqq: '≥',
  lt: '<',
  gt: '>',
  less: '<',
  ne: '≠',
  neq: '≠',
  approx: '≈',
  simeq: '≈',
  sim: '≈',
  thickapprox: '≈',
  doteq: '≈',
  equiv: '=',
  in: '∈',
  cup: '∪',
  bigcup: '∪',
  cap: '∩',
  bigcap: '∩',
  setminus: '∖',
  backslash: '∖',
  lbrace: '\\{',
  rbrace: '\\}',
  langle: '⟨',
  rangle: '⟩',
  lvert: '|',
  rvert: '|',
  vert: '|',
  mid: '|',
  lVert: '‖',
  rVert: '‖',
  Vert: '‖',
  lfloor: '⌊',
  rfloor: '⌋',
  lceil: '⌈',
  rceil: '⌉',
  lparen: '(',
  rparen: ')',
  lbrack: '[',
  rbrack: ']',
  colon: ':',
  circ: '∘',
  degree: '°',
  prime: "'",
  ldots: '…',
  dots: '…',
  cdots: '…',
  dotsc: '…',
  dotsb: '…',
  lor: 'or',
  vee: 'or',
  land: 'and',
  wedge: 'and',
  Rightarrow: '⇒',
  implies: '⇒',
  Longrightarrow: '⇒',
  to: '→',
  rightarrow: '→',
  mapsto: '→',
  leftarrow: '=',
  iff: '⇔',
  Leftrightarrow: '⇔',
  bmod: 'mod',
  choose: 'choose',
  dotsm: '…',
  ratio: ':',
}

const SYMBOLS: Record<string, string> = {
  infty: 'infinity',
  emptyset: '∅',
  varnothing: '∅',
  imath: 'i',
  jmath: 'j',
  ell: 'ℓ',
  varepsilon: 'epsilon',
  varphi: 'phi',
  vartheta: 'theta',
  euler: 'e',
}
const SETS: Record<string, string> = { R: 'ℝ', Z: 'ℤ', Q: 'ℚ', N: 'ℕ', C: 'ℂ' }
const GREEK = new Set(
  (
    'alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon phi chi psi omega Gamma Delta Theta ' +
    'Lambda Xi Pi Sigma Upsilon Phi Psi Omega angle triangle square circledR hbar aleph nabla partial parallel perp odot star'
  ).split(' '),
)
const PLAIN_SYMBOLS: Record<string, string> = {
  pi: 'pi',
  inf: 'infinity',
  infty: 'infinity',
  infinity: 'infinity',
  oo: 'infinity',
  theta: 'theta',
  alpha: 'alpha',
  beta: 'beta',
  gamma: 'gamma',
  lambda: 'lambda',
  omega: 'omega',
  phi: 'phi',
}
const COMMANDS = new Set(
  'frac dfrac tfrac cfrac sfrac nicefrac xfrac sqrt cbrt binom dbinom tbinom sum prod int oint lim overline overrightarrow dot ddot pmod color textcolor underbrace xrightarrow iint iiint overset underset stackrel substack not subfactorial'.split(
    ' ',
  ),
)
/** `m/s^2`, `km/h`: bare letters that can only be a unit after a number. */
const COMPOUND_UNIT = /^(?:[km]?m|cm|k?g|mi|ft)\/(?:s|h|hr|min|m|cm|L)(?:\^\{?\d\}?)?(?![a-zA-Z])/
const HALF_OF_DAY = /^[ap]\.\s?m(?![a-z])\.?/i
const MAX_TOKENS = 1_500

export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let position = 0
  let space = false

  const push = (type: Token['type'], text: string): void => {
    if (tokens.length >= MAX_TOKENS) throw new UnreadableAnswer('answer too long')
    tokens.push({ type, text, space })
    space = false
  }

  while (position < source.length) {
    const rest = source.slice(position, position + 400)
    const char = rest[0]!
    if (/\s/.test(char) || char === '~') {
      space = true
      position++
    } else if (/\d/.test(char) || (char === '.' && /^\.\d/.test(rest))) {
      const [number] = /^(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+(?![\d.]))?/.exec(source.slice(position))!
      position += number.length
      if (
        source[position] === '.' &&
        !/^\.(?:\.|\\|\()/.test(source.slice(position)) &&
        !/^\.\s*[a-zA-Z\d]/.test(source.slice(position))
      )
        position++
      push('number', number)
    } else if (char === '\\') {
      position += readCommand(source, position, push, () => {
        space = true
      })
    } else if (tokens.at(-1)?.type === 'number' && COMPOUND_UNIT.test(rest)) {
      const [unit] = COMPOUND_UNIT.exec(rest)!
      position += unit.length
      push('text', unit.replace(/[{}]/g, ''))
    } else if (tokens.at(-1)?.type === 'number' && HALF_OF_DAY.test(rest)) {
      const [half] = HALF_OF_DAY.exec(rest)!
      position += half.length
      push('text', half)
    } else if (/\p{L}/u.test(String.fromCodePoint(source.codePointAt(position)!))) {
      const [run] =
        /^(?:[a-z]{3,}ty-(?:one|two|three|four|five|six|seven|eight|nine)(?!\p{L})|\p{L}+)/iu.exec(
          source.slice(position),
        )!
      position += run.length
      pushLetters(run, tokens, push)
    } else {
      const [operator] = /^(?:<=|>=|!=|=>|==|<>|\*\*|->|:=|\.\.\.|.)/su.exec(rest)!
      position += operator.length
      if (operator === '...') push('op', '…')
      else if (!'$€£¥&'.includes(operator) || operator === '&')
        push('op', PLAIN_OPERATORS[operator] ?? operator)
    }
  }
  tokens.push({ type: 'end', text: '', space })
  return tokens
}

const PLAIN_OPERATORS: Record<string, string> = {
  '<=': '≤',
  '>=': '≥',
  '!=': '≠',
  '<>': '≠',
  '=>': '⇒',
  '==': '=',
  '**': '^',
  '->': '→',
  ':=': '=',
}

type Push = (type: Token['type'], text: string) => void

function readCommand(source: string, position: number, push: Push, spaced: () => void): number {
  const rest = source.slice(position)
  const name = /^\\([a-zA-Z]+)\*?/.exec(rest)
  if (!name) {
    const mark = rest[1] ?? ''
    if (mark === '\\') {
      push('op', '\\\\')
      return (
        2 +
        (/^\s*\[[^\]]*\]/.exec(rest.slice(2))?.[0].replace(/^\s*\[(?!-?[\d.]+(?:pt|em|ex|mm|cm)\]).*$/s, '')
          .length ?? 0)
      )
    }
    if (mark === '{' || mark === '}') push('op', `\\${mark}`)
    else if (mark === '%') push('op', '%')
    else if (mark === '|') push('op', '‖')
    else if (mark === '&' || mark === '_' || mark === '#' || mark === '$') push('op', mark)
    else if (' ,;:!'.includes(mark)) spaced()
    return 2
  }
  const word = name[1]!
  const length = name[0].length
  if (IGNORED.has(word)) {
    spaced()
    // `\left.` and `\right.` draw nothing at all.
    return length + ((word === 'left' || word === 'right') && rest[length] === '.' ? 1 : 0)
  }
  if (TEXTUAL.has(word)) return length + readText(rest.slice(length), push)
  if (STYLES.has(word)) return length
  if (word === 'begin' || word === 'end') {
    const environment = /^\s*\{([a-zA-Z*]+)\}(?:\s*\{[|clr\s]*\}|\s*\[[clr]\])?/.exec(rest.slice(length))
    if (!environment) throw new UnreadableAnswer('unnamed environment')
    if (
      !/^(?:equation|align|aligned|gather|gathered|split|math|displaymath|center)\*?$/.test(environment[1]!)
    )
      push('environment', `${word} ${environment[1]}`)
    return length + environment[0].length
  }
  if (word === 'mathbb' || word === 'Bbb' || word === 'mathds') {
    const letter = /^\s*\{?\s*([A-Z])\s*\}?/.exec(rest.slice(length))
    if (!letter) throw new UnreadableAnswer('unknown set')
    push('symbol', SETS[letter[1]!] ?? letter[1]!)
    return length + letter[0].length
  }
  if (word === 'R' || word === 'Z' || word === 'N' || word === 'Q') push('symbol', SETS[word]!)
  else if (Object.hasOwn(OPERATORS, word)) pushOperator(OPERATORS[word]!, push)
  else if (Object.hasOwn(SYMBOLS, word)) push('symbol', SYMBOLS[word]!)
  else if (GREEK.has(word)) push('symbol', word)
  else if (functionNamed(word)) push('function', functionNamed(word)!)
  else if (/^(?:ker|dim|deg|hom|Pr)$/.test(word)) push('text', word)
  else if (word === 'vec') push('command', 'overrightarrow')
  else if (word === 'bar') push('command', 'overline')
  else if (COMMANDS.has(word))
    push('command', word.replace(/^(?:[dtcsx]|nice)frac$/, 'frac').replace(/^[dt]binom$/, 'binom'))
  else throw new UnreadableAnswer(`unknown command \\${word}`)
  return length
}

function pushOperator(operator: string, push: Push): void {
  if (operator === 'and' || operator === 'or') push('joiner', operator)
  else push('op', operator)
}

/** A number before words without another. */
const MEASURED = /^[-+−]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?=\s+\(?[a-zA-Z°][^\d]*$)/

/** The group after `\text` and its like: a name, a joining word, a unit, or mathematics set upright. */
function readText(rest: string, push: Push): number {
  const group = /^\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}/.exec(rest)
  if (!group) return 0
  const content = group[1]!.replace(/\\[,;:! ]|~/g, ' ').trim()
  const joiner = joinerNamed(content.replace(/^,\s*/, ''))
  if (content === '') return group[0].length
  if (joiner) push('joiner', joiner)
  else if (functionNamed(content)) push('function', functionNamed(content)!)
  else if (/^[,;:]$/.test(content)) push('op', content)
  else if (content === 'to') push('op', ':')
  else if (/^(?:[eid]|pi)$/.test(content)) push('symbol', content)
  else if (/^[-+\d.,/%()\s^$\\]+$/.test(content) || /^\d{1,2}:\d\d\s?[ap]\.?\s?m\.?$/i.test(content))
    for (const token of tokenize(content).slice(0, -1)) push(token.type, token.text)
  else if (MEASURED.test(content)) {
    // `\text{72 km/h}`.
    const [number] = MEASURED.exec(content)!
    for (const token of tokenize(number).slice(0, -1)) push(token.type, token.text)
    push('text', content.slice(number.length).trim())
  } else {
    // `million dollars` is a scale and a unit.
    const [first = '', ...others] = content.split(' ')
    const words = scaleNamed(first) === null ? [content] : [first, others.join(' ')]
    for (const word of words) if (word) push('text', word)
  }
  return group[0].length
}

/** A run of bare letters: a function, a constant, a joining word, a unit after a number, a word, points in order (`ABC`), or single variables. */
function pushLetters(run: string, tokens: readonly Token[], push: Push): void {
  const last = tokens.at(-1)
  const joiner = joinerNamed(run)
  const after = last && (last.type === 'number' || (last.type === 'op' && ')}'.includes(last.text)))
  if (joiner && run.charCodeAt(0) > 127) push('joiner', joiner)
  else if (run.length === 1) push(run.charCodeAt(0) < 128 ? 'symbol' : 'text', run)
  else if (functionNamed(run)) push('function', functionNamed(run)!)
  else if (Object.hasOwn(PLAIN_SYMBOLS, run)) push('symbol', PLAIN_SYMBOLS[run]!)
  else if (joiner) push('joiner', joiner)
  else if ((after && isUnitWord(run)) || last?.text === 'per') push('text', run)
  else pushWord(run, push)
}

function pushWord(run: string, push: Push): void {
  if (run === 'per') {
    push('text', run)
    return
  }
  const inner =
    /^([a-zA-Z]{0,2}?)(sqrt|arcsin|arccos|arctan|sin|cos|tan|cot|sec|csc|log|ln|pi)([a-zA-Z]?)$/.exec(run)
  if (inner) {
    for (const letter of inner[1]!) push('symbol', letter)
    push(inner[2] === 'pi' ? 'symbol' : 'function', inner[2]!)
    for (const letter of inner[3]!) push('symbol', letter)
  } else if (/^[A-Z]{3}$/.test(run)) push('symbol', run)
  else if (run.length > 3 || !/^[a-zA-Z]+$/.test(run)) push('text', run)
  else for (const letter of run) push('symbol', letter)
}
