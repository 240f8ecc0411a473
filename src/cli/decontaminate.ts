/** `r1 decontaminate`: takes out of a training file what shares n words in a row with a benchmark (R1 v2 SB.3.1). */
import { Command } from 'commander'
import { writeJsonl } from '../disk/jsonl.ts'
import { type BenchmarkIndex, benchmarkIndex } from '../tasks/decontamination.ts'
import { questionText } from '../tasks/field-mapping.ts'
import { readRows } from '../tasks/file-rows.ts'
import { wholeNumberFrom } from './config-flags.ts'
import { printJson, printLine } from './output.ts'
import { refuseOwnInput } from './own-input.ts'

interface DecontaminateFlags {
  against: string[]
  output: string
  removed?: string
  words: number
  questionField?: string
  againstField?: string
  json?: boolean
}

interface Counts {
  rows: number
  kept: number
  removed: number
  /** Removed rows by the benchmark file that first matched. */
  bySource: Record<string, number>
}

const SHOWN = 5

export function decontaminateCommand(): Command {
  return new Command('decontaminate')
    .description('Remove training rows that share a run of words with a benchmark')
    .argument('<train>', 'training file: .jsonl, .json, .parquet or .csv')
    .requiredOption('--against <file...>', 'benchmark files')
    .requiredOption('-o, --output <file>', 'where the clean rows go, as JSONL')
    .option(
      '--removed <file>',
      'where the removed rows go, each with its place, the benchmark row and the shared words',
    )
    .option(
      '--words <n>',
      'words in a row that make an overlap; shorter texts are compared whole',
      wholeNumberFrom(2),
      10,
    )
    .option('--question-field <name>', 'field of the training rows to compare')
    .option('--against-field <name>', 'field of the benchmark rows to compare')
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      `
Examples:
  r1 decontaminate train.jsonl --against math-500.jsonl aime-2024.jsonl --output clean.jsonl
  r1 decontaminate train.parquet --against gsm8k.jsonl -o clean.jsonl --removed removed.jsonl --words 8`,
    )
    .action(decontaminate)
}

async function decontaminate(train: string, flags: DecontaminateFlags): Promise<void> {
  for (const [field, path] of [['--output', flags.output] as const, ['--removed', flags.removed] as const])
    if (path !== undefined) refuseOwnInput(field, path, [train, ...flags.against])
  const index = benchmarkIndex(flags.words)
  for (const path of flags.against) await addFile(index, path, flags.againstField)

  const counts: Counts = { rows: 0, kept: 0, removed: 0, bySource: {} }
  const removed: Record<string, unknown>[] = []
  await writeJsonl(flags.output, cleanRows())
  if (flags.removed !== undefined) await writeJsonl(flags.removed, removed)

  async function* cleanRows() {
    for await (const row of readRows(train)) {
      counts.rows++
      const contamination = index.find(
        questionText(row, flags.questionField, 'Name the field with --question-field.'),
      )
      if (contamination === null) {
        counts.kept++
        yield row.value
        continue
      }
      const { source, overlap } = contamination
      const file = source.slice(0, source.lastIndexOf(':'))
      counts.removed++
      counts.bySource[file] = (counts.bySource[file] ?? 0) + 1
      if (flags.removed !== undefined || removed.length < SHOWN)
        removed.push({ place: row.place, benchmark: source, overlap, row: row.value })
    }
  }

  if (flags.json) return printJson({ ...counts, words: flags.words, output: flags.output })
  printLine(`${counts.removed} of ${counts.rows} rows share ${flags.words} words in a row with a benchmark.`)
  for (const [file, count] of Object.entries(counts.bySource)) printLine(`  ${file}: ${count}`)
  for (const { place, benchmark, overlap } of removed.slice(0, SHOWN))
    printLine(`  ${String(place)} has "${String(overlap)}" of ${String(benchmark)}`)
  if (counts.removed > SHOWN)
    printLine(
      `  and ${counts.removed - SHOWN} more${flags.removed === undefined ? '; --removed <file> lists all' : ''}`,
    )
  printLine(`${counts.kept} rows written to ${flags.output}`)
}

async function addFile(index: BenchmarkIndex, path: string, field: string | undefined): Promise<void> {
  for await (const row of readRows(path))
    index.add(row.place, questionText(row, field, 'Name the field with --against-field.'))
}
