/**
 * An evaluation with its files: reads the benchmark's data, resumes from cached responses, and leaves in the folder
 * `<benchmark>.<model>.json` and `.md` (the result), `.graded.jsonl` (each question with its pass rate and verdicts) and, for
 * benchmarks scored elsewhere, `.predictions.jsonl`. The cache is in `responses/`.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { writeJsonl } from '../disk/jsonl.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { DataError } from '../errors.ts'
import { JUDGE_SAMPLING, type Judge, type JudgeOptions, openJudge } from '../responders/judge.ts'
import type { Responder } from '../responders/responder.ts'
import { openResponseCache, type ResponseCache } from '../responders/response-cache.ts'
import { type FileRow, readRows } from '../tasks/file-rows.ts'
import type { Question, QuestionSet } from '../tasks/task.ts'
import { type Benchmark, type BenchmarkSettings, type LoadOptions, needsJudge } from './benchmark.ts'
import { dataFolder } from './data-folder.ts'
import { evaluateResponder, type Progress } from './evaluate.ts'
import type { PaperModel } from './paper-figures.ts'
import { type GradedQuestion, pass1 } from './protocol.ts'
import { type EvaluationResult, evaluationResult, resultMarkdown } from './result.ts'

export interface EvaluationRun {
  benchmark: Benchmark
  /** null for a benchmark that makes its own questions. */
  dataFile: string | null
  fields?: Omit<LoadOptions, 'seed'>
  /** At most this many questions, the first ones. */
  limit: number | null
  responder: Responder
  settings: BenchmarkSettings
  instruction?: string | undefined
  seed: number
  folder: string
  /** The paper's models in the Markdown table. */
  compare: readonly PaperModel[]
  /** Who judges the benchmarks that no rule can. */
  judge?: Pick<JudgeOptions, 'responder' | 'concurrency'> | undefined
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

export async function runEvaluation(
  run: EvaluationRun,
): Promise<{ result: EvaluationResult; files: string[] }> {
  const { benchmark, dataFile, limit, responder, settings, seed, folder, onProgress, signal } = run
  if (benchmark.verify === needsJudge.verify && run.judge === undefined) needsJudge.verify()
  const { temperature, topP, maxTokens } = settings
  const whole = await loadQuestionSet(benchmark, dataFile, { ...run.fields, seed })
  const questions = whole.questions.slice(0, limit ?? undefined)
  const dataHash = dataFile === null ? whole.questions.map(({ id }) => id).join() : await fileHash(dataFile)
  const cache = await openResponseCache(join(folder, 'responses'), {
    benchmark: benchmark.name,
    dataHash,
    model: responder.name,
    version: responder.version,
    sampling: { temperature, topP, maxTokens },
    seed,
  })
  const judging = await openJudging(run, dataHash)
  try {
    const evaluation = await evaluateResponder({
      set: { ...whole, questions, ...(judging && { verify: benchmark.judged!(judging.judge) }) },
      responder,
      settings,
      instruction: run.instruction,
      seed,
      cache,
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    })
    const own = (await benchmark.extraFigures?.(evaluation.graded, { questions, seed, readData })) ?? {}
    const extra = judging
      ? { ...own, notes: [...(own.notes ?? []), `Judged by ${judging.judge.name}.`] }
      : own
    const result = {
      ...evaluationResult(benchmark, responder.name, { ...evaluation, extra }, { ...settings, seed, limit }),
      responsesFile: basename(cache.path),
    }
    const base = join(folder, `${benchmark.name}.${slug(responder.name)}`)
    await replaceFile(`${base}.json`, `${JSON.stringify(result, null, 2)}\n`)
    await replaceFile(`${base}.md`, resultMarkdown(result, run.compare))
    await writeJsonl(`${base}.graded.jsonl`, gradedRows(questions, evaluation.graded))
    const files = [`${base}.json`, `${base}.md`, `${base}.graded.jsonl`]
    if (benchmark.predictions !== undefined) {
      await writeJsonl(
        `${base}.predictions.jsonl`,
        benchmark.predictions(evaluation.graded, slug(responder.name)),
      )
      files.push(`${base}.predictions.jsonl`)
    }
    return { result, files }
  } finally {
    cache.close()
    judging?.cache.close()
  }
}

async function openJudging(
  { benchmark, judge, seed, folder, signal }: EvaluationRun,
  dataHash: string,
): Promise<{ judge: Judge; cache: ResponseCache } | undefined> {
  if (benchmark.judged === undefined || judge === undefined) return undefined
  const { name, version } = judge.responder
  const cache = await openResponseCache(join(folder, 'responses'), {
    benchmark: `${benchmark.name}.judge`,
    dataHash,
    model: name,
    version,
    sampling: JUDGE_SAMPLING,
    seed,
  })
  return { cache, judge: openJudge({ ...judge, cache, seed, signal }) }
}

/** Throws a DataError for a file without questions. */
export async function loadQuestionSet(
  benchmark: Benchmark,
  dataFile: string | null,
  options: LoadOptions,
): Promise<QuestionSet> {
  const questions = await benchmark.load(dataFile === null ? noRows() : readRows(dataFile), options)
  if (questions.length === 0)
    throw new DataError('no questions in this file.', { field: dataFile ?? benchmark.name })
  const { name, prompt, verify, equivalent, seededBy } = benchmark
  return {
    name,
    questions,
    verify,
    ...(prompt && { prompt }),
    ...(seededBy && { seededBy }),
    ...(equivalent !== undefined && { equivalent }),
  }
}

async function* noRows(): AsyncGenerator<FileRow> {}

function readData(file: string): AsyncIterable<FileRow> | null {
  const folder = dataFolder()
  const path = folder === null ? null : join(folder, file)
  return path !== null && existsSync(path) ? readRows(path) : null
}

/** `graded` is in the questions' order. */
function gradedRows(questions: readonly Question[], graded: readonly GradedQuestion[]) {
  return graded.map(({ id, samples }, i) => {
    const { prompt, answer } = questions[i]!
    return { id, prompt, answer, passRate: samples.length === 0 ? null : pass1(samples), samples }
  })
}

async function fileHash(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer)
  return hash.digest('hex')
}

/** A name fit for a file: letters, digits, dots and dashes. */
function slug(name: string): string {
  return name
    .replaceAll(/https?:\/\//g, '')
    .replaceAll(/[^\p{L}\p{N}.]+/gu, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '')
    .slice(0, 100)
}
