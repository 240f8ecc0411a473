/** `sample()`: one question, one answer. */
import type { Policy } from '../engine/engine.ts'
import { ConfigError } from '../errors.ts'
import { openedThinking } from '../text/reasoning.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { streamResponse } from './stream-response.ts'

export interface SampleOptions {
  /** 0 takes the likeliest token each time; 0.6, the paper's, by default. */
  temperature?: number
  /** Nucleus; 0.95, the paper's, by default. */
  topP?: number
  /** Longest response; what the model has room for by default. */
  maxTokens?: number
  /** The same seed gives the same response; 0 by default. */
  seed?: number
  /** Ends the response early; what was sampled until then is given back. */
  signal?: AbortSignal
  /** Called with each piece of the response as it is sampled. */
  onText?: (text: string) => void
}

/**
 * The model's response to a user's message, thinking included: `await sample(model, 'Using the numbers 3, 7, 9, make 30')`.
 *
 * @param model An open model (`openModel`), or the one that `train` gives back.
 * @throws {ConfigError} for a message that leaves no room for a response.
 */
export async function sample(
  model: {
    engine: Pick<Policy, 'sample'>
    tokenizer: Tokenizer
    renderPrompt: (message: string) => string
    maxPositions: number
  },
  message: string,
  { temperature = 0.6, topP = 0.95, maxTokens = 32_768, seed = 0, signal, onText }: SampleOptions = {},
): Promise<string> {
  const rendered = model.renderPrompt(message)
  const prompt = model.tokenizer.encode(rendered)
  const room = model.maxPositions - prompt.length
  if (room < 1)
    throw new ConfigError('longer than the model can read.', {
      field: 'message',
      value: `${prompt.length} tokens, the prompt around it included`,
      expected: `less than ${model.maxPositions}`,
    })
  let response = ''
  const add = (text: string) => {
    response += text
    if (text !== '') onText?.(text)
  }
  add(openedThinking(rendered))
  await streamResponse(model.engine, model.tokenizer, {
    prompt,
    seed,
    sampling: { maxTokens: Math.min(maxTokens, room), temperature, topP },
    ...(signal && { signal }),
    onText: add,
  })
  return response
}
