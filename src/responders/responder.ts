/**
 * What an evaluation asks and what it gets back. A target (a model in this process, a server) implements `Responder`
 * and is handed the whole list of requests at once, so that it can batch them as it likes.
 */

import { hashText } from '../random.ts'
import type { AnswerForm } from '../text/reasoning.ts'

/** The paper's settings are temperature 0.6, top-p 0.95 and 32,768 tokens (R1 §3). */
export interface SamplingSettings {
  temperature: number
  topP: number
  maxTokens: number
}

export interface ResponseRequest {
  questionId: string
  /** Which of the k responses to this question, from 0. */
  sample: number
  /** The text of the user's message; the target adds its own chat template. */
  prompt: string
  sampling: SamplingSettings
  /** Differs between samples; a target that can repeat itself gives the same response for the same seed. */
  seed: number
}

export interface ModelResponse {
  questionId: string
  sample: number
  /** Thinking and answer as one text; thinking stands in <think> tags. */
  text: string
  /** All response tokens, thinking included. */
  tokens: number
  /** Of those, the thinking; left out where the target cannot tell. */
  thinkingTokens?: number
  stopReason: 'stop' | 'length'
  /** Token ids and log π of each token, where whoever answers knows them; `tokens` has the stop token. */
  sampled?: { prompt: Int32Array; tokens: Int32Array; logprobs: Float32Array }
  /** Why there is no response after all retries; `text` is empty then. */
  error?: string
}

export interface Responder {
  /** Names the model and where it runs: cached responses belong to this name. */
  name: string
  /** Changes with the weights and with what is sent; cached responses belong to it as well. Left out where the target cannot tell. */
  version?: string
  /** Where the model's template has the answer; after the thinking where the target cannot tell. */
  answerForm?: AnswerForm
  /**
   * Answers every request, in any order, each through one call of `onResponse`; resolves after the last. Resolves
   * early when `signal` aborts. Rejects only where it makes no sense to continue (a refused key, an unknown model).
   */
  respond(
    requests: readonly ResponseRequest[],
    onResponse: (response: ModelResponse) => void,
    signal: AbortSignal,
  ): Promise<void>
  close?(): void | Promise<void>
}

/**
 * The seed of one response: a function of what it is asked for, wherever it is sampled. 31 bits, since some servers read a
 * signed integer.
 */
export const responseSeed = (...path: (string | number)[]): number => hashText(path.join('/')) >>> 1
