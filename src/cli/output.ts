/** What commands print: tables, one line a training step, JSON for scripts. Results go to stdout, the rest to stderr. */
import { measuresOf, type NamedMeasure } from '../measures/measures.ts'
import { type Column, terminalTable } from '../report/tables.ts'
import { visible } from '../text/visible.ts'

export function printLine(text = ''): void {
  process.stdout.write(`${visible(text)}\n`)
}

/** One JSON value on one line. */
export function printJson(value: unknown): void {
  // What JSON leaves as it is, and a terminal obeys.
  const escaped = JSON.stringify(value).replace(
    /[\u007F-\u009F]/g,
    (character) => `\\u00${character.charCodeAt(0).toString(16)}`,
  )
  process.stdout.write(`${escaped}\n`)
}

export function printTable(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  printLine(terminalTable(columns, rows))
}

/** Something the user should know that is not the result. */
export function printNote(text: string): void {
  process.stderr.write(`${visible(text)}\n`)
}

/** The names over the columns of `stepLine`. */
export function stepHeader(steps: number): string {
  return stepColumns(steps, 'step', nameOf)
}

/** One line for a step's metrics, aligned over steps and within 80 columns; a number that is missing is a dash. */
export function stepLine(line: Readonly<Record<string, unknown>>, steps: number): string {
  return stepColumns(steps, `${line.step}/${steps}`, ({ key, format }) => {
    const value = line[key]
    return typeof value === 'number' ? format(value) : '–'
  })
}

function stepColumns(steps: number, first: string, cell: (measure: NamedMeasure) => string): string {
  const cells = STEP_COLUMNS.map((measure) => cell(measure).padStart(Math.max(7, nameOf(measure).length)))
  return [first.padStart(2 * String(steps).length + 1), ...cells].join(' ')
}

const STEP_COLUMNS = measuresOf([
  'reward',
  'accuracy',
  'format',
  'meanTokens',
  'kl',
  'entropy',
  'clipShare',
  'tokensPerSecond',
])
const nameOf = ({ short, label }: NamedMeasure) => short ?? label
