/** What commands print: tables, one line a training step, JSON for scripts. Results go to stdout, the rest to stderr. */
import { formatNumber, percent } from '../report/format.ts'
import { type Column, terminalTable } from '../report/tables.ts'

export function printLine(text = ''): void {
  process.stdout.write(`${text}\n`)
}

/** One JSON value on one line. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value))
}

export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  printLine(terminalTable(columns, rows))
}

/** Something the user should know that is not the result. */
export function printNote(text: string): void {
  process.stderr.write(`${text}\n`)
}

/** One aligned, readable line for a step's metrics; numbers that are missing are left out. */
export function stepLine(line: Readonly<Record<string, unknown>>, steps: number): string {
  const parts = STEP_PARTS.flatMap(({ key, label, width, format }) => {
    const value = line[key]
    return typeof value === 'number' ? [`${label} ${format(value).padStart(width)}`] : []
  })
  const digits = String(steps).length
  return [`step ${String(line.step).padStart(digits)}/${steps}`, ...parts].join('  ')
}

const STEP_PARTS: { key: string; label: string; width: number; format: (value: number) => string }[] = [
  { key: 'reward', label: 'reward', width: 5, format: (value) => value.toFixed(2) },
  { key: 'accuracy', label: 'accuracy', width: 6, format: (value) => percent(value, 0) },
  { key: 'format', label: 'format', width: 5, format: (value) => percent(value, 0) },
  { key: 'meanTokens', label: 'tokens', width: 5, format: (value) => formatNumber(Math.round(value)) },
  { key: 'kl', label: 'KL', width: 7, format: (value) => formatNumber(value, 2) },
  { key: 'entropy', label: 'entropy', width: 4, format: (value) => value.toFixed(2) },
  { key: 'clipShare', label: 'clipped', width: 5, format: (value) => percent(value, 1) },
  { key: 'tokensPerSecond', label: 'tokens/s', width: 6, format: (value) => formatNumber(Math.round(value)) },
]
