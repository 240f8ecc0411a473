/**
 * A chat completion of an OpenAI-compatible server, streamed, as one text. Sampling only: no tools, no
 * log-probabilities, no images.
 */
import { z } from 'zod'
import { type Endpoint, RequestFailure, streamedRequest } from './request.ts'

export interface ChatEndpoint extends Endpoint {
  /** For hosted reasoning models that refuse sampling settings and name the limit `max_completion_tokens`. */
  reasoningModel: boolean
  /** Asks for the text as the model wrote it, where the server is known to understand `separate_reasoning`. */
  asWritten?: boolean
}

export interface ChatRequest {
  message: string
  temperature: number
  topP: number
  maxTokens: number
  seed: number
}

export interface ChatResponse {
  /** Thinking and answer as one text, the thinking in <think> tags however the server sent it. */
  text: string
  tokens: number
  /** As the server counted it; absent where it does not. */
  thinkingTokens?: number
  stopReason: 'stop' | 'length'
}

const text = z.string().nullish()
const part = z.object({ content: text, reasoning_content: text, reasoning: text }).nullish()
const chunkSchema = z.object({
  choices: z.array(z.object({ delta: part, message: part, finish_reason: text })).nullish(),
  usage: z
    .object({
      completion_tokens: z.number().nullish(),
      completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
})

export async function chatCompletion(
  endpoint: ChatEndpoint,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<ChatResponse> {
  let thinking: string | undefined
  let answer = ''
  let pieces = 0
  let finish: string | undefined
  let tokens: number | undefined
  let thinkingTokens: number | undefined

  const body = requestBody(endpoint, request)
  for await (const chunk of streamedRequest(endpoint, '/chat/completions', body, chunkSchema, signal)) {
    const choice = chunk.choices?.[0]
    const piece = choice?.delta ?? choice?.message
    const thought = piece?.reasoning_content ?? piece?.reasoning ?? undefined
    const said = piece?.content ?? ''
    if (thought !== undefined) thinking = (thinking ?? '') + thought
    answer += said
    if (thought || said !== '') pieces++
    finish = choice?.finish_reason ?? finish
    tokens = chunk.usage?.completion_tokens ?? tokens
    thinkingTokens = chunk.usage?.completion_tokens_details?.reasoning_tokens ?? thinkingTokens
  }
  if (finish === undefined) throw new RequestFailure('the stream was cut off')
  if (finish === 'error') throw new RequestFailure('the server reported an error')
  return {
    text: joined(thinking, answer),
    // Servers that count nothing send one token a piece.
    tokens: tokens ?? pieces,
    ...(thinkingTokens === undefined ? {} : { thinkingTokens }),
    stopReason: finish === 'length' || finish === 'max_tokens' ? 'length' : 'stop',
  }
}

/** Thinking without an answer after it stays open, as in any response that was cut off; empty thinking is thinking. */
function joined(thinking: string | undefined, answer: string): string {
  if (thinking === undefined) return answer
  const opened = `<think>\n${thinking.trim()}\n`
  return answer.trim() === '' ? opened : `${opened}</think>\n\n${answer.trimStart()}`
}

function requestBody(endpoint: ChatEndpoint, { message, temperature, topP, maxTokens, seed }: ChatRequest) {
  return {
    model: endpoint.model,
    messages: [{ role: 'user', content: message }],
    stream: true,
    stream_options: { include_usage: true },
    seed,
    ...(endpoint.asWritten && { separate_reasoning: false }),
    ...(endpoint.reasoningModel
      ? { max_completion_tokens: maxTokens }
      : { max_tokens: maxTokens, temperature, top_p: topP }),
  }
}
