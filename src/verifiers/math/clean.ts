/** First strokes of normalisation, on the text itself: escapes, Unicode, wrappers, thousands separators. */

export type CommaReading = 'thousands' | 'separator' | 'decimal'

const UNICODE: Record<string, string> = {
  '−': '-',
  '–': '-',
  '—': '-',
  '‐': '-',
  '‑': '-',
  '﹣': '-',
  '×': '\\times ',
  '·': '\\cdot ',
  '⋅': '\\cdot ',
  '∙': '\\cdot ',
  '÷': '/',
  '∕': '/',
  '⁄': '/',
  '≤': '\\le ',
  '⩽': '\\le ',
  '≦': '\\le ',
  '≥': '\\ge ',
  '⩾': '\\ge ',
  '≧': '\\ge ',
  '≠': '\\ne ',
  '≈': '\\approx ',
  '≡': '\\equiv ',
  '∞': '\\infty ',
  π: '\\pi ',
  θ: '\\theta ',
  α: '\\alpha ',
  β: '\\beta ',
  γ: '\\gamma ',
  λ: '\\lambda ',
  φ: '\\phi ',
  ω: '\\omega ',
  μ: '\\mu ',
  Δ: '\\Delta ',
  σ: '\\sigma ',
  '∪': '\\cup ',
  '∩': '\\cap ',
  '∈': '\\in ',
  '∅': '\\emptyset ',
  '±': '\\pm ',
  '∓': '\\mp ',
  '√': '\\sqrt ',
  '∛': '\\cbrt ',
  '°': '\\degree ',
  º: '\\degree ',
  '½': '\\frac{1}{2}',
  '¼': '\\frac{1}{4}',
  '¾': '\\frac{3}{4}',
  '⅓': '\\frac{1}{3}',
  '⅔': '\\frac{2}{3}',
  '⅛': '\\frac{1}{8}',
  '⅜': '\\frac{3}{8}',
  '⅝': '\\frac{5}{8}',
  '⅞': '\\frac{7}{8}',
  '⅕': '\\frac{1}{5}',
  '⅖': '\\frac{2}{5}',
  '⅗': '\\frac{3}{5}',
  '⅘': '\\frac{4}{5}',
  '⅙': '\\frac{1}{6}',
  '⅚': '\\frac{5}{6}',
  '，': ',',
  '、': ',',
  '；': ';',
  '：': ':',
  '∶': ':',
  '…': '\\ldots ',
  '⟨': '\\langle ',
  '⟩': '\\rangle ',
  '⌊': '\\lfloor ',
  '⌋': '\\rfloor ',
  '⌈': '\\lceil ',
  '⌉': '\\rceil ',
  ℝ: '\\mathbb{R}',
  ℤ: '\\mathbb{Z}',
  ℚ: '\\mathbb{Q}',
  ℕ: '\\mathbb{N}',
  ℂ: '\\mathbb{C}',
  '∖': '\\setminus ',
  '’': "'",
  '′': "'",
  '″': "''",
  '⇒': '\\Rightarrow ',
  '→': '\\to ',
  '∘': '\\circ ',
  ℓ: '\\ell ',
  '∑': '\\sum ',
  '∏': '\\prod ',
  '∫': '\\int ',
}

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱˣʸᵏᵐᵃᵇᵗ'
const RAISED_PLAIN = '0123456789+-=()nixykmabt'
const LOWERED = '₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₙₖₘᵢⱼ'
const LOWERED_PLAIN = '0123456789+-=()aeoxnkmij'
const RAISED_RUN = new RegExp(`[${RAISED}]+`, 'g')
const LOWERED_RUN = new RegExp(`[${LOWERED}]+`, 'g')

/** A run of raised or lowered signs is one script: `10⁻³`, `aⁿ⁺¹`, `x₁₂`. */
export function plainScripts(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is named by its ends
  if (/^[\x00-\x7f]*$/.test(text)) return text
  const spelt = (run: string, signs: string, plain: string): string =>
    `{${[...run].map((sign) => plain[signs.indexOf(sign)]).join('')}}`
  return text
    .replace(RAISED_RUN, (run) => `^${spelt(run, RAISED, RAISED_PLAIN)}`)
    .replace(LOWERED_RUN, (run) => `_${spelt(run, LOWERED, LOWERED_PLAIN)}`)
}

/** Mends escapes that a JSON or Python string has eaten (`\f` of `\frac`) or doubled (`\\frac`). */
export function repairEscapes(text: string): string {
  let mended = text
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these control characters are what the damage leaves
  if (/[\x07\x08\x09\x0b\x0c\x0d]/.test(mended)) {
    mended = mended
      .replace(/\\?\f(?=rac|box|orall|loor)/g, '\\f')
      .replace(/\\?\t(?=ext|imes|frac|an\b|anh|heta|o\b|au\b|riangle|binom)/g, '\\t')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
      .replace(/\\?\x08(?=oxed|inom|egin|eta|ar\b|ig|f\b|mod)/g, '\\b')
      .replace(/\\?\r(?=ight|angle|floor|ceil|m\b)/g, '\\r')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: see above
      .replace(/\\?\x07(?=pprox|lpha|ngle|rcsin|rccos|rctan)/g, '\\a')
      .replace(/\\?\v(?=ert|ec|arnothing|arphi)/g, '\\v')
  }
  if (!/(?:^|[^\\])\\[a-zA-Z]/.test(mended) && /\\\\[a-zA-Z]/.test(mended)) {
    // A doubled row break stays a row break.
    mended = mended
      .split('\\\\\\\\')
      .map((piece) => piece.replaceAll('\\\\', '\\'))
      .join('\\\\')
  }
  return mended.replace(/^(?:\\n)+(?=\s*(?:\\|\$|$))/, ' ')
}

/** Full-width letters, digits and signs, and all but the marks of a sentence: `－３` is -3. */
const FULL_WIDTH = /[！-～]/g
const SENTENCE_MARKS = '！，：；？'

/** What stands for a sign or a digit and must be one before an answer is looked for: `－3`, `negative 3`, `3 and a half`. */
export function plainNumerals(text: string): string {
  return (
    text
      .replace(FULL_WIDTH, (c) =>
        SENTENCE_MARKS.includes(c) ? c : String.fromCharCode(c.charCodeAt(0) - 0xfee0),
      )
      .replace(/(?:\b(?:negative|minus)\s+|负)(?=(?:\\\$)?[\d.])/gi, '-')
      .replace(/(?<![\d.,])(\d+) (?:in )?base[ -](\d{1,2})\b/gi, '$1_{$2}')
      .replace(/(\d) times (?=\d)/gi, '$1 × ')
      .replace(/(\d) plus (?=\d)/gi, '$1 + ')
      .replace(/(\d) (?:divided by|out of) (?=\d)/gi, '$1 / ')
      .replace(/\b(\d+) choose (\d+)\b/gi, 'C($1, $2)')
      .replace(
        /(\d) (squared|cubed)\b(?! [a-z])/gi,
        (_, digit, word) => `${digit}^${/^s/i.test(word) ? 2 : 3}`,
      )
      .replace(/(\d) factorial\b/gi, '$1!')
      // Grown onto a word or set apart behind a colon, a dash is no minus.
      .replace(/(?<=[\p{L}*])—(?=[\d$\\])/gu, ' — ')
      .replace(/(?<=[:：] )— (?=[\d$\\])/g, '')
      .replace(/(\d) and (?:a|one) half\b/gi, '$1 1/2')
      .replace(/(\d) and (?:a|one) third\b/gi, '$1 1/3')
      .replace(/(\d) and (?:a|one) quarter\b/gi, '$1 1/4')
  )
}

export function replaceUnicode(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the ASCII range is named by its ends
  if (/^[\x00-\x7f]*$/.test(text)) return text
  const spaced = plainScripts(text)
    .replace(/[\u00a0\u2000-\u200a\u202f\u205f\u3000]/g, ' ')
    .replace(/[\u200b-\u200d\u2060\ufeff]/g, '')
  return spaced.replace(/√(\d+)/g, '\\sqrt{$1}').replace(/[^\p{ASCII}]/gu, (c) => UNICODE[c] ?? c)
}

/** Takes off what surrounds an answer and is no part of it: `$`, `\[ \]`, `\boxed{}`, markdown, closing marks. */
export function unwrap(text: string): string {
  let inner = text
  for (let round = 0; round < 12; round++) {
    const before = inner
    inner = inner
      .trim()
      .replace(/^(?:\\[,;:! ]|~|\\quad|\\qquad)+|(?:\\[,;:!]|~|\\quad|\\qquad)+$/g, '')
      .trim()
    inner = inner
      .replace(/[.。,;，；]+$/, (marks, at: number) =>
        inner[at - 1] === '\\' || marks === '...' ? marks : '',
      )
      .trim()
    inner =
      between(inner, '$$', '$$') ?? between(inner, '\\[', '\\]') ?? between(inner, '\\(', '\\)') ?? inner
    inner = between(inner, '**', '**') ?? between(inner, '__', '__') ?? between(inner, '`', '`') ?? inner
    if (inner.length > 1 && inner.indexOf('$', 1) === inner.length - 1)
      inner = between(inner, '$', '$') ?? inner
    inner =
      wrapped(
        inner,
        /^\\(?:boxed|fbox|framebox|ans|answer|(?:bbox|framebox)\s*\[[^\]]*\]|colorbox\s*\{[^{}]*\}|fcolorbox\s*\{[^{}]*\}\s*\{[^{}]*\}|displaystyle|textbf|mathbf|boldsymbol|bm)\s*\{/,
      ) ?? inner
    inner = wrapped(inner, /^\{/) ?? inner
    inner = inner.replace(/^\\displaystyle\b/, '')
    if (inner === before) return inner
  }
  return inner
}

function between(text: string, open: string, close: string): string | null {
  if (text.length < open.length + close.length || !text.startsWith(open) || !text.endsWith(close)) return null
  const inner = text.slice(open.length, text.length - close.length)
  return inner.includes(open) || inner.includes(close) ? null : inner
}

function wrapped(text: string, opening: RegExp): string | null {
  const match = opening.exec(text)
  if (!match || !text.endsWith('}')) return null
  let depth = 1
  for (let k = match[0].length; k < text.length; k++) {
    if (text[k] === '\\') k++
    else if (text[k] === '{') depth++
    else if (text[k] === '}' && --depth === 0)
      return k === text.length - 1 ? text.slice(match[0].length, k) : null
  }
  return null
}

/** Joins the digit groups of one number, under one reading of the comma. */
export function joinDigits(text: string, comma: CommaReading): string {
  if (!/\d/.test(text)) return text
  let joined = text
    .replace(/(\d)\s*\{\s*,\s*\}\s*(?=\d{3}(?!\d))/g, '$1')
    .replace(/(\d)\s*\{\s*,\s*\}\s*(?=\d)/g, comma === 'separator' ? '$1,' : '$1.')
    .replace(/(\d),\s?\\!\s*(?=\d{3}(?!\d))/g, '$1')
    .replace(/(\d)\\!,(?:\\!)?(?=\d{3}(?!\d))/g, '$1')
  joined = joined.replace(
    /(?<![\d.,^_{])\d{1,3}(?:(?:\\,|\\;|\\ |~| |\\thinspace )\d{3})+(?![\d])/g,
    (group) => group.replace(/\D/g, ''),
  )
  if (comma === 'decimal') {
    joined = joined.replace(/(?<![\d.,])\d{1,3}(?:\.\d{3})+,\d+(?![\d,])/g, (n) =>
      n.replaceAll('.', '').replace(',', '.'),
    )
    return joined.replace(/(\d),(\d+)(?!\d*,\d)/g, '$1.$2')
  }
  joined = joined.replace(/(?<![\d.,])\d{1,3}(?:\.\d{3}){2,}(?![\d.])/g, (n) => n.replaceAll('.', ''))
  if (comma === 'separator') return joined
  return joined.replace(/(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d]|,\d)/g, (n) => n.replaceAll(',', ''))
}
