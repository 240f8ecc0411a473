/** The paper in miniature as one page: claims with verdicts, the stage table, data, students, transcripts. Reads files only. */
import { basename, join } from 'node:path'
import { formatDuration, meanAndSpread } from '../measures/format.ts'
import { measuresOf } from '../measures/measures.ts'
import { readFinished } from '../run/folder.ts'
import { type JudgedClaim, judgeClaims, type SeedStages } from './claims.ts'
import { findRuns, readResults, readRunSummary } from './run-summary.ts'
import { stageBars } from './stage-bars.ts'
import {
  ATTEMPT_COLUMNS,
  dataTable,
  modelTable,
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
  const stages = modelTable(pipelines, R1_COLUMNS)
  const distilled = modelTable(pipelines, students)
  const attempted = modelTable(pipelines, ATTEMPT_COLUMNS)
  const transcripts = await modelTranscripts(pipelines[0]!)
  const data = ['cold-start', 'data', 'teacher-data'].flatMap((stage) => {
    const table = dataTable(pipelines[0]!, stage)
    return table === undefined ? [] : [`### ${stage}`, markdownTable(table.columns, table.rows)]
  })
  const several = pipelines.length > 1
  const markdown = [
    '# The paper in miniature',
    `Every claim of the paper that fits in a model of two million parameters, measured${several ? ` with ${pipelines.length} seeds; mean ± sample standard deviation` : ' with one seed'}. What fails is
reported as failing. ${progress(pipelines, seeds)}`,
    '## Claims',
    markdownTable(CLAIM_COLUMNS, claims.map(claimRow)),
    '## Stages',
    `![The models of the pipeline side by side](${FIGURE})`,
    markdownTable(stages.columns, stages.rows),
    ...(distilled.rows.length === 0 ? [] : ['## Students', markdownTable(distilled.columns, distilled.rows)]),
    ...(attempted.rows.length === 0
      ? []
      : ['## Tried and dropped', ATTEMPTS, markdownTable(attempted.columns, attempted.rows)]),
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
  return { markdown: `${markdown}\n`, figures: { [FIGURE]: stageBars(pipelines, R1_COLUMNS) } }
}

async function seedStages(pipeline: string): Promise<SeedStages> {
  const summaries = await Promise.all(findRuns(pipeline).map(readRunSummary))
  const finished = summaries.filter(
    (summary) => summary.folder !== pipeline && summary.finished !== undefined,
  )
  return Object.fromEntries(finished.map((summary) => [basename(summary.folder), summary]))
}

const claimRow = ({ claim, paper, measured, verdict }: JudgedClaim) => [claim, paper, measured, verdict]

function progress(pipelines: readonly string[], seeds: readonly SeedStages[]): string {
  const unfinished = pipelines.filter((pipeline) => readFinished(pipeline) === undefined)
  if (unfinished.length > 0)
    return `Not finished: ${unfinished.map((pipeline) => basename(pipeline)).join(', ')}. Figures are of the seeds that have the stages; verdicts count them.`
  const seconds = seeds.map((stages) =>
    Object.values(stages).reduce((sum, { finished }) => sum + Number(finished?.seconds ?? 0), 0),
  )
  return `One seed took ${formatDuration(meanAndSpread(seconds).mean)}.`
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
