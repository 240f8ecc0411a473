/** `r1 diff <run> <run>`: how two runs differ. */
import { Command } from 'commander'
import { measureOf } from '../measures/measures.ts'
import { type Figure, runDiff } from '../report/run-diff.ts'
import { readRunSummary } from '../report/run-summary.ts'
import { printJson, printLine, printTable } from './output.ts'

export function diffCommand(): Command {
  return new Command('diff')
    .description(
      'Compare two runs: settings, the first step that differs, and held-out figures with their 95 % intervals.',
    )
    .argument('<a>', "a run's folder")
    .argument('<b>', "another run's folder")
    .option('--json', 'print one JSON object')
    .addHelpText('after', '\nExamples:\n  r1 diff runs/one runs/two\n  r1 diff runs/one runs/two --json')
    .action(async (a: string, b: string, { json }: { json?: boolean }) => {
      const [first, second] = [await readRunSummary(a), await readRunSummary(b)]
      const diff = runDiff(first, second)
      if (json) return printJson(diff)
      if (diff.settings.length === 0) printLine('All settings are the same.')
      else
        printTable(
          [{ name: 'setting' }, { name: a }, { name: b }],
          diff.settings.map(({ path, values }) => [
            path,
            ...values.map((value) => JSON.stringify(value) ?? '–'),
          ]),
        )
      const { firstDifference, commonSteps } = diff
      printLine(
        firstDifference === null
          ? `\nAll ${commonSteps} steps that both have are the same.`
          : `\nFirst different step: ${firstDifference.step} (${firstDifference.keys.map((key) => measureOf(key).label).join(', ')})`,
      )
      if (diff.figures.length === 0) return
      printLine()
      printTable(
        [{ name: 'held-out' }, { name: a, align: 'right' }, { name: b, align: 'right' }],
        diff.figures.map(({ key, values }) => {
          const { label, format } = measureOf(key, samplesOf(first.results.trained ?? second.results.trained))
          return [label, ...values.map((figure) => written(figure, format))]
        }),
      )
    })
}

const samplesOf = (result: Record<string, unknown> | undefined) =>
  typeof result?.samples === 'number' ? result.samples : undefined

function written(figure: Figure | null, format: (value: number) => string): string {
  if (figure === null) return '–'
  const { value, interval } = figure
  return interval === undefined
    ? format(value)
    : `${format(value)} (${format(interval.low)} to ${format(interval.high)})`
}
