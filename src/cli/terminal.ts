/** How wide and how colourful the terminal is that output goes to. */
import { isAbsolute, relative } from 'node:path'
import { styleText } from 'node:util'
import { wrapIndented } from '../report/wrap.ts'

/** Columns of the terminal, or what COLUMNS says; undefined where output goes to a file or a pipe, which have no width. */
export function terminalWidth(
  output: Pick<NodeJS.WriteStream, 'columns'> = process.stdout,
): number | undefined {
  const columns = output.columns ?? Number(process.env.COLUMNS)
  return columns > 0 ? Math.max(40, columns) : undefined
}

/** Of prose, which is hard to read in longer lines. */
export const proseWidth = (): number => Math.min(100, terminalWidth() ?? 100)

/** Help, notes and errors in lines of the terminal's width, and as they are where there is none. */
export function fitted(text: string, output: Pick<NodeJS.WriteStream, 'columns'>): string {
  const width = terminalWidth(output)
  return width === undefined ? text : wrapIndented(text, width)
}

export type Colour = 'green' | 'red' | 'yellow' | 'dim' | 'bold'

/** In colour where the output has it: not in a file, and not with NO_COLOR. */
export const paint = (colour: Colour, text: string): string =>
  styleText(colour, text, { stream: process.stdout })

export const paintVerdict = (text: string, right: boolean): string => paint(right ? 'green' : 'red', text)

/** A path as a person here would write it: from this folder where it is inside. */
export function shownPath(path: string): string {
  const near = relative('', path)
  return near === '' || near.startsWith('..') || isAbsolute(near) ? path : near
}
