/** Several runs of one recipe as one page: means and spread over seeds, decodings side by side, curves with a band. */
import { basename } from 'node:path'
import { formatDuration, formatNumber, meanAndSpread, percent } from '../measures/format.ts'
import { EVALUATION_KEYS, measuresOf, STEP_SECONDS } from '../measures/measures.ts'
import { curvesSvg } from './curves.ts'
import { firstUpdates, type RunSummary } from './run-summary.ts'
import { type Column, markdownTable, stageTable } from './tables.ts'

export interface ResultsPage {
  markdown: string
  /** Figure files by name, to stand beside the page. */
  figures: Record<string, string>
}

/** How the runs answered in evaluations. */
interface Decoding {
  temperature: number
  topP: number
}

/** Of runs that measured their base and their trained model. `commands` are the shell lines that made the runs and the page. */
export function resultsPage(
  title: string,
  runs: readonly RunSummary[],
  commands: readonly string[],
): ResultsPage {
  const result = (name: string): Record<string, unknown>[] =>
    runs.map(({ results }) => results[name]).filter((figures) => figures !== undefined)
  const samples = Number(result('base')[0]?.samples)
  const { columns, rows } = stageTable(
    [
      { name: 'base', results: result('base') },
      { name: 'trained', results: result('trained') },
    ],
    measuresOf(EVALUATION_KEYS, samples),
  )
  const figure = `${title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}.svg`
  const questions = Number(result('base')[0]?.n)
  const first = runs[0]!
  const { temperature, topP } = first.info.config.evaluation as unknown as Decoding
  const decodings = decodingRows(result, { temperature, topP })
  const markdown = [
    `# ${title}`,
    `${runs.length === 1 ? 'Seed' : `${runs.length} seeds:`} ${runs.map(({ info }) => info.seed).join(', ')}; ${first.steps.length} steps; ${questions} held-out problems with ${samples} responses each at
temperature ${temperature} and top-p ${topP}${runs.length === 1 ? '' : '; mean ± sample standard deviation over seeds'}.`,
    `![accuracy and response length over steps](${figure})`,
    markdownTable(columns, rows),
    ...(decodings.length > 1 ? [SHARPENING, markdownTable(DECODING_COLUMNS, decodings)] : []),
    ...reach(result, samples),
    '## Each seed',
    markdownTable(SEED_COLUMNS, seedRows(runs)),
    '## Time',
    markdownTable(TIME_COLUMNS, timeRows(runs)),
    '## Made by',
    madeBy(runs),
    `\`\`\`\n${commands.join('\n')}\n\`\`\``,
  ].join('\n\n')
  return { markdown: `${markdown}\n`, figures: { [figure]: curvesSvg(runs) } }
}

const SHARPENING = `## Sharpening or learning

A lower temperature alone makes a model answer what it holds likeliest. Were the gain no more than that, greedy
decoding would gain nothing.`

const DECODING_COLUMNS: Column[] = [
  { name: 'pass@1' },
  { name: 'base', align: 'right' },
  { name: 'trained', align: 'right' },
  { name: 'gain in points', align: 'right' },
]

function decodingRows(
  result: (name: string) => Record<string, unknown>[],
  { temperature, topP }: Decoding,
): string[][] {
  const decodings = [
    { suffix: '-temperature-1', name: 'temperature 1' },
    { suffix: '', name: `temperature ${temperature}, top-p ${topP}` },
    { suffix: '-greedy', name: 'greedy' },
  ]
  return decodings.flatMap(({ suffix, name }) => {
    const pass1 = (stage: string) => result(stage + suffix).map((figures) => Number(figures.pass1))
    const [before, after] = [pass1('base'), pass1('trained')]
    if (before.length === 0 || before.length !== after.length) return []
    const shown = (values: readonly number[]) => {
      const { mean, spread, n } = meanAndSpread(values)
      return n > 1 ? `${percent(mean)} ± ${percent(spread)}` : percent(mean)
    }
    const gains = after.map((value, i) => 100 * (value - before[i]!))
    const { mean, spread, n } = meanAndSpread(gains)
    return [[name, shown(before), shown(after), mean.toFixed(1) + (n > 1 ? ` ± ${spread.toFixed(1)}` : '')]]
  })
}

/** pass@k before and after: what training taught, and what the base could reach by asking more often. */
function reach(result: (name: string) => Record<string, unknown>[], samples: number): string[] {
  const [base, trained] = ['base', 'trained'].map((name) =>
    result(name).map(({ passAt = {} }) => passAt as Record<string, number>),
  )
  const tries = Object.keys(base?.[0] ?? {}).sort((a, b) => Number(a) - Number(b))
  if (tries.length === 0 || trained?.length !== base?.length) return []
  const shown = (seeds: readonly Record<string, number>[], k: string) => {
    const { mean, spread, n } = meanAndSpread(seeds.map((passAt) => passAt[k] ?? Number.NaN))
    return n > 1 ? `${percent(mean)} ± ${percent(spread)}` : percent(mean)
  }
  const [all, once] = [shown(base!, String(samples)), shown(trained!, '1')]
  return [
    `A base that may try ${samples} times finds a right answer to ${all} of the problems; the trained model needs one try for ${once}. So what is
learned is to find at the first try what the base finds in some of many.`,
    markdownTable(
      [{ name: 'pass@k' }, ...tries.map((k): Column => ({ name: k, align: 'right' }))],
      [
        ['base', ...tries.map((k) => shown(base!, k))],
        ['trained', ...tries.map((k) => shown(trained!, k))],
      ],
    ),
  ]
}

function madeBy(runs: readonly RunSummary[]): string {
  const unique = (values: readonly (string | undefined)[]) =>
    [...new Set(values.map((value) => value ?? 'not recorded'))].join(', ')
  const [commits, machines] = [
    unique(runs.map(({ info }) => info.made?.commit)),
    unique(runs.map(({ info }) => info.made?.machine)),
  ]
  return `Commit ${commits}; ${machines}; ${formatDuration(runs.reduce((sum, { finished }) => sum + Number(finished?.seconds), 0))} in all.`
}

const SEED_COLUMNS: Column[] = [
  { name: 'run' },
  ...['base pass@1', 'trained pass@1', 'base greedy', 'trained greedy', 'base tokens', 'trained tokens'].map(
    (name): Column => ({ name, align: 'right' }),
  ),
]

function seedRows(runs: readonly RunSummary[]): string[][] {
  return runs.map(({ folder, info, results }) => {
    const share = (name: string) => {
      const value = results[name]?.pass1
      return typeof value === 'number' ? percent(value) : '–'
    }
    const tokens = (name: string) => Number(results[name]?.meanTokens).toFixed(0)
    return [
      `${basename(folder)} (seed ${info.seed})`,
      share('base'),
      share('trained'),
      share('base-greedy'),
      share('trained-greedy'),
      tokens('base'),
      tokens('trained'),
    ]
  })
}

const TIME_COLUMNS: Column[] = [
  { name: 'run' },
  ...[
    'all of it',
    'a rollout',
    'sampling',
    'scoring',
    'training',
    'tokens a rollout',
    'sampled a second',
  ].map((name): Column => ({ name, align: 'right' })),
]

/** Means over the rollouts of each run, all updates of each included; evaluations are in the first column alone. */
function timeRows(runs: readonly RunSummary[]): string[][] {
  return runs.map(({ folder, steps, finished }) => {
    const rollouts = firstUpdates(steps)
    const mean = (key: string) => meanAndSpread(rollouts.map((step) => step[key] ?? Number.NaN)).mean
    const parts = STEP_SECONDS.map(
      (key) => steps.reduce((sum, step) => sum + (step[key] ?? Number.NaN), 0) / rollouts.length,
    )
    return [
      basename(folder),
      formatDuration(Number(finished?.seconds)),
      ...[parts.reduce((sum, part) => sum + part), ...parts].map((seconds) => `${formatNumber(seconds)} s`),
      formatNumber(mean('sampledTokens')),
      formatNumber(mean('tokensPerSecond')),
    ]
  })
}
