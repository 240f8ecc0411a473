/** A policy whose prompts we write as the target of an evaluation: all requests at once, for its sampler to batch. */
import type { Policy } from '../engine/engine.ts'
import type { ModelResponse, Responder, ResponseRequest } from '../responders/responder.ts'
import { responseText, stopTokens } from '../rollout/sample-groups.ts'
import { type AnswerForm, opensThinking } from '../text/reasoning.ts'
import { countThinkingTokens } from '../text/reasoning-stream.ts'
import type { Tokenizer } from '../text/tokenizer.ts'

/** A model and how it is asked. */
export interface AskedPolicy {
  policy: Pick<Policy, 'sample'>
  tokenizer: Tokenizer
  /** The prompt of a user's message. */
  renderPrompt: (message: string) => string
  answerForm: AnswerForm
  /** Tokens of prompt and response together. */
  maxPositions: number
}

export function policyResponder(
  model: AskedPolicy,
  target: Pick<Responder, 'name' | 'version' | 'close'>,
): Responder {
  return {
    ...target,
    answerForm: model.answerForm,
    async respond(requests, onResponse, signal) {
      await Promise.all(requests.map(async (request) => onResponse(await answer(model, request, signal))))
    },
  }
}

async function answer(
  { policy, tokenizer, renderPrompt, answerForm, maxPositions }: AskedPolicy,
  { questionId, sample, prompt: message, sampling, seed }: ResponseRequest,
  signal: AbortSignal,
): Promise<ModelResponse> {
  const rendered = renderPrompt(message)
  const prompt = tokenizer.encode(rendered)
  // A small model has no room for the paper's 32,768 tokens; what fits is asked for.
  const maxTokens = Math.min(sampling.maxTokens, maxPositions - prompt.length)
  if (maxTokens < 1) {
    const error = `the prompt of ${prompt.length} tokens leaves no room in the model's positions`
    return { questionId, sample, text: '', tokens: 0, stopReason: 'length', error }
  }
  const options = { ...sampling, maxTokens, stopTokens: stopTokens(tokenizer) }
  const [[sequence] = []] = await policy.sample([{ prompt, samples: 1, seed, options, signal }])
  const { tokens, logprobs, stopReason } = sequence!
  const stopped = stopReason === 'stop'
  return {
    questionId,
    sample,
    text: responseText(tokenizer, rendered, sequence!),
    tokens: tokens.length,
    thinkingTokens: countThinkingTokens(tokenizer, stopped ? tokens.subarray(0, -1) : tokens, {
      opened: opensThinking(rendered),
      answerTags: answerForm === 'tags',
    }),
    stopReason: stopped ? 'stop' : 'length',
    sampled: { prompt, tokens, logprobs },
  }
}
