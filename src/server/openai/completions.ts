/** POST /v1/completions: text that continues a prompt, as it is, without a template and with its tags. */
import { randomUUID } from 'node:crypto'
import type { Client } from '../client.ts'
import type { ServerMetrics } from '../metrics.ts'
import { ApiError } from './errors.ts'
import { eventStream } from './event-stream.ts'
import { type Generation, startGeneration } from './generate.ts'
import { legacyLogprobs, type TokenLogprobs, tokenLogprobs } from './logprobs.ts'
import type { CompletionRequest } from './requests.ts'
import { type ServedModel, tooLong } from './served-model.ts'

/** What OpenAI's API takes where no limit is given. */
const DEFAULT_MAX_TOKENS = 16

interface Choice {
  text: string
  logprobs: TokenLogprobs[]
  tokens: number[]
  /** Characters of tokens told before. */
  offset: number
}

export async function completion(
  served: ServedModel,
  request: CompletionRequest,
  client: Client,
  metrics: ServerMetrics,
): Promise<Response> {
  const { tokenizer } = served.model
  const numChoices = request.prompt.length * request.n
  const { places } = served.gate
  if (numChoices > places)
    throw new ApiError(400, `${numChoices} responses are more than the ${places} of one request.`, {
      param: 'prompt',
    })
  const prompts: Int32Array[] = []
  for (const prompt of request.prompt) {
    client.left.throwIfAborted()
    prompts.push(await encode(served, prompt))
  }
  const generation: Generation = {
    served,
    prompts,
    n: request.n,
    seed: request.seed,
    sampling: { temperature: request.temperature, topP: request.top_p, topK: request.top_k },
    maxTokens: request.max_tokens ?? DEFAULT_MAX_TOKENS,
    stop: request.stop,
    stopTokens: request.stop_token_ids,
    alternatives: request.logprobs ?? 0,
    keptLogprobs: request.logprobs == null || request.stream ? 0 : 1 + request.logprobs,
    tellStop: request.return_token_ids,
  }
  const { run, usage } = await startGeneration(generation, client.left, metrics)
  const choices = Array.from(
    { length: numChoices },
    (): Choice => ({ text: '', logprobs: [], tokens: [], offset: 0 }),
  )
  const wanted = request.logprobs != null
  const head = {
    id: `cmpl-${randomUUID()}`,
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: served.id,
  }

  const add: Parameters<typeof run>[0] = (index, text, token) => {
    const choice = choices[index]!
    choice.text += text
    if (token === undefined) return
    choice.tokens.push(token.token)
    if (wanted) choice.logprobs.push(tokenLogprobs(tokenizer, token, request.return_tokens_as_token_ids))
  }
  /** What came since the last time. */
  const take = (index: number, finish_reason: string | null) => {
    const { text, logprobs, tokens, offset } = choices[index]!
    choices[index] = {
      text: '',
      logprobs: [],
      tokens: [],
      offset: offset + logprobs.reduce((sum, { token }) => sum + token.length, 0),
    }
    return {
      index,
      text,
      logprobs: wanted ? legacyLogprobs(logprobs, offset) : null,
      ...(request.return_token_ids && { token_ids: tokens }),
      finish_reason,
    }
  }

  if (!request.stream) {
    const reasons: string[] = []
    await run(add, (choice, { stopReason }) => {
      reasons[choice] = stopReason
    })
    return Response.json({
      ...head,
      choices: choices.map((_, index) => take(index, reasons[index]!)),
      usage: usage(),
    })
  }
  const { include_usage: includeUsage, continuous_usage_stats: live } = request.stream_options ?? {}
  const chunk = (index: number, finish: string | null) => ({
    ...head,
    choices: [take(index, finish)],
    ...(includeUsage ? { usage: live ? usage() : null } : {}),
  })
  let events: object[] = []
  return eventStream(client, {
    take() {
      const fresh = choices.flatMap(({ text, logprobs }, index) =>
        text === '' && logprobs.length === 0 ? [] : [chunk(index, null)],
      )
      const taken = [...events, ...fresh]
      events = []
      return taken
    },
    async run(touch) {
      await run(
        (index, text, token) => {
          add(index, text, token)
          touch()
        },
        (index, { stopReason }) => {
          events.push(chunk(index, stopReason))
          touch()
        },
      )
      if (includeUsage) events.push({ ...head, choices: [], usage: usage() })
    },
  })
}

async function encode(served: ServedModel, prompt: string | number[]): Promise<Int32Array> {
  if (typeof prompt === 'string') return await served.encode(prompt, 'prompt', { specialTokens: true })
  const { vocabularySize, maxPositions } = served.model
  const wrong = prompt.find((token) => token >= vocabularySize)
  if (wrong !== undefined)
    throw new ApiError(400, `prompt: ${wrong} is no token of this model, which has ${vocabularySize}.`, {
      param: 'prompt',
    })
  if (prompt.length >= maxPositions) throw tooLong(prompt.length, maxPositions, 'prompt')
  return Int32Array.from(prompt)
}
