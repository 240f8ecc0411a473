/** `r1 eval`: one benchmark on one model, local or behind an OpenAI-compatible server, with the paper's protocol. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { keyIn, serviceKey } from '../engine/api-key.ts'
import { RETRY_POLICY } from '../engine/openai/retry.ts'
import { ConfigError, DataError } from '../errors.ts'
import type { Benchmark, BenchmarkSettings } from '../evaluation/benchmark.ts'
import { BENCHMARKS, findBenchmark } from '../evaluation/benchmark-index.ts'
import { findDataFile } from '../evaluation/data-folder.ts'
import type { Progress as EvaluationProgress } from '../evaluation/evaluate.ts'
import { localResponder } from '../evaluation/local-responder.ts'
import { FIGURE_1_MODELS, PAPER_MODELS, type PaperModel, type PaperRow } from '../evaluation/paper-figures.ts'
import { type EvaluationResult, figureRows, paperColumns } from '../evaluation/result.ts'
import { type EvaluationRun, runEvaluation } from '../evaluation/run-evaluation.ts'
import { percent } from '../measures/format.ts'
import { drawFigure } from '../report/evaluation-figure.ts'
import { checkEndpoint } from '../responders/check-endpoint.ts'
import { endpointResponder } from '../responders/endpoint-responder.ts'
import type { Responder } from '../responders/responder.ts'
import { readRunInfo, runStatus } from '../run/folder.ts'
import { listenForStop } from '../run/stop.ts'
import { QUESTION_KINDS, type RowMapping } from '../tasks/file-kinds.ts'
import type { QuestionKind } from '../tasks/task.ts'
import { numberFrom, positiveNumber, wholeNumber } from './config-flags.ts'
import { printJson, printLine, printNote, printTable } from './output.ts'
import { type Progress, startProgress } from './progress.ts'
import { type WeightsFlag, weightsOption } from './weights-flag.ts'

interface EvalFlags extends WeightsFlag {
  benchmark: string
  data?: string
  questionField?: string
  answerField?: string
  kind?: QuestionKind
  samples?: number
  limit?: number
  temperature?: number
  topP?: number
  maxTokens?: number
  instruction?: string
  seed: number
  output: string
  json?: boolean
  compare: PaperModel[]
  endpoint?: string
  apiModel?: string
  apiKeyEnv?: string
  concurrency: number
  timeout: number
  retries: number
  reasoningModel?: boolean
  judgeEndpoint?: string
  judgeModel?: string
  judgeKeyEnv?: string
}

export function evalCommand(): Command {
  return new Command('eval')
    .description("Measure a model on one of the paper's benchmarks, or on a file of your own")
    .argument('[model]', 'a run, a model folder, folder@http://host:port/v1, or nothing with --endpoint')
    .requiredOption(
      '-b, --benchmark <name|file>',
      `a data file, or one of ${BENCHMARKS.map(({ name }) => name).join(', ')}`,
    )
    .option('--data <file>', "the benchmark's data file, if it is not in the data folder (R1_DATA)")
    .option('--question-field <name>', 'the field of a data file that holds the question')
    .option('--answer-field <name>', 'the field of a data file that holds the answer')
    .addOption(
      new Option('--kind <kind>', "kind of a data file's rows, if their fields do not show it").choices(
        QUESTION_KINDS,
      ),
    )
    .option('-k, --samples <k>', "responses a question (the benchmark's own k)", positiveNumber)
    .option('--limit <n>', 'only the first n questions', positiveNumber)
    .option('--temperature <t>', 'sampling temperature (0.6)', numberFrom(0, 10))
    .option('--top-p <p>', 'nucleus of the sampling distribution (0.95)', numberFrom(0, 1))
    .option('--max-tokens <n>', 'length limit of a response (32768)', positiveNumber)
    .option(
      '--instruction <text>',
      "what follows a question of mathematics: in place of the paper's words, or of the run's own",
    )
    .option('--seed <n>', 'seed of sampling, option order and intervals', wholeNumber, 0)
    .addOption(weightsOption())
    .option('-o, --output <folder>', 'where results and cached responses go', 'evaluations')
    .option('--json', 'print one JSON object on stdout')
    .addOption(
      new Option('--compare <model...>', "the paper's models to compare with")
        .choices([...PAPER_MODELS])
        .default([...FIGURE_1_MODELS]),
    )
    .option('--endpoint <url>', 'an OpenAI-compatible server, e.g. http://127.0.0.1:8000/v1')
    .option('--api-model <name>', 'the name of the model at that server')
    .option(
      '--api-key-env <variable>',
      'environment variable with the key of that server; OPENAI_API_KEY goes to the host of OPENAI_BASE_URL alone',
    )
    .option('--concurrency <n>', 'requests to the server at the same time', positiveNumber, 16)
    .option(
      '--timeout <seconds>',
      'seconds without a byte after which a request counts as lost, at most 300',
      numberFrom(0.1, 300),
      300,
    )
    .option('--retries <n>', 'how often a failed request is sent again', wholeNumber, 8)
    .option('--reasoning-model', 'for hosted models that take max_completion_tokens and no sampling settings')
    .option('--judge-endpoint <url>', 'an OpenAI-compatible server that judges what no rule can')
    .option('--judge-model <name>', 'the name of the judging model there')
    .option('--judge-key-env <variable>', "environment variable with that server's key")
    .addHelpText(
      'after',
      `
Examples:
  r1 eval runs/one --benchmark problems.jsonl --samples 16 --json
  r1 eval pocket-base --benchmark pocket-countdown --limit 100
  r1 eval --endpoint http://127.0.0.1:8000/v1 --api-model my-model --benchmark aime-2024`,
    )
    .action(runEval)
}

async function runEval(model: string | undefined, flags: EvalFlags): Promise<void> {
  const { benchmark, dataFile } = findBenchmark(flags.benchmark)
  const data = dataFile === undefined ? findDataFile(benchmark, flags.data) : ownFile(dataFile, flags.data)
  const folder = resolve(flags.output)
  const judge = await openJudgeServer(flags)
  const asked = askedInTraining(model)
  const responder = await openTarget(model, flags)
  const stop = listenForStop('Stopping. What was answered is kept.')
  const progress = evaluationProgress(benchmark.title)
  try {
    const { result, files } = await runEvaluation({
      benchmark,
      dataFile: data,
      fields: { ...asked.fields, ...given(flags) },
      limit: flags.limit ?? null,
      responder,
      settings: settingsOf(benchmark, flags),
      instruction: flags.instruction ?? asked.instruction,
      seed: flags.seed,
      folder,
      compare: flags.compare,
      judge,
      onProgress: progress.update,
      signal: stop.signal,
    })
    progress.stop()
    const figure = await drawFigure(folder, flags.compare)
    if (flags.json) printJson(result)
    else printResult(result, flags.compare, figure === null ? files : [...files, figure])
    if (result.failed > 0) {
      printNote(
        `${result.failed} of ${result.failed + result.responses} responses could not be had (the first: ${result.firstFailure}). The same command asks for them again.`,
      )
      process.exitCode = 1
    }
  } finally {
    progress.stop()
    stop.close()
    await responder.close?.()
  }
}

const given = ({ questionField, answerField, kind }: EvalFlags): RowMapping => ({
  ...(questionField !== undefined && { questionField }),
  ...(answerField !== undefined && { answerField }),
  ...(kind !== undefined && { kind }),
})

const askedSchema = z
  .object({
    instruction: z.string(),
    questionField: z.string().nullable(),
    answerField: z.string().nullable(),
    kind: z.enum(QUESTION_KINDS).nullable(),
  })
  .partial()

/** How a run was asked: its own words behind a question of mathematics, and how it read the rows of files. */
function askedInTraining(model = ''): { instruction?: string | undefined; fields: RowMapping } {
  const folder = model.replace(/@https?:\/\/.*$/, '')
  if (folder === '' || runStatus(folder) === 'broken') return { fields: {} }
  const { instruction, ...fields } = askedSchema.safeParse(readRunInfo(folder).config).data ?? {}
  const named = Object.entries(fields).filter(([, value]) => value !== null)
  return { instruction, fields: Object.fromEntries(named) }
}

/** A benchmark that is a file brings its data. */
function ownFile(benchmark: string, data: string | undefined): string {
  if (data !== undefined)
    throw new ConfigError('the benchmark is a file already.', {
      field: '--data',
      value: data,
      remedy: `Leave it out, or name it in place of ${benchmark}.`,
    })
  if (!existsSync(benchmark))
    throw new DataError('there is no such file.', { field: '--benchmark', value: benchmark })
  return benchmark
}

function settingsOf({ settings }: Benchmark, flags: EvalFlags): BenchmarkSettings {
  return {
    samples: flags.samples ?? settings.samples,
    temperature: flags.temperature ?? settings.temperature,
    topP: flags.topP ?? settings.topP,
    maxTokens: flags.maxTokens ?? settings.maxTokens,
  }
}

async function openTarget(model: string | undefined, flags: EvalFlags): Promise<Responder> {
  const { endpoint, apiModel } = flags
  if (endpoint === undefined) {
    if (model !== undefined) return await localResponder(model, flags.weights)
    throw new ConfigError('no model to measure.', {
      remedy: 'Name a run or a model folder, or give --endpoint and --api-model.',
    })
  }
  if (model !== undefined)
    throw new ConfigError('a local model and --endpoint exclude each other.', {
      field: 'model',
      value: model,
    })
  checkEndpoint({ url: endpoint, model: apiModel }, { url: '--endpoint', model: '--api-model' })
  return await endpointResponder({
    url: endpoint,
    model: apiModel!,
    apiKey: keyFor(endpoint, flags.apiKeyEnv, '--api-key-env'),
    reasoningModel: flags.reasoningModel ?? false,
    ...manners(flags),
  })
}

async function openJudgeServer(flags: EvalFlags): Promise<EvaluationRun['judge']> {
  const { judgeEndpoint: url, judgeModel: model, concurrency } = flags
  if (url === undefined) return undefined
  checkEndpoint({ url, model }, { url: '--judge-endpoint', model: '--judge-model' })
  const responder = await endpointResponder({
    url,
    model: model!,
    apiKey: keyFor(url, flags.judgeKeyEnv, '--judge-key-env'),
    reasoningModel: false,
    ...manners(flags),
  })
  return { responder, concurrency }
}

const keyFor = (url: string, variable: string | undefined, flag: string) =>
  variable === undefined ? serviceKey('openai', url) : keyIn(variable, url, flag)

const manners = ({ timeout, concurrency, retries }: EvalFlags) => ({
  idleSeconds: timeout,
  concurrency,
  retryPolicy: { ...RETRY_POLICY, retries },
})

/** The bar starts with the first response, when it is known how many came from disk. */
function evaluationProgress(label: string): { update: (now: EvaluationProgress) => void; stop: () => void } {
  let display: Progress | undefined
  return {
    update(now) {
      display ??= startProgress({ label, total: now.total, initial: now.cached })
      const right = now.done === 0 ? '' : `${percent(now.correct / now.done)} right`
      display.update(now.done + now.failed, now.failed === 0 ? right : `${right}, ${now.failed} failed`)
    },
    stop() {
      display?.stop()
      display = undefined
    },
  }
}

function printResult(
  result: EvaluationResult,
  compare: readonly PaperModel[],
  files: readonly string[],
): void {
  const { title, model, n, samples, responses, cached } = result
  printLine(`${title}: ${model}`)
  printLine(`${n} problems, k = ${samples}, ${responses} responses (${cached} from an earlier run)\n`)
  printTable(
    [{ name: 'figure' }, { name: 'value', align: 'right' }, { name: '95 % interval', align: 'right' }],
    figureRows(result),
  )
  for (const note of result.extra.notes ?? []) printLine(`\n${note}`)
  for (const { row, ours } of result.paper) {
    const columns = paperColumns(row as PaperRow, ours, compare)
    printLine()
    printTable(
      [{ name: row }, ...columns.map(([name]) => ({ name, align: 'right' as const }))],
      [['', ...columns.map(([, value]) => value)]],
    )
  }
  printLine(`\nSaved:\n${files.join('\n')}`)
}
