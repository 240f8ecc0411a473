/** `r1 runs [folder]`: the runs in a folder, how far they came and how well they did. */
import { existsSync } from 'node:fs'
import { Command } from 'commander'
import { ConfigError, UserError } from '../errors.ts'
import { measuresOf } from '../measures/measures.ts'
import { findRuns, readRunSummary, runName } from '../report/run-summary.ts'
import type { Column } from '../report/tables.ts'
import type { RunStatus } from '../run/folder.ts'
import { printJson, printNote, printTable } from './output.ts'
import { type Colour, paint } from './terminal.ts'

export interface RunRow {
  run: string
  recipe: string | null
  status: RunStatus
  seed: number | null
  step: number | null
  /** Of the last step's training responses. */
  accuracy: number | null
  /** Of the last evaluation on held-out questions. */
  pass1: number | null
  meanTokens: number | null
  created: string | null
  /** What is wrong with a broken run. */
  problem?: string
}

export function runsCommand(): Command {
  return new Command('runs')
    .description('List runs: recipe, status, step, last accuracy and length.')
    .argument('[folder]', 'a folder of runs, or one run', 'runs')
    .option('--json', 'print one JSON array')
    .addHelpText('after', '\nExamples:\n  r1 runs\n  r1 runs experiments --json')
    .action(async (folder: string, { json }: { json?: boolean }) => {
      if (!existsSync(folder) && folder !== 'runs')
        throw new ConfigError('there is no such folder.', {
          field: folder,
          remedy: 'List the default one with: r1 runs',
        })
      const rows = await Promise.all(findRuns(folder).map(runRow))
      if (json) return printJson(rows)
      if (rows.length === 0) return printNote(`No runs in ${folder}. Start one with: r1 train r1-zero`)
      printTable(
        COLUMNS,
        rows.map((row) => cells(runName(folder, row.run), row)),
        { paint: (text, _, column) => paintStatus(text, column) },
      )
      for (const { problem } of rows) if (problem !== undefined) printNote(problem)
    })
}

export async function runRow(folder: string): Promise<RunRow> {
  try {
    const { info, status, steps, evaluations } = await readRunSummary(folder)
    const last = steps.at(-1)
    return {
      run: folder,
      recipe: info.recipe,
      status,
      seed: info.seed,
      step: last?.step ?? null,
      accuracy: last?.accuracy ?? null,
      pass1: evaluations.at(-1)?.pass1 ?? null,
      meanTokens: last?.meanTokens ?? null,
      created: info.created,
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    const unknown = {
      recipe: null,
      seed: null,
      step: null,
      accuracy: null,
      pass1: null,
      meanTokens: null,
      created: null,
    }
    return { run: folder, ...unknown, status: 'broken', problem: error.message }
  }
}

const FIGURES = measuresOf(['accuracy', 'pass1', 'meanTokens'])
/** Narrow terminals keep the run, its status, its step and its held-out accuracy. */
const DROPPED: Record<string, number> = { meanTokens: 4, accuracy: 5 }
const COLUMNS: Column[] = [
  { name: 'run' },
  { name: 'recipe', drop: 3 },
  { name: 'status' },
  { name: 'seed', align: 'right', drop: 2 },
  { name: 'step', align: 'right' },
  ...FIGURES.map(
    ({ key, short, label }): Column => ({
      name: short ?? label,
      align: 'right',
      ...(DROPPED[key] !== undefined && { drop: DROPPED[key] }),
    }),
  ),
  { name: 'started', drop: 1 },
]

const COLOURS: Partial<Record<string, Colour>> = { running: 'yellow', finished: 'green', broken: 'red' }

function paintStatus(text: string, column: string): string {
  const colour = column === 'status' ? COLOURS[text.trim()] : undefined
  return colour === undefined ? text : paint(colour, text)
}

function cells(name: string, row: RunRow): string[] {
  const { recipe, status, seed, step, created } = row
  const show = (value: number | null, format: (value: number) => string) =>
    value === null ? '–' : format(value)
  return [
    name,
    recipe ?? '–',
    status,
    show(seed, String),
    show(step, String),
    ...FIGURES.map(({ key, format }) => show(row[key as 'pass1'], format)),
    created?.slice(0, 16).replace('T', ' ') ?? '–',
  ]
}
