/**
 * What a pipeline's folder says of its stages: the table of models (R1 v2 Table 3), what data they learned from (R1 §2.3.3),
 * and one question answered by each. Reads files only.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatNumber } from '../measures/format.ts'
import { measureOf } from '../measures/measures.ts'
import { readQuestionFigures, readResults } from './run-summary.ts'
import { firstResponses, spoken } from './run-transcripts.ts'
import { type Column, type Stage, stageTable } from './tables.ts'
import type { Transcript } from './transcript.ts'
import { estimate, seedEstimate, valuesOf } from './uncertainty.ts'

/** A column of the table: `evaluations/<result>.json` of a stage, under the paper's name of that model. */
export interface StageColumn {
  name: string
  stage: string
  result: string
}

/** The paper's models in the order of its table. */
export const R1_COLUMNS: readonly StageColumn[] = [
  { name: 'base', stage: 'zero', result: 'base' },
  { name: 'R1-Zero', stage: 'zero', result: 'trained' },
  { name: 'Dev1', stage: 'dev1', result: 'trained' },
  { name: 'Dev2', stage: 'dev2', result: 'trained' },
  { name: 'Dev3', stage: 'dev3', result: 'trained' },
  { name: 'R1', stage: 'r1', result: 'trained' },
]

/** What the authors tried and dropped (R1 §4.2), each beside the majority of as many responses or tokens. */
export const ATTEMPT_COLUMNS: readonly StageColumn[] = [
  { name: 'one response', stage: 'best-of-n', result: 'one' },
  { name: 'majority', stage: 'best-of-n', result: 'majority' },
  { name: 'best by process reward', stage: 'best-of-n', result: 'best' },
  { name: 'of half as many', stage: 'best-of-n', result: 'best-of-half' },
  { name: 'tree search', stage: 'tree-search', result: 'search' },
  { name: 'majority of as many tokens', stage: 'tree-search', result: 'majority' },
  { name: 'trained by process reward', stage: 'process-reward', result: 'trained' },
]

const MEASURES = [
  'pass1',
  'consK',
  'pass1:pocket-countdown',
  'pass1:pocket-arithmetic',
  'pass1:pocket-equation',
  'meanTokens',
  'reflectionWords',
  'mixedLanguageShare',
  'readable',
  'helpful',
  'safeHarmful',
  'safeHarmless',
  'good',
].map((key) => measureOf(key))

/** Models across, measures down; several pipelines are seeds, and stages that none has are left out. */
export function modelTable(
  pipelines: readonly string[],
  columns: readonly StageColumn[] = R1_COLUMNS,
): { columns: Column[]; rows: string[][] } {
  return stageTable(
    columns.flatMap((column) => stageOf(pipelines, column)),
    MEASURES,
  )
}

/** The same with half the 95 % interval behind each ±: over seeds and questions where each question's figure was kept, else over seeds. */
export function modelIntervals(
  pipelines: readonly string[],
  columns: readonly StageColumn[],
): { columns: Column[]; rows: string[][] } {
  const stages = columns.flatMap((column) =>
    stageOf(pipelines, column).map((stage): Stage => {
      const questions = pipelines.map((pipeline) =>
        readQuestionFigures(join(pipeline, column.stage), column.result),
      )
      const half = (key: string, values: readonly number[]) =>
        (estimate(questions.map((figures) => valuesOf(figures, key))) ?? seedEstimate(values)).half
      return { ...stage, half }
    }),
  )
  return stageTable(stages, MEASURES)
}

function stageOf(pipelines: readonly string[], { name, stage, result }: StageColumn): Stage[] {
  const results = pipelines
    .map((pipeline) => readResults(join(pipeline, stage))[result])
    .filter((figures) => figures !== undefined)
  return results.length === 0 ? [] : [{ name, results, seeds: pipelines.length }]
}

/** What was measured of each model so far, by its name, with the fields of its `evaluations/<result>.json`. */
export const modelFigures = (
  pipeline: string,
  columns: readonly StageColumn[],
): Record<string, Record<string, unknown>> =>
  Object.fromEntries(
    columns.flatMap(({ name, stage, result }) => {
      const figures = readResults(join(pipeline, stage))[result]
      return figures === undefined ? [] : [[name, figures]]
    }),
  )

const DATA_COLUMNS: Column[] = [
  { name: 'domain' },
  ...['questions', 'sampled', 'refused', 'surplus', 'examples', 'mean tokens'].map(
    (name): Column => ({ name, align: 'right' }),
  ),
]

interface DomainCounts {
  questions?: number
  sampled?: number
  refused?: Record<string, number>
  surplus?: number
  rows: number
  meanTokens: number
}

/** What stayed of the responses that `stage` sampled, why the others did not, and what the data are in all (R1 v2 SB.3.3). */
export function dataTable(
  pipeline: string,
  stage: string,
): { columns: Column[]; rows: string[][] } | undefined {
  const path = join(pipeline, stage, 'counts.json')
  if (!existsSync(path)) return undefined
  const counts = JSON.parse(readFileSync(path, 'utf8')) as Record<string, DomainCounts>
  const domains = Object.entries(counts)
  return {
    columns: DATA_COLUMNS,
    rows: [...domains, ['total', total(Object.values(counts))] as const].map(dataRow),
  }
}

function dataRow([domain, { refused = {}, ...counted }]: readonly [string, DomainCounts]): string[] {
  const whole = (value: number | undefined) => (value === undefined ? '–' : formatNumber(value, 9))
  return [
    domain,
    whole(counted.questions),
    whole(counted.sampled),
    Object.entries(refused)
      .map(([reason, n]) => `${whole(n)} ${reason}`)
      .join(', ') || '–',
    whole(counted.surplus),
    whole(counted.rows),
    counted.rows === 0 ? '–' : formatNumber(counted.meanTokens),
  ]
}

function total(domains: readonly DomainCounts[]): DomainCounts {
  const sum = (count: (counts: DomainCounts) => number) =>
    domains.reduce((all, counts) => all + count(counts), 0)
  const reasons = [...new Set(domains.flatMap(({ refused = {} }) => Object.keys(refused)))]
  const rows = sum((counts) => counts.rows)
  return {
    questions: sum(({ questions = 0 }) => questions),
    sampled: sum(({ sampled = 0 }) => sampled),
    refused: Object.fromEntries(
      reasons.map((reason) => [reason, sum(({ refused = {} }) => refused[reason] ?? 0)]),
    ),
    surplus: sum(({ surplus = 0 }) => surplus),
    rows,
    // A domain without a row has no mean.
    meanTokens: sum((counts) => (counts.rows === 0 ? 0 : counts.rows * counts.meanTokens)) / rows,
  }
}

/** The first response of each model to the first question of each family. */
export async function modelTranscripts(
  pipeline: string,
  columns: readonly StageColumn[] = R1_COLUMNS,
): Promise<Transcript[]> {
  const models = await Promise.all(
    columns.map(async ({ name, stage, result }) => ({
      name,
      first: await firstResponses(join(pipeline, stage), result),
    })),
  )
  const asked = [...(models.find(({ first }) => first.size > 0)?.first.values() ?? [])]
  const family = (id: string) => id.split('/')[0]
  return asked
    .filter(
      ({ question }, i) => asked.findIndex((other) => family(other.question) === family(question)) === i,
    )
    .map(({ question, prompt, answer }) => ({
      question: prompt,
      answer,
      responses: models.flatMap(({ name, first }) => {
        const response = first.get(question)
        return response === undefined ? [] : [spoken(name, response)]
      }),
    }))
}
