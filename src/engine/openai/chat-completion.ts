/**
 * A chat completion of an OpenAI-compatible server, streamed, as one text. Sampling only: no tools, no
 * log-probabilities, no images.
 */
import { z } from 'zod'
import { DONE, type Endpoint, RequestFailure, streamedRequest } from './request.ts'

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
/** Some servers send a list of parts, of which thinking is a list again. */
const words = z.union([z.string(), z.array(z.object({ text }))]).nullish()
const content = z.union([z.string(), z.array(z.object({ text, thinking: words }))]).nullish()
const piece = z.object({ content, reasoning_content: words, reasoning: words }).nullish()
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: piece,
        message: piece,
        /** Of a text completion, which some servers send here too. */
        text,
        finish_reason: text,
      }),
    )
    .nullish(),
  usage: z
    .object({
      completion_tokens: z.number().nullish(),
      completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
    })
    .nullish(),
})

const textOf = (said: z.output<typeof words>): string =>
  typeof said === 'string' ? said : (said ?? []).map(({ text }) => text ?? '').join('')

/** Undefined where none is told; an empty one is told by some servers. */
function thinkingOf(message: z.output<typeof piece>): string | undefined {
  const told = message?.reasoning_content ?? message?.reasoning ?? undefined
  if (told !== undefined) return textOf(told)
  const parts = Array.isArray(message?.content) ? message.content : []
  const thoughts = parts.flatMap(({ thinking }) => (thinking == null ? [] : [textOf(thinking)]))
  return thoughts.length === 0 ? undefined : thoughts.join('')
}

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
    if (chunk === DONE) {
      // It was whole, and only the reason is missing.
      finish ??= (tokens ?? pieces) >= request.maxTokens ? 'length' : 'stop'
      break
    }
    const choice = chunk.choices?.[0]
    const piece = choice?.delta ?? choice?.message
    const thought = thinkingOf(piece)
    const said = textOf(piece?.content) || (choice?.text ?? '')
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

/** Thinking without an answer after it stays open, as in any response that was cut off. Servers may have left its tags in. */
function joined(thinking: string | undefined, answer: string): string {
  if (thinking === undefined) return answer
  const [thought = '', ...rest] = thinking
    .trim()
    .replace(/^<think>/, '')
    .split('</think>')
  const said = rest.join('</think>') + answer.replace(/^\s*<\/think>/, '')
  const opened = `<think>\n${thought.trim()}\n`
  return said.trim() === '' ? opened : `${opened}</think>\n\n${said.trimStart()}`
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
