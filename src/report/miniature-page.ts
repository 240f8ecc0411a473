/** The paper in miniature as one page: claims with verdicts, the stage table, data, students, transcripts. Reads files only. */
import { basename, join } from 'node:path'
import { formatDuration, meanAndSpread } from '../measures/format.ts'
import { measuresOf } from '../measures/measures.ts'
import { readFinished, readRunInfo } from '../run/folder.ts'
import { commitOf } from '../run/provenance.ts'
import type { SeedStages } from './claim.ts'
import { type JudgedClaim, judgeClaims } from './claims.ts'
import { findRuns, readQuestionFigures, readResults, readRunSummary } from './run-summary.ts'
import { stageBars } from './stage-bars.ts'
import {
  ATTEMPT_COLUMNS,
  dataTable,
  modelIntervals,
  modelTranscripts,
  R1_COLUMNS,
  type StageColumn,
} from './stage-report.ts'
import { type Column, markdownTable, stageTable } from './tables.ts'
import { markdownTranscript } from './transcript.ts'

export interface MiniaturePage {
  markdown: string
  /** Figure files by name, to stand beside the page. */
  figures: Record<string, string>
}

const FIGURE = 'paper-in-miniature-stages.svg'
const ATTEMPTS = `On the base model. Tokens are all that were drawn for a question; the models that judge steps have read them once
more.`
const INTERVALS = `± is half of a 95 % interval. Where each question's figure is known it covers seeds and questions, else seeds alone (tokens, words,
mixing, cons@k, what is measured in training). A difference is of the questions that both models answered, question by question; a claim
whose interval reaches over its threshold holds "within chance".`
const SECOND = `Measured once, last. No base, preset or claim was chosen by these questions.`
const CLAIM_COLUMNS: Column[] = [
  { name: 'claim' },
  { name: 'the paper' },
  { name: 'measured here' },
  { name: 'verdict' },
]

/** `pipelines` are the folders of the seeds, `students` the columns of the distilled models. */
export async function miniaturePage(
  pipelines: readonly string[],
  students: readonly StageColumn[],
  commands: readonly string[],
): Promise<MiniaturePage> {
  const seeds = await Promise.all(pipelines.map(seedStages))
  const claims = judgeClaims(seeds)
  const stages = modelIntervals(pipelines, R1_COLUMNS)
  const distilled = modelIntervals(pipelines, students)
  const attempted = modelIntervals(pipelines, ATTEMPT_COLUMNS)
  const second = modelIntervals(pipelines, secondColumns([...R1_COLUMNS, ...students]))
  const transcripts = await modelTranscripts(pipelines[0]!)
  const data = ['cold-start', 'data', 'teacher-data'].flatMap((stage) => {
    const table = dataTable(pipelines[0]!, stage)
    return table === undefined ? [] : [`### ${stage}`, markdownTable(table.columns, table.rows)]
  })
  const several = pipelines.length > 1
  const markdown = [
    '# The paper in miniature',
    `Every claim of the paper that fits in a model of two million parameters, measured with ${several ? `${pipelines.length} seeds` : 'one seed'}. What fails is
reported as failing. ${progress(pipelines, seeds)}`,
    INTERVALS,
    settled(pipelines),
    '## Claims',
    markdownTable(CLAIM_COLUMNS, claims.map(claimRow)),
    '## Stages',
    `![The models of the pipeline side by side](${FIGURE})`,
    markdownTable(stages.columns, stages.rows),
    ...(distilled.rows.length === 0 ? [] : ['## Students', markdownTable(distilled.columns, distilled.rows)]),
    ...(attempted.rows.length === 0
      ? []
      : ['## Tried and dropped', ATTEMPTS, markdownTable(attempted.columns, attempted.rows)]),
    ...(second.rows.length === 0
      ? []
      : ['## A second held-out set', SECOND, markdownTable(second.columns, second.rows)]),
    '## Reward models',
    rewardTable(pipelines),
    '## Data',
    `Of the first seed (${basename(pipelines[0]!)}).`,
    ...data,
    '## The same question to each model',
    ...transcripts.map(markdownTranscript),
    '## Made by',
    `\`\`\`\n${commands.join('\n')}\n\`\`\``,
  ].join('\n\n')
  return {
    markdown: `${markdown}\n`,
    figures: { [FIGURE]: stageBars(pipelines, figureColumns(students)) },
  }
}

/** The base, R1-Zero, R1 and the last distilled student. */
const figureColumns = (students: readonly StageColumn[]): StageColumn[] => [
  ...R1_COLUMNS.filter(({ name }) => !name.startsWith('Dev')),
  ...students.filter(({ stage }) => stage.endsWith('-distilled')).slice(-1),
]

/** The same models as `second-held-out` measured them, each result called after its stage. */
const secondColumns = (columns: readonly StageColumn[]): StageColumn[] =>
  columns
    .filter(({ stage, result }) => result !== 'base' || stage === 'zero')
    .map(({ name, stage, result }) => ({
      name,
      stage: 'second-held-out',
      result: result === 'base' ? 'base' : stage,
    }))

/** When the claims were put as they are, and what made the runs. */
function settled(pipelines: readonly string[]): string {
  const claims = commitOf('docs/claims.md')
  const made = pipelines.map((pipeline) => readRunInfo(pipeline).made)
  const unique = (values: readonly (string | undefined)[]) => [
    ...new Set(values.map((value) => value ?? 'not recorded')),
  ]
  return [
    `Claims: docs/claims.md${claims === undefined ? '' : `, commit ${claims}`}.`,
    `Runs: commit ${unique(made.map((run) => run?.commit)).join(', ')}; ${unique(made.map((run) => run?.machine)).join('; ')}.`,
  ].join('\n')
}

async function seedStages(pipeline: string): Promise<SeedStages> {
  const summaries = await Promise.all(findRuns(pipeline).map(readRunSummary))
  const finished = summaries.filter(
    (summary) => summary.folder !== pipeline && summary.finished !== undefined,
  )
  return Object.fromEntries(
    finished.map((summary) => {
      const { folder, results } = summary
      const questions = Object.keys(results).flatMap((result) => {
        const figures = readQuestionFigures(folder, result)
        return figures === undefined ? [] : [[result, figures] as const]
      })
      return [basename(folder), { ...summary, questions: Object.fromEntries(questions) }]
    }),
  )
}

const claimRow = ({ claim, paper, measured, verdict }: JudgedClaim) => [claim, paper, measured, verdict]

function progress(pipelines: readonly string[], seeds: readonly SeedStages[]): string {
  const unfinished = pipelines.filter((pipeline) => readFinished(pipeline) === undefined)
  if (unfinished.length > 0)
    return `Not finished: ${unfinished.map((pipeline) => basename(pipeline)).join(', ')}. Figures are of the seeds that have the stages; verdicts count them.`
  const seconds = seeds.map((stages) =>
    Object.values(stages).reduce((sum, { finished }) => sum + Number(finished?.seconds ?? 0), 0),
  )
  return `One seed took ${formatDuration(meanAndSpread(seconds).mean)}, all stages together.`
}

const REWARD_MEASURES = measuresOf(['accuracy', 'lengthAccuracy', 'oneSided', 'calibrationError'])

function rewardTable(pipelines: readonly string[]): string {
  const stages = { helpful: 'helpful-rm', safety: 'safety-rm', process: 'process-rm', value: 'value-model' }
  const models = Object.entries(stages).flatMap(([name, stage]) => {
    const results = pipelines
      .map((pipeline) => readResults(join(pipeline, stage))['held-out'])
      .filter((figures) => figures !== undefined)
    return results.length === 0 ? [] : [{ name, results }]
  })
  const { columns, rows } = stageTable(models, REWARD_MEASURES)
  return markdownTable(columns, rows)
}
