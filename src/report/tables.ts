/** Tables for the terminal and for Markdown, and the table of stages (base -> R1-Zero -> …) over several seeds. */
import { displayWidth, meanAndSpread } from '../measures/format.ts'
import type { NamedMeasure } from '../measures/measures.ts'

export interface Column {
  name: string
  align?: 'left' | 'right'
}

/** Aligned columns, two spaces apart, with a rule under the header. */
export function terminalTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ name }, i) =>
    Math.max(displayWidth(name), ...rows.map((row) => displayWidth(row[i] ?? ''))),
  )
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, i) => {
        const cell = cells[i] ?? ''
        const space = ' '.repeat(widths[i]! - displayWidth(cell))
        return align === 'right' ? space + cell : cell + space
      })
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [line(columns.map(({ name }) => name)), rule, ...rows.map(line)].join('\n')
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
}

/** Measures down, stages across; `mean ± sample standard deviation` where a stage has several seeds. Measures nobody has are left out. */
export function stageTable(
  stages: readonly Stage[],
  measures: readonly NamedMeasure[],
): { columns: Column[]; rows: string[][] } {
  const columns: Column[] = [{ name: '' }, ...stages.map(({ name }): Column => ({ name, align: 'right' }))]
  const rows = measures.flatMap(({ key, label, format }) => {
    const cells = stages.map(({ results }) => {
      const values = results.map((result) => result[key]).filter((value) => typeof value === 'number')
      const { mean, spread, n } = meanAndSpread(values)
      return n === 0 ? undefined : n === 1 ? format(mean) : `${format(mean)} ± ${format(spread)}`
    })
    return cells.every((cell) => cell === undefined) ? [] : [[label, ...cells.map((cell) => cell ?? '–')]]
  })
  return { columns, rows }
}
