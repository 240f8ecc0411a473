/**
 * A model that judges what no rule can (R1 §2.3.3, §3.1). What it says is kept, so nothing is asked twice. A reply that could not
 * be had, or that does not say what it was asked, is no verdict: it is an error that names the cause.
 */
import { limiter } from '../engine/limiter.ts'
import { JudgeError } from '../errors.ts'
import { splitReasoning } from '../text/reasoning.ts'
import {
  type ModelResponse,
  type Responder,
  type ResponseRequest,
  responseSeed,
  type SamplingSettings,
} from './responder.ts'
import { hash, type ResponseCache } from './response-cache.ts'

export const JUDGE_SAMPLING: SamplingSettings = { temperature: 0, topP: 1, maxTokens: 8192 }

/** The end of a prompt that asks for a comparison: the texts, each in tags that its instructions speak of. */
export const comparedTexts = (question: string, reference: string, answer: string): string => `\
<question>
${question}
</question>

<reference>
${reference}
</reference>

<answer>
${answer}
</answer>`

export interface JudgeQuestion<Verdict> {
  prompt: string
  /** What a reply says, its thinking left out; null where it does not say what it was asked. */
  read: (reply: string) => Verdict | null
  /** What a reply must hold, for the error of one that does not. */
  expected: string
  /** Which of several replies to this prompt, from 0. */
  sample?: number
}

/** How often a judge was asked, how often it had said so before, and how often there was no verdict. */
export interface JudgeCounts {
  asked: number
  known: number
  failed: number
}

export interface Judge {
  /** The model and where it runs. */
  name: string
  seed: number
  /** Throws a JudgeError where there is no verdict. */
  ask<Verdict>(question: JudgeQuestion<Verdict>): Promise<Verdict>
  counts(): JudgeCounts
}

export interface JudgeOptions {
  responder: Responder
  /** Replies of former sessions; those of this one are known either way. */
  cache?: Pick<ResponseCache, 'get' | 'add'>
  /** Questions to the judge at the same time. */
  concurrency: number
  sampling?: SamplingSettings
  seed: number
  signal?: AbortSignal | undefined
}

export function openJudge(options: JudgeOptions): Judge {
  const { responder, cache, concurrency, sampling = JUDGE_SAMPLING, seed } = options
  const signal = options.signal ?? new AbortController().signal
  const limited = limiter(concurrency)
  const counts: JudgeCounts = { asked: 0, known: 0, failed: 0 }
  const verdicts = new Map<string, Promise<unknown>>()

  async function verdictOf<Verdict>({
    prompt,
    read,
    expected,
    sample = 0,
  }: JudgeQuestion<Verdict>): Promise<Verdict> {
    const request = {
      questionId: 'judge',
      sample,
      prompt,
      sampling,
      seed: responseSeed(seed, 'judge', sample),
    }
    const known = cache?.get(request)
    const reply = known ?? (await limited(() => replyTo(request, responder, signal)))
    const verdict = read(splitReasoning(reply.text).answer)
    if (verdict === null)
      throw new JudgeError('the judge gave no verdict.', { field: 'reply', value: reply.text, expected })
    if (known === undefined) cache?.add(request, reply)
    else counts.known++
    return verdict
  }

  return {
    name: responder.name,
    seed,
    counts: () => ({ ...counts }),
    async ask<Verdict>(question: JudgeQuestion<Verdict>) {
      counts.asked++
      const key = hash(`${question.sample ?? 0} ${question.prompt}`)
      const before = verdicts.get(key)
      if (before !== undefined) counts.known++
      const verdict = before ?? verdictOf(question)
      verdicts.set(key, verdict)
      try {
        return (await verdict) as Verdict
      } catch (error) {
        verdicts.delete(key)
        if (error instanceof JudgeError) counts.failed++
        throw error
      }
    },
  }
}

async function replyTo(
  request: ResponseRequest,
  responder: Responder,
  signal: AbortSignal,
): Promise<ModelResponse> {
  let reply: ModelResponse | undefined
  await responder.respond(
    [request],
    (response) => {
      reply = response
    },
    signal,
  )
  if (reply !== undefined && reply.error === undefined) return reply
  throw new JudgeError(`the judge gave no reply (${reply?.error ?? 'stopped'}).`)
}
