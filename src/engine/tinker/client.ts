/**
 * Requests to a server of the Tinker API. Calls that take time answer with a future, which is polled. What failed for a
 * passing reason (408, 425, 429, 5xx, a lost connection) is sent again as it was, for as long as the server's patience
 * lasts; a 409 never is, since servers mean "already done" and "number reused" by it. Where a repetition could be
 * counted twice, because the request has no number that the server knows it by, an uncertain failure is an error.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { megabytes } from '../../disk/limits.ts'
import { EngineError } from '../../errors.ts'
import { failedFuture, fileElsewhere, futureStub, notReady } from './wire.ts'
import { PROTOBUF } from './wire-protobuf.ts'

export interface Connection {
  /** Ends before `/api/v1`. */
  url: string
  apiKey?: string | undefined
  /** How long a server may be away, or answer nothing but passing errors, before a request gives up. */
  patienceSeconds: number
  /** How long one operation may take; the first on a cluster starts all of it. */
  operationSeconds: number
  /** Told once when a server starts to be waited for, and when it is back. */
  note?: (text: string) => void
}

export const CONNECTION = { patienceSeconds: 300, operationSeconds: 3600 }

/** What a server answered, or that it did not. */
export class TinkerError extends EngineError {
  /** Absent where there was no answer. */
  readonly status: number | undefined

  constructor(message: string, { status, remedy }: { status?: number | undefined; remedy?: string } = {}) {
    super(message, remedy === undefined ? {} : { remedy })
    this.status = status
  }
}

export interface RequestOptions {
  signal?: AbortSignal | undefined
  /** The server knows a repetition for what it is, or it does no harm; true by default. */
  repeatable?: boolean
  timeoutSeconds?: number
  /** Statuses that are answers and not failures. */
  answers?: readonly number[]
  accept?: string
  /** Of the answer; a gigabyte by default, which holds the log-probabilities of a hundred million tokens. */
  maxBytes?: number
}

/** A result's forms: what its JSON must be, and how Protocol Buffers are read where they are asked for. */
export interface ResultForm<T> {
  json: z.ZodType<T>
  protobuf?: (bytes: Uint8Array) => T
}

/** An operation that the server has accepted; `done` polls for its result. */
export interface Accepted<T> {
  done: () => Promise<T>
}

export interface TinkerClient {
  readonly connection: Connection
  /** A path below `/api/v1/`; without a body it is a GET. */
  request<T>(
    path: string,
    body: object | undefined,
    answer: z.ZodType<T>,
    options?: RequestOptions,
  ): Promise<T>
  /** A body of bytes is Protocol Buffers. */
  submit<T>(
    path: string,
    body: object | Uint8Array,
    result: ResultForm<T>,
    options?: RequestOptions,
  ): Promise<Accepted<T>>
  /** The bytes of a file, at most `maxBytes`. */
  download(path: string, maxBytes: number): Promise<Uint8Array>
}

const POLL_SECONDS = 45
const MOST_BYTES = 2 ** 30
const FIRST_WAIT_SECONDS = 0.25
const LONGEST_WAIT_SECONDS = 10

export function createClient(connection: Connection): TinkerClient {
  const { url, apiKey, patienceSeconds, operationSeconds, note = () => {} } = connection
  const base = `${url.replace(/\/+$/, '')}/api/v1/`
  let away = false

  async function send(path: string, body: object | undefined, options: RequestOptions): Promise<Response> {
    const { signal, timeoutSeconds = 60, repeatable = true, answers = [] } = options
    const started = performance.now()
    for (let tried = 0; ; tried++) {
      const limit = AbortSignal.timeout(timeoutSeconds * 1000)
      let failure = await attempt(
        path,
        body,
        options,
        signal === undefined ? limit : AbortSignal.any([signal, limit]),
      )
      // A poll may be held longer than we wait, SkyRL's for five minutes: not yet done, and no server away.
      if (failure instanceof Error && limit.aborted && answers.includes(408))
        failure = Response.json({}, { status: 408 })
      if (failure instanceof Response && (failure.ok || answers.includes(failure.status))) {
        if (away) note(`The server at ${url} is back.`)
        away = false
        return failure
      }
      signal?.throwIfAborted()
      const error = failure instanceof Response ? await refusal(path, failure) : failure
      if (!mayPass(error, repeatable)) throw error
      const waited = (performance.now() - started) / 1000
      if (waited > patienceSeconds)
        throw new TinkerError(`${url} did not do ${path} for ${Math.round(waited)} s (${error.message})`, {
          status: error.status,
          remedy: 'When it is there again, continue from the newest checkpoint with --resume.',
        })
      if (error.status === undefined && tried > 0 && !away) {
        note(`${error.message} Waiting for it, up to ${patienceSeconds} s.`)
        away = true
      }
      const wait = error.retryAfterSeconds ?? Math.min(FIRST_WAIT_SECONDS * 2 ** tried, LONGEST_WAIT_SECONDS)
      await sleep(wait * 1000, undefined, signal === undefined ? {} : { signal })
    }
  }

  async function attempt(
    path: string,
    body: object | undefined,
    { accept, maxBytes = MOST_BYTES }: RequestOptions,
    signal: AbortSignal,
  ): Promise<Response | PassingError> {
    try {
      const response = await sent(base + path, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body && { 'content-type': body instanceof Uint8Array ? PROTOBUF : 'application/json' }),
          ...(accept !== undefined && { accept }),
          ...(apiKey !== undefined && { 'x-api-key': apiKey }),
        },
        ...(body && { body: body instanceof Uint8Array ? Buffer.from(body) : JSON.stringify(body) }),
        signal,
      })
      // Read here, so that an answer cut off in its middle is a lost connection like any other.
      const bytes = await boundedBytes(response, maxBytes, path)
      return new Response([204, 304].includes(response.status) ? null : bytes, response)
    } catch (error) {
      if (error instanceof TooMuch) throw error
      const { code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
      const lost: PassingError = new TinkerError(`${url} does not answer to ${path}: ${message || code}.`)
      lost.neverArrived = code === 'ECONNREFUSED' || code === 'ENOTFOUND'
      return lost
    }
  }

  async function poll<T>(
    path: string,
    requestId: string,
    { json, protobuf }: ResultForm<T>,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const started = performance.now()
    for (;;) {
      const response = await send(
        'retrieve_future',
        { request_id: requestId, allow_metadata_only: false },
        { signal, timeoutSeconds: POLL_SECONDS, answers: [408], ...(protobuf && { accept: PROTOBUF }) },
      )
      if (protobuf && response.headers.get('content-type')?.startsWith(PROTOBUF))
        return protobuf(new Uint8Array(await response.arrayBuffer()))
      const answer = (await response.json()) as unknown
      const failed = failedFuture.safeParse(answer)
      if (failed.success) throw new TinkerError(`${path} failed on the server: ${failed.data.error}`)
      if (response.status !== 408 && !notReady.safeParse(answer).success) return parsed(path, json, answer)
      if ((performance.now() - started) / 1000 > operationSeconds)
        throw new TinkerError(`${path} is not done after ${operationSeconds} s.`, {
          remedy: 'Look at the server, or give it longer with engine.operationSeconds.',
        })
    }
  }

  async function request<T>(
    path: string,
    body: object | undefined,
    answer: z.ZodType<T>,
    options: RequestOptions = {},
  ): Promise<T> {
    const response = await send(path, body, options)
    const text = await response.text()
    return parsed(path, answer, text === '' ? null : JSON.parse(text))
  }

  return {
    connection,
    request,
    async submit(path, body, result, options = {}) {
      const accept = () => request(path, body, futureStub, options)
      const { request_id } = await accept()
      return {
        async done() {
          try {
            return await poll(path, request_id, result, options.signal)
          } catch (error) {
            // The server no longer has the future: asked again, it finds the operation by its number, or repeats it.
            const lost = error instanceof TinkerError && (error.status === 404 || error.status === 410)
            if (!lost || options.repeatable === false) throw error
            return await poll(path, (await accept()).request_id, result, options.signal)
          }
        },
      }
    },
    async download(path, maxBytes) {
      const response = await send(path, undefined, { timeoutSeconds: operationSeconds, maxBytes })
      if (!response.headers.get('content-type')?.includes('json'))
        return new Uint8Array(await response.arrayBuffer())
      const { url: elsewhere } = fileElsewhere.parse(await response.json())
      const file = await fetch(elsewhere, { signal: AbortSignal.timeout(operationSeconds * 1000) })
      if (!file.ok)
        throw new TinkerError(`${path}: ${file.status} from ${elsewhere}`, { status: file.status })
      return await boundedBytes(file, maxBytes, path)
    },
  }

  function parsed<T>(path: string, schema: z.ZodType<T>, answer: unknown): T {
    const { data, error } = schema.safeParse(answer)
    if (error === undefined) return data
    const [{ path: place, message }] = error.issues as [(typeof error.issues)[0]]
    throw new TinkerError(
      `${url} answered ${path} with something else than the Tinker API has: ${[...place].join('.')}: ${message}.`,
    )
  }
}

/** Sent again it would be as long. */
class TooMuch extends TinkerError {}

/** A body without end ends here, and not when memory does. */
async function boundedBytes(
  response: Response,
  maxBytes: number,
  path: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > maxBytes)
      throw new TooMuch(`the answer to ${path} is longer than ${megabytes(maxBytes)}, which is refused.`)
    parts.push(part)
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** A request as `fetch` sends it, but that a redirect takes the key to no other server and repeats no body. */
async function sent(url: string, init: RequestInit & { headers: Record<string, string> }): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: 'manual' })
  const location = response.headers.get('location')
  if (init.method !== 'GET' || response.status < 300 || response.status >= 400 || location === null)
    return response
  const { 'x-api-key': key, ...others } = init.headers
  const next = new URL(location, url)
  const same = next.origin === new URL(url).origin
  const headers = { ...others, ...(same && key !== undefined && { 'x-api-key': key }) }
  return await fetch(next, { ...init, headers, ...(same && { redirect: 'error' }) })
}

type PassingError = TinkerError & { neverArrived?: boolean; retryAfterSeconds?: number }

function mayPass({ status, neverArrived }: PassingError, repeatable: boolean): boolean {
  if (status === 425 || status === 429 || neverArrived) return true
  return repeatable && (status === undefined || status === 408 || status >= 500)
}

async function refusal(path: string, response: Response): Promise<PassingError> {
  const { status } = response
  const said = `${path}: ${status}: ${detail(await response.text())}`
  // After a restart SkyRL knows its models' names from its data base, and has none of them.
  const lost = status === 404 || (status === 400 && /\bnot loaded\b/.test(said))
  const error: PassingError = lost
    ? new TinkerError(`the server no longer has what the run left there (${said}).`, {
        status,
        remedy: 'It was restarted or gave the session up; continue from the newest checkpoint with --resume.',
      })
    : new TinkerError(said, { status })
  const after = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(after)) error.retryAfterSeconds = after
  return error
}

/** FastAPI's shape: `{"detail": text}`, or a list of what is wrong with the body. */
function detail(body: string): string {
  let value: unknown
  try {
    value = (JSON.parse(body) as { detail?: unknown }).detail ?? body
  } catch {
    value = body
  }
  const text = Array.isArray(value)
    ? value.map(({ loc, msg }: { loc?: unknown[]; msg?: string }) => `${loc?.join('.')}: ${msg}`).join('; ')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value)
  return text.length > 500 ? `${text.slice(0, 497)}...` : text
}
