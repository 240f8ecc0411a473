/** Tables for the terminal and for Markdown, and the table of stages (base -> R1-Zero -> …) over several seeds. */
import { displayWidth, meanAndSpread } from '../measures/format.ts'
import type { NamedMeasure } from '../measures/measures.ts'
import { wrapText } from './wrap.ts'

export interface Column {
  name: string
  align?: 'left' | 'right'
  /** A narrow terminal does without it, the lowest first; without a number it always stays. */
  drop?: number
}

export interface TerminalTableOptions {
  /** Of the terminal; any width by default. */
  width?: number | undefined
  /** Colours a cell that is already aligned. */
  paint?: (text: string, row: number, column: string) => string
}

/**
 * Aligned columns, two spaces apart, with a rule under the header. Where the table is wider than the terminal, columns go that
 * may, the lowest `drop` first, and then the widest columns of text are wrapped at their words.
 */
export function terminalTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, paint = (text) => text }: TerminalTableOptions = {},
): string {
  const kept = fitting(
    columns.map((column, i) => {
      const cells = rows.map((row) => row[i] ?? '')
      return { ...column, cells, width: Math.max(...[column.name, ...cells].map(displayWidth)) }
    }),
    width,
  )
  const line = (parts: readonly string[], row?: number) =>
    kept
      .map((column, i) => {
        const part = parts[i] ?? ''
        const space = ' '.repeat(Math.max(0, column.width - displayWidth(part)))
        const aligned = column.align === 'right' ? space + part : part + space
        // Without the spaces behind the last cell, a colour would end after them.
        const text = i === kept.length - 1 ? aligned.trimEnd() : aligned
        return row === undefined || part === '' ? text : paint(text, row, column.name)
      })
      .join('  ')
      .trimEnd()
  const body = rows.flatMap((_, row) => {
    const parts = kept.map((column) => wrapText(column.cells[row]!, column.width))
    const height = Math.max(1, ...parts.map((lines) => lines.length))
    return Array.from({ length: height }, (_, i) =>
      line(
        parts.map((lines) => lines[i] ?? ''),
        row,
      ),
    )
  })
  const rule = kept.map((column) => '─'.repeat(column.width)).join('  ')
  return [line(kept.map(({ name }) => name)), rule, ...body].join('\n')
}

interface SizedColumn extends Column {
  cells: readonly string[]
  width: number
}

/** Narrowest that a column of text is made. */
const NARROWEST = 12

function fitting(columns: readonly SizedColumn[], width: number): SizedColumn[] {
  const excess = (all: readonly SizedColumn[]) =>
    all.reduce((sum, column) => sum + column.width + 2, -2) - width
  let kept = [...columns]
  const droppable = columns.filter(({ drop }) => drop !== undefined).sort((a, b) => a.drop! - b.drop!)
  for (const column of droppable) if (excess(kept) > 0) kept = kept.filter((other) => other !== column)
  for (const column of kept.filter(({ align }) => align !== 'right').sort((a, b) => b.width - a.width)) {
    const over = excess(kept)
    if (over <= 0) break
    const words = column.cells.flatMap((cell) => cell.split(/\s/)).map(displayWidth)
    const least = Math.min(column.width, Math.max(NARROWEST, displayWidth(column.name), ...words))
    kept = kept.map((other) =>
      other.name === column.name ? { ...other, width: Math.max(least, other.width - over) } : other,
    )
  }
  return kept
}

export function markdownTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownCell).join(' | ')} |`
  const rule = `|${columns.map(({ align }) => (align === 'right' ? ' ---: ' : ' --- ')).join('|')}|`
  const names = columns.map(({ name }) => name)
  return [line(names), rule, ...rows.map((row) => line(columns.map((_, i) => row[i] ?? '')))].join('\n')
}

/** Keeps a cell in its cell: pipes, line ends and what would be read as HTML. */
function markdownCell(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replace(/\s*\r?\n\s*/g, ' ')
}

export interface Stage {
  name: string
  /** One result for each seed. */
  results: readonly Readonly<Record<string, unknown>>[]
  /** How sure a figure is; the sample standard deviation over seeds stands behind ± otherwise. */
  half?: (key: string, values: readonly number[]) => number
  /** Where results are missing: how many seeds there are. */
  seeds?: number
}

/**
 * Measures down, stages across; `mean ± spread` where a stage has several seeds. Measures nobody has are left
 * out; `measures` are those of the rows.
 */
export function stageTable(
  stages: readonly Stage[],
  measures: readonly NamedMeasure[],
): { columns: Column[]; rows: string[][]; measures: NamedMeasure[] } {
  const columns: Column[] = [{ name: '' }, ...stages.map(({ name }): Column => ({ name, align: 'right' }))]
  const known = measures.filter(({ key }) =>
    stages.some(({ results }) => results.some((result) => Number.isFinite(result[key]))),
  )
  const rows = known.map(({ key, label, format }) => {
    const cells = stages.map(({ results, half, seeds = results.length }) => {
      const values = results.map((result) => result[key]).filter((value) => typeof value === 'number')
      const { mean, spread, n } = meanAndSpread(values)
      if (n === 0) return undefined
      const uncertain = half?.(key, values) ?? (n > 1 ? spread : 0)
      const some = n < seeds ? ` (${n} of ${seeds} seeds)` : ''
      return `${format(mean)}${uncertain > 0 || n > 1 ? ` ± ${format(uncertain)}` : ''}${some}`
    })
    return [label, ...cells.map((cell) => cell ?? '–')]
  })
  return { columns, rows, measures: known }
}
