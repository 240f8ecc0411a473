/**
 * One request to an OpenAI-compatible server: what vLLM, SGLang, llama.cpp, Ollama, hosted services and this project's own
 * server speak. What goes wrong is a `RequestFailure`, which says whether asking again may help.
 */
import type { z } from 'zod'
import { serverSentEvents } from './server-sent-events.ts'

export interface Endpoint {
  /** Ends before `/chat/completions` or `/completions`, e.g. `http://127.0.0.1:8000/v1`. */
  url: string
  model: string
  apiKey?: string | undefined
  /** Without a byte for this long a request counts as lost. */
  idleSeconds: number
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

/** The server said that its answer is whole. */
export const DONE: unique symbol = Symbol('done')

/** The events of the answer, or the whole of one from servers that do not stream; then `DONE`, unless it was cut off. */
export async function* streamedRequest<Schema extends z.ZodType>(
  endpoint: Endpoint,
  path: string,
  body: object,
  schema: Schema,
  signal: AbortSignal,
): AsyncGenerator<z.output<Schema> | typeof DONE> {
  const idle = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const alive = () => {
    clearTimeout(timer)
    timer = setTimeout(() => idle.abort(), endpoint.idleSeconds * 1000)
  }
  try {
    alive()
    const response = await fetch(addressOf(endpoint, path), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization(endpoint) },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, idle.signal]),
    })
    if (!response.ok || response.body === null) throw await refusal(response)
    for await (const payload of payloads(response, alive))
      yield payload === DONE ? DONE : parsed(payload, schema)
  } catch (error) {
    if (error instanceof RequestFailure || signal.aborted) throw error
    if (idle.signal.aborted) throw new RequestFailure(`nothing received for ${endpoint.idleSeconds} s`)
    throw lostConnection(error)
  } finally {
    clearTimeout(timer)
  }
}

export const addressOf = ({ url }: Pick<Endpoint, 'url'>, path: string): string =>
  `${url.replace(/\/+$/, '')}${path}`

export const authorization = ({ apiKey }: Pick<Endpoint, 'apiKey'>): Record<string, string> =>
  apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }

const NOBODY_THERE = ['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']

function lostConnection(error: unknown): RequestFailure {
  const { message, cause } = error as Error
  const { name, code, message: reason } = (cause ?? {}) as NodeJS.ErrnoException
  return new RequestFailure(`connection failed: ${reason || code || message}`, {
    // Without a code fetch itself refused the address, or gave up waiting (300 s) for a server that is there.
    unreachable: code === undefined ? name !== 'HeadersTimeoutError' : NOBODY_THERE.includes(code),
  })
}

/** Also takes the whole answer from servers that do not stream. */
async function* payloads(response: Response, alive: () => void): AsyncGenerator<string | typeof DONE> {
  const body = watched(response.body as unknown as AsyncIterable<Uint8Array>, alive)
  if (response.headers.get('content-type')?.includes('application/json')) {
    const decoder = new TextDecoder()
    let whole = ''
    for await (const bytes of body) whole += decoder.decode(bytes, { stream: true })
    yield whole
    yield DONE
    return
  }
  for await (const payload of serverSentEvents(body)) {
    yield payload === '[DONE]' ? DONE : payload
    if (payload === '[DONE]') return
  }
}

async function* watched(body: AsyncIterable<Uint8Array>, alive: () => void): AsyncGenerator<Uint8Array> {
  for await (const bytes of body) {
    alive()
    yield bytes
  }
}

function parsed<Schema extends z.ZodType>(payload: string, schema: Schema): z.output<Schema> {
  let value: unknown
  try {
    value = JSON.parse(payload)
  } catch {
    throw new RequestFailure(`malformed JSON in the stream: ${shorten(payload)}`)
  }
  const { error } = (value ?? {}) as { error?: unknown }
  if (error !== undefined && error !== null)
    throw new RequestFailure(`the server reported ${shorten(JSON.stringify(error))}`)
  const chunk = schema.safeParse(value)
  if (!chunk.success) throw new RequestFailure(`not a completion: ${shorten(payload)}`)
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
