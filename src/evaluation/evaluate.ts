/**
 * One question set on one model: every question k times, only what the cache lacks is asked, each response is graded as it
 * arrives, and the figures come at the end. Training, `r1 eval` on a model and `r1 eval` on a server all measure here.
 */
import { DataError, JudgeError } from '../errors.ts'
import {
  type ModelResponse,
  type Responder,
  type ResponseRequest,
  responseSeed,
} from '../responders/responder.ts'
import type { ResponseCache } from '../responders/response-cache.ts'
import type { Question, QuestionSet } from '../tasks/task.ts'
import type { BenchmarkSettings } from './benchmark.ts'
import { grade } from './grade.ts'
import {
  type Equivalent,
  type EvaluationFigures,
  evaluationFigures,
  type GradedQuestion,
  type GradedSample,
} from './protocol.ts'

export interface EvaluateOptions {
  set: QuestionSet
  responder: Responder
  settings: BenchmarkSettings
  /** What sets of mathematics ask for in place of their own words. */
  instruction?: string | undefined
  seed: number
  cache?: ResponseCache
  /** Told each response with its verdict, in the order of arrival. */
  onGraded?: (question: Question, response: ModelResponse, sample: GradedSample) => void
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
  figures: EvaluationFigures
  graded: GradedQuestion[]
  /** Requests that failed for good, or whose response no judge could judge; the figures are without them. */
  failures: ModelResponse[]
  /** Responses that were on disk already. */
  cached: number
}

export async function evaluateResponder(options: EvaluateOptions): Promise<Evaluation> {
  const { set, responder, settings, seed, cache, onProgress } = options
  const { questions } = set
  const signal = options.signal ?? new AbortController().signal
  const questionOf = byId(questions)
  const requests = questions.flatMap((question) => requestsFor(question, options))
  const progress: Progress = { total: requests.length, done: 0, cached: 0, correct: 0, failed: 0 }
  const samplesOf = new Map<string, GradedSample[]>(questions.map(({ id }) => [id, []]))
  const failures: ModelResponse[] = []

  const grading: Promise<void>[] = []
  let gradingFailed: { error: unknown } | undefined
  const judge = async (response: ModelResponse) => {
    const question = questionOf.get(response.questionId)!
    const sample = await grade(set, question, response, responder.answerForm)
    samplesOf.get(response.questionId)!.push(sample)
    options.onGraded?.(question, response, sample)
    progress.done++
    if (sample.correct) progress.correct++
    onProgress?.(progress)
  }
  const stop = new AbortController()
  const ended = AbortSignal.any([signal, stop.signal])
  const fail = (response: ModelResponse) => {
    failures.push(response)
    progress.failed++
    onProgress?.(progress)
  }
  const take = (response: ModelResponse) => {
    grading.push(
      judge(response).catch((error: unknown) => {
        if (error instanceof JudgeError) return fail({ ...response, error: error.message })
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
          fail(response)
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
  return {
    figures: await evaluationFigures(graded, {
      samples: settings.samples,
      seed,
      equivalent: (id) => equivalentAnswers(set, questionOf.get(id)!),
    }),
    graded,
    failures,
    cached: progress.cached,
  }
}

/** How answers to one question of a set are compared; undefined where they cannot be, as programs. */
export function equivalentAnswers(
  { equivalent }: Pick<QuestionSet, 'equivalent'>,
  question: Question,
): Equivalent | undefined {
  if (equivalent === null || question.kind === 'code' || question.kind === 'free') return undefined
  return equivalent ? (a, b) => equivalent(a, b, question) : (a, b) => a === b
}

function requestsFor(
  question: Question,
  { set, responder, settings, instruction, seed }: EvaluateOptions,
): ResponseRequest[] {
  const { samples, temperature, topP, maxTokens } = settings
  const prompt = set.prompt?.(question, responder.answerForm, instruction) ?? question.prompt
  const drawn = set.seededBy === 'prompt' ? [prompt] : [set.name, question.id]
  return Array.from({ length: samples }, (_, sample) => ({
    questionId: question.id,
    sample,
    prompt,
    sampling: { temperature, topP, maxTokens },
    seed: responseSeed(seed, ...drawn, sample),
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
