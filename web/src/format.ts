/** Numbers and times for people; a dash where there is none. */
import { formatDuration, formatNumber, percent as share } from '../../src/measures/format.ts'

type Maybe = number | null | undefined

const orDash =
  (format: (value: number) => string) =>
  (value: Maybe): string =>
    value === null || value === undefined || !Number.isFinite(value) ? '–' : format(value)

export const percent = (value: Maybe, digits = 1) => orDash((x) => share(x, digits))(value)
export const compact = orDash((value) => formatNumber(value))
export const whole = orDash((value) => formatNumber(Math.round(value), 9))
export const duration = orDash((seconds) =>
  seconds < 10 ? `${seconds.toFixed(1)} s` : formatDuration(seconds),
)

export function ago(iso: string | null): string {
  if (iso === null) return '–'
  const seconds = (Date.now() - Date.parse(iso)) / 1000
  if (Number.isNaN(seconds)) return '–'
  const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' })
  if (seconds < 60) return 'just now'
  if (seconds < 3600) return relative.format(-Math.round(seconds / 60), 'minute')
  if (seconds < 86_400) return relative.format(-Math.round(seconds / 3600), 'hour')
  return relative.format(-Math.round(seconds / 86_400), 'day')
}
