/** `r1 filter`: keeps the training rows that a model solves sometimes; the others teach GRPO nothing (R1 §2.2.1). */
import { Command } from 'commander'
import { writeJsonl } from '../disk/jsonl.ts'
import { ConfigError } from '../errors.ts'
import { rowId } from '../tasks/field-mapping.ts'
import { readRows } from '../tasks/file-rows.ts'
import { readPassRates, selectByPassRate } from '../tasks/pass-rate.ts'
import { numberFrom } from './config-flags.ts'
import { printJson, printLine } from './output.ts'
import { refuseOwnInput } from './own-input.ts'

interface FilterFlags {
  passRates: string
  low: number
  high: number
  output: string
  json?: boolean
}

export function filterCommand(): Command {
  return new Command('filter')
    .description(
      'Keep the training rows that a model solves sometimes, by the pass rates that r1 eval measured',
    )
    .argument('<train>', 'training file: .jsonl, .json, .parquet or .csv')
    .requiredOption('--pass-rates <file>', 'the .graded.jsonl that r1 eval wrote for that file')
    .requiredOption('-o, --output <file>', 'where the kept rows go, as JSONL')
    .option('--low <rate>', 'lowest pass rate to keep, 0 to 1', numberFrom(0, 1), 0.1)
    .option('--high <rate>', 'highest pass rate to keep, 0 to 1', numberFrom(0, 1), 0.9)
    .option('--json', 'print one JSON object on stdout')
    .addHelpText(
      'after',
      `
Rows are matched by their id, or by their line where they have none.

Examples:
  r1 eval models/pocket-base --benchmark train.jsonl --samples 16
  r1 filter train.jsonl --pass-rates evaluations/train.pocket-base.graded.jsonl -o sometimes.jsonl
  r1 filter train.jsonl --pass-rates graded.jsonl --low 0.2 --high 0.8 -o sometimes.jsonl`,
    )
    .action(filter)
}

async function filter(train: string, flags: FilterFlags): Promise<void> {
  const { passRates, low, high, output } = flags
  refuseOwnInput('--output', output, [train, passRates])
  if (low > high)
    throw new ConfigError('is below --low.', {
      field: '--high',
      value: high,
      expected: `at least ${low}`,
    })
  const rates = await readPassRates(passRates)
  const rows: { id: string; value: Record<string, unknown> }[] = []
  for await (const row of readRows(train)) rows.push({ id: rowId(row), value: row.value })
  const { kept, tooHard, tooEasy, unknown } = selectByPassRate(rows, rates, { low, high })
  if (unknown.length === rows.length)
    throw new ConfigError('none of the rows has a pass rate there.', {
      field: '--pass-rates',
      value: passRates,
      remedy: `Measure them first: r1 eval <model> --benchmark ${train}.`,
    })
  await writeJsonl(
    output,
    kept.map(({ value }) => value),
  )
  const counts = {
    rows: rows.length,
    kept: kept.length,
    tooHard: tooHard.length,
    tooEasy: tooEasy.length,
    unknown: unknown.length,
  }
  if (flags.json) return printJson({ ...counts, low, high, output })
  printLine(`${counts.kept} of ${counts.rows} rows written to ${output}`)
  printLine(
    `left out: ${counts.tooHard} solved less often than ${low}, ${counts.tooEasy} more often than ${high}, ${counts.unknown} not measured`,
  )
}
