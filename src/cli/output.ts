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

/** The names over the columns of `stepLine`. */
export function stepHeader(steps: number): string {
  return stepColumns(steps, 'step', ({ name }) => name)
}

/** One line for a step's metrics, aligned over steps and within 80 columns; a number that is missing is a dash. */
export function stepLine(line: Readonly<Record<string, unknown>>, steps: number): string {
  return stepColumns(steps, `${line.step}/${steps}`, ({ key, format }) => {
    const value = line[key]
    return typeof value === 'number' ? format(value) : '–'
  })
}

function stepColumns(steps: number, first: string, cell: (column: StepColumn) => string): string {
  const cells = STEP_COLUMNS.map((column) => cell(column).padStart(column.width))
  return [first.padStart(2 * String(steps).length + 1), ...cells].join('  ')
}

interface StepColumn {
  key: string
  name: string
  width: number
  format: (value: number) => string
}

const STEP_COLUMNS: StepColumn[] = [
  { key: 'reward', name: 'reward', width: 6, format: (value) => value.toFixed(2) },
  { key: 'accuracy', name: 'accuracy', width: 8, format: (value) => percent(value, 0) },
  { key: 'format', name: 'format', width: 6, format: (value) => percent(value, 0) },
  { key: 'meanTokens', name: 'length', width: 6, format: (value) => formatNumber(Math.round(value)) },
  { key: 'kl', name: 'KL', width: 7, format: (value) => formatNumber(value, 2) },
  { key: 'entropy', name: 'entropy', width: 7, format: (value) => value.toFixed(2) },
  { key: 'clipShare', name: 'clipped', width: 7, format: (value) => percent(value) },
  {
    key: 'tokensPerSecond',
    name: 'tokens/s',
    width: 8,
    format: (value) => formatNumber(Math.round(value), 9),
  },
]
