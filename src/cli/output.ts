/** What commands print: tables, one line a training step, JSON for scripts. Results go to stdout, the rest to stderr. */
import { type MeasureKey, measuresOf, type NamedMeasure } from '../measures/measures.ts'
import { type Column, type TerminalTableOptions, terminalTable } from '../report/tables.ts'
import { type Transcript, terminalTranscript } from '../report/transcript.ts'
import { wrapText } from '../report/wrap.ts'
import { visible } from '../text/visible.ts'
import { fitted, paintVerdict, proseWidth, terminalWidth } from './terminal.ts'

export function printLine(text = ''): void {
  process.stdout.write(`${fitted(visible(text), process.stdout)}\n`)
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

/** As wide as the terminal. */
export function printTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: Pick<TerminalTableOptions, 'paint'> = {},
): void {
  const cells = rows.map((row) => row.map(visible))
  process.stdout.write(`${terminalTable(columns, cells, { width: terminalWidth(), ...options })}\n`)
}

/** Text of our own in lines of the terminal's width. */
export function printProse(text: string): void {
  printLine(wrapText(text, proseWidth()).join('\n'))
}

/** The same question answered by several models, verdicts in colour. */
export function printTranscript(transcript: Transcript): void {
  process.stdout.write(`\n${terminalTranscript(transcript, proseWidth(), paintVerdict)}\n`)
}

/** A setting's value; one that was not given is a dash. */
export const shownValue = (value: unknown): string => (value === undefined ? '–' : JSON.stringify(value))

/** Something the user should know that is not the result. */
export function printNote(text: string): void {
  process.stderr.write(`${fitted(visible(text), process.stderr)}\n`)
}

/** One line a training step: its name over each column, then a line for each step. */
export interface StepLines {
  header: string
  /** Aligned with the header; a number that is missing is a dash. */
  line(step: Readonly<Record<string, unknown>>): string
}

/** Those figures of a step that fit into the terminal, the most telling first. `constant` ones say nothing here. */
export function stepLines(
  steps: number,
  constant: readonly MeasureKey[] = [],
  width = terminalWidth() ?? 80,
): StepLines {
  const first = 2 * String(steps).length + 1
  const room = (measure: NamedMeasure) => 1 + Math.max(7, nameOf(measure).length)
  let left = width - first
  const fitting = measuresOf(TELLING.filter((key) => !constant.includes(key))).filter((measure) => {
    left -= room(measure)
    return left >= 0
  })
  const columns = measuresOf(STEP_COLUMNS).filter(({ key }) => fitting.some((measure) => measure.key === key))
  const row = (name: string, cell: (measure: NamedMeasure) => string) =>
    [name.padStart(first), ...columns.map((measure) => cell(measure).padStart(room(measure) - 1))].join(' ')
  return {
    header: row('step', nameOf),
    line: (step) =>
      row(`${step.step}/${steps}`, ({ key, format }) => {
        const value = step[key]
        return typeof value === 'number' ? format(value) : '–'
      }),
  }
}

const STEP_COLUMNS = [
  'reward',
  'accuracy',
  'format',
  'meanTokens',
  'kl',
  'entropy',
  'clipShare',
  'tokensPerSecond',
] as const satisfies MeasureKey[]
const TELLING: readonly (typeof STEP_COLUMNS)[number][] = [
  'accuracy',
  'meanTokens',
  'reward',
  'format',
  'kl',
  'entropy',
  'tokensPerSecond',
  'clipShare',
]
const nameOf = ({ short, label }: NamedMeasure) => short ?? label
