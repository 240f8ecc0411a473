/** Numbers for people. No locale: the same input gives the same text everywhere. */

/** `0.71` is `71.0 %`. */
export function percent(share: number, digits = 1): string {
  return Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : '–'
}

/** About `digits` significant digits, without trailing zeros: `12.3`, `0.0012`, `3e-6`, `12,345`. What rounding leaves of 0 is 0. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size < NOISE) return '0'
  if (size < 1e-4 || size >= 1e9) return value.toExponential(digits - 1).replace(/\.?0+e\+?/, 'e')
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  const [whole, fraction = ''] = value.toFixed(Math.min(decimals, 20)).split('.') as [string, string?]
  const trimmed = fraction.replace(/0+$/, '')
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',')
  return trimmed === '' ? grouped : `${grouped}.${trimmed}`
}

/** Below it is no figure of a model: a KL divergence of -7e-11 is that of a policy with itself. */
const NOISE = 1e-9

/** `8 s`, `3 min 20 s`, `1 h 05 min`. */
export function formatDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–'
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`
  const minutes = Math.round(whole / 60)
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} min`
}

function pad(number: number): string {
  return String(number).padStart(2, '0')
}

/** Mean and sample standard deviation of the finite values; spread 0 for a single one. */
export function meanAndSpread(values: readonly number[]): { mean: number; spread: number; n: number } {
  const finite = values.filter(Number.isFinite)
  const n = finite.length
  const mean = finite.reduce((sum, value) => sum + value, 0) / n
  const squares = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return { mean, spread: n > 1 ? Math.sqrt(squares / (n - 1)) : 0, n }
}

/** Columns a text takes in a terminal: Chinese, Japanese, Korean and full-width characters take two. */
export function displayWidth(text: string): number {
  let width = 0
  for (const { segment } of GRAPHEMES.segment(text)) width += WIDE.test(segment) ? 2 : 1
  return width
}

/** The longest beginning of a text that fits into `columns`. */
export function takeColumns(text: string, columns: number): string {
  let width = 0
  for (const { segment, index } of GRAPHEMES.segment(text)) {
    width += displayWidth(segment)
    if (width > columns) return text.slice(0, index)
  }
  return text
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303F\uFF01-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u
