/**
 * One benchmark on one model: every question k times, only what the cache lacks is asked, each response is graded as it
 * arrives, and the figures come at the end.
 */
import { DataError } from '../errors.ts'
import { hashText } from '../random.ts'
import type { Question } from '../tasks/task.ts'
import type { Benchmark, BenchmarkSettings, ExtraFigures, FigureContext } from './benchmark.ts'
import { gradeResponse } from './grade.ts'
import { type GradedQuestion, type GradedSample, type ProtocolFigures, protocolFigures } from './protocol.ts'
import type { ModelResponse, Responder, ResponseRequest } from './responder.ts'
import type { ResponseCache } from './response-cache.ts'

export interface EvaluateOptions {
  benchmark: Benchmark
  questions: readonly Question[]
  responder: Responder
  settings: BenchmarkSettings
  /** What mathematics benchmarks ask for in place of the report's words. */
  instruction?: string | undefined
  seed: number
  cache?: ResponseCache
  readData?: FigureContext['readData']
  onProgress?: (progress: Progress) => void
  signal?: AbortSignal
}

export interface Progress {
  total: number
  /** Responses there are, cached ones included. */
  done: number
  cached: number
  correct: number
  failed: number
}

export interface Evaluation {
  figures: ProtocolFigures
  extra: ExtraFigures
  graded: GradedQuestion[]
  /** Requests that failed for good; the figures are without them. */
  failures: ModelResponse[]
  /** Responses that were on disk already. */
  cached: number
}

export async function evaluate(options: EvaluateOptions): Promise<Evaluation> {
  const { benchmark, questions, responder, settings, instruction, seed, cache, onProgress } = options
  const signal = options.signal ?? new AbortController().signal
  const questionOf = byId(questions)
  const requests = questions.flatMap((question) =>
    requestsFor(
      benchmark,
      benchmark.prompt(question, responder.answerForm, instruction),
      question,
      settings,
      seed,
    ),
  )
  const progress: Progress = { total: requests.length, done: 0, cached: 0, correct: 0, failed: 0 }
  const samplesOf = new Map<string, GradedSample[]>(questions.map(({ id }) => [id, []]))
  const failures: ModelResponse[] = []

  const grading: Promise<void>[] = []
  let gradingFailed: { error: unknown } | undefined
  const grade = async (response: ModelResponse) => {
    const sample = await gradeResponse(
      benchmark,
      questionOf.get(response.questionId)!,
      response,
      responder.answerForm,
    )
    samplesOf.get(response.questionId)!.push(sample)
    progress.done++
    if (sample.correct) progress.correct++
    onProgress?.(progress)
  }
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const take = (response: ModelResponse) => {
    grading.push(
      grade(response).catch((error: unknown) => {
        gradingFailed ??= { error }
        stop.abort()
      }),
    )
  }

  const missing: ResponseRequest[] = []
  for (const request of requests) {
    const known = cache?.get(request)
    if (known === undefined) missing.push(request)
    else {
      progress.cached++
      take(known)
    }
  }
  const requestOf = new Map(missing.map((request) => [`${request.sample}/${request.questionId}`, request]))
  if (missing.length > 0)
    await responder.respond(
      missing,
      (response) => {
        // What an abort cut short is no response.
        if (ended.aborted) return
        if (response.error !== undefined) {
          failures.push(response)
          progress.failed++
          onProgress?.(progress)
          return
        }
        cache?.add(requestOf.get(`${response.sample}/${response.questionId}`)!, response)
        take(response)
      },
      ended,
    )
  await Promise.all(grading)
  if (gradingFailed !== undefined) throw gradingFailed.error
  signal.throwIfAborted()

  const graded = questions.map(({ id }) => ({
    id,
    samples: samplesOf.get(id)!.sort((a, b) => a.sample - b.sample),
  }))
  const { equivalent } = benchmark
  return {
    figures: await protocolFigures(graded, {
      samples: settings.samples,
      seed,
      equivalent: equivalent && ((id) => equivalent(questionOf.get(id)!)),
    }),
    extra:
      (await benchmark.extraFigures?.(graded, {
        questions,
        seed,
        readData: options.readData ?? (() => null),
      })) ?? {},
    graded,
    failures,
    cached: progress.cached,
  }
}

function requestsFor(
  { name }: Benchmark,
  prompt: string,
  question: Question,
  { samples, temperature, topP, maxTokens }: BenchmarkSettings,
  seed: number,
): ResponseRequest[] {
  return Array.from({ length: samples }, (_, sample) => ({
    questionId: question.id,
    sample,
    prompt,
    sampling: { temperature, topP, maxTokens },
    // 31 bits: some servers read a signed integer.
    seed: hashText(`${seed}/${name}/${question.id}/${sample}`) >>> 1,
  }))
}

function byId(questions: readonly Question[]): Map<string, Question> {
  const questionOf = new Map<string, Question>()
  for (const question of questions) {
    if (questionOf.has(question.id))
      throw new DataError('two questions have this id.', {
        field: 'id',
        value: question.id,
        remedy: 'Give each row its own id, or remove the field so that line numbers are taken.',
      })
    questionOf.set(question.id, question)
  }
  return questionOf
}
