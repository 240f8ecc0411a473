/**
 * One streamed request to an OpenAI-compatible `/chat/completions`: what vLLM, SGLang, llama.cpp, Ollama, hosted
 * services and this project's own server speak. Sampling only: no tools, no log-probabilities, no images.
 */
import { z } from 'zod'
import { serverSentEvents } from './server-sent-events.ts'

export interface Endpoint {
  /** Ends before `/chat/completions`, e.g. `http://127.0.0.1:8000/v1`. */
  url: string
  model: string
  apiKey?: string | undefined
  /** Without a byte for this long a request counts as lost. */
  idleSeconds: number
  /** For hosted reasoning models that refuse sampling settings and name the limit `max_completion_tokens`. */
  reasoningModel: boolean
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

/** A request that failed. `status` is absent where the connection, the stream or its contents broke. */
export class RequestFailure extends Error {
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** No server was found at the address. */
  readonly unreachable: boolean

  constructor(
    message: string,
    details: { status?: number; retryAfterSeconds?: number | undefined; unreachable?: boolean } = {},
  ) {
    super(message)
    this.name = 'RequestFailure'
    this.status = details.status
    this.retryAfterSeconds = details.retryAfterSeconds
    this.unreachable = details.unreachable ?? false
  }
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
  error: z.unknown().optional(),
})

export async function chatCompletion(
  endpoint: Endpoint,
  request: ChatRequest,
  signal: AbortSignal,
): Promise<ChatResponse> {
  const idle = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(), endpoint.idleSeconds * 1000)
  }
  try {
    alive()
    const response = await fetch(`${endpoint.url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(endpoint.apiKey === undefined ? {} : { authorization: `Bearer ${endpoint.apiKey}` }),
      },
      body: JSON.stringify(requestBody(endpoint, request)),
      signal: AbortSignal.any([signal, idle.signal]),
    })
    if (!response.ok || response.body === null) throw await refusal(response)
    return await readStream(response, alive)
  } catch (error) {
    if (error instanceof RequestFailure || signal.aborted) throw error
    if (idle.signal.aborted) throw new RequestFailure(`nothing received for ${endpoint.idleSeconds} s`)
    throw lostConnection(error)
  } finally {
    clearTimeout(timer)
  }
}

const NOBODY_THERE = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']

function lostConnection(error: unknown): RequestFailure {
  const { message, cause } = error as Error
  const { code, message: reason } = (cause ?? {}) as NodeJS.ErrnoException
  return new RequestFailure(`connection failed: ${reason || code || message}`, {
    // Without a code fetch itself refused the address.
    unreachable: code === undefined || NOBODY_THERE.includes(code),
  })
}

function requestBody(endpoint: Endpoint, { message, temperature, topP, maxTokens, seed }: ChatRequest) {
  return {
    model: endpoint.model,
    messages: [{ role: 'user', content: message }],
    stream: true,
    stream_options: { include_usage: true },
    seed,
    ...(endpoint.reasoningModel
      ? { max_completion_tokens: maxTokens }
      : { max_tokens: maxTokens, temperature, top_p: topP }),
  }
}

async function readStream(response: Response, alive: () => void): Promise<ChatResponse> {
  let thinking = ''
  let answer = ''
  let pieces = 0
  let finish: string | undefined
  let tokens: number | undefined
  let thinkingTokens: number | undefined

  for await (const payload of payloads(response, alive)) {
    const chunk = parseChunk(payload)
    const choice = chunk.choices?.[0]
    const piece = choice?.delta ?? choice?.message
    const thought = piece?.reasoning_content ?? piece?.reasoning ?? ''
    const said = piece?.content ?? ''
    thinking += thought
    answer += said
    if (thought !== '' || said !== '') pieces++
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

/** Thinking without an answer after it stays open, as in any response that was cut off. */
function joined(thinking: string, answer: string): string {
  if (thinking === '') return answer
  const opened = `<think>\n${thinking.trim()}\n`
  return answer.trim() === '' ? opened : `${opened}</think>\n\n${answer.trimStart()}`
}

/** Also takes the whole answer from servers that do not stream. */
async function* payloads(response: Response, alive: () => void): AsyncGenerator<string> {
  const body = watched(response.body as unknown as AsyncIterable<Uint8Array>, alive)
  if (response.headers.get('content-type')?.includes('application/json')) {
    const decoder = new TextDecoder()
    let whole = ''
    for await (const bytes of body) whole += decoder.decode(bytes, { stream: true })
    yield whole
    return
  }
  for await (const payload of serverSentEvents(body)) {
    if (payload === '[DONE]') return
    yield payload
  }
}

async function* watched(body: AsyncIterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    alive()
    yield bytes
  }
}

function parseChunk(payload: string): z.infer<typeof chunkSchema> {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    throw new RequestFailure(`malformed JSON in the stream: ${shorten(payload)}`)
  }
  const chunk = chunkSchema.safeParse(value)
  if (!chunk.success) throw new RequestFailure(`not a chat completion: ${shorten(payload)}`)
  if (chunk.data.error !== undefined && chunk.data.error !== null)
    throw new RequestFailure(`the server reported ${shorten(JSON.stringify(chunk.data.error))}`)
  return chunk.data
}

async function refusal(response: Response): Promise<RequestFailure> {
  const body = await response.text().catch(() => '')
  return new RequestFailure(`${response.status} ${response.statusText}: ${shorten(serverMessage(body))}`, {
    status: response.status,
    retryAfterSeconds: retryAfter(response.headers.get('retry-after')),
  })
}

function serverMessage(body: string): string {
  try {
    const { error, message } = JSON.parse(body) as { error?: { message?: unknown }; message?: unknown }
    return String(error?.message ?? message ?? body)
  } catch {
    return body
  }
}

/** Seconds, or an HTTP date (RFC 9110 §10.2.3). */
export function retryAfter(header: string | null, now: number = Date.now()): number | undefined {
  if (header === null) return undefined
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header)
  const date = Date.parse(header)
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000)
}

function shorten(message: string): string {
  const line = message.replaceAll(/\s+/g, ' ').trim()
  return line.length > 200 ? `${line.slice(0, 197)}...` : line
}
