/** A curve in one line of text. */
const BARS = '▁▂▃▄▅▆▇█'

/** From the least to the greatest value; a gap where there is none, a middle line where all are equal. */
export function sparkline(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null && Number.isFinite(value)) as number[]
  const least = Math.min(...known)
  const span = Math.max(...known) - least
  return values
    .map((value) => {
      if (value === null || !Number.isFinite(value)) return ' '
      return BARS[span === 0 ? 3 : Math.round(((value - least) / span) * (BARS.length - 1))]
    })
    .join('')
}
