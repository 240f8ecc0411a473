/** The dashboard's API, and hooks that ask it. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { keyHeader, noticeStatus } from './api-key.tsx'

class ApiError extends Error {}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T | undefined> {
  const response = await fetch(`./api${path}`, {
    headers: keyHeader(),
    ...(signal && { signal }),
  }).catch((error: unknown) => {
    if (signal?.aborted) throw error
    throw new ApiError('The server does not answer.')
  })
  noticeStatus(response.status)
  if (response.status === 204) return undefined
  const body = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined
  if (!response.ok) throw new ApiError(body?.error?.message ?? `The server answers ${response.status}.`)
  return body as T
}

/** Asks for a change; throws an ApiError where it is refused. */
export async function send<T>(method: 'PUT' | 'POST', path: string, body: unknown = {}): Promise<T> {
  const response = await fetch(`./api${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...keyHeader() },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new ApiError('The server does not answer.')
  })
  noticeStatus(response.status)
  const answer = (await response.json().catch(() => undefined)) as
    | { error?: { message?: string } }
    | undefined
  if (!response.ok) throw new ApiError(answer?.error?.message ?? `The server answers ${response.status}.`)
  return answer as T
}

/** Milliseconds between looks at what seldom changes: a run that does not train may be resumed. */
export const SELDOM = 5000

export interface Asked<T> {
  value: T | undefined
  error: string | undefined
}

/**
 * Asks again and again while the page is in view: after `wait(value)` milliseconds, or never again where that is
 * undefined. An answer without content leaves the value as it is. A new path keeps the old value until its own is there.
 */
export function usePoll<T>(
  path: string | undefined,
  wait: (value: T | undefined) => number | undefined,
  known: (value: T | undefined) => string = () => '',
): Asked<T> {
  const [asked, setAsked] = useState<Asked<T>>({ value: undefined, error: undefined })
  const value = useRef<T | undefined>(undefined)
  const waiting = useRef(wait)
  waiting.current = wait
  const knowing = useRef(known)
  knowing.current = known
  useEffect(() => {
    if (path === undefined) return
    const abort = new AbortController()
    let timer: ReturnType<typeof setTimeout> | undefined
    let first = true
    const ask = async () => {
      timer = undefined
      if (document.hidden && !first) return later(1000)
      try {
        const suffix = first ? '' : knowing.current(value.current)
        first = false
        const next = await getJson<T>(path + suffix, abort.signal)
        if (abort.signal.aborted) return
        if (next !== undefined) value.current = next
        // What is as it was is not drawn again, but a former error is over.
        setAsked((before) =>
          next === undefined && before.error === undefined
            ? before
            : { value: value.current, error: undefined },
        )
      } catch (error) {
        if (abort.signal.aborted) return
        setAsked({ value: value.current, error: (error as Error).message })
        return later(3000)
      }
      const pause = waiting.current(value.current)
      if (pause !== undefined) later(pause)
    }
    const later = (milliseconds: number) => {
      timer = setTimeout(() => void ask(), milliseconds)
    }
    void ask()
    return () => {
      abort.abort()
      clearTimeout(timer)
    }
  }, [path])
  return asked
}

export function useJson<T>(path: string | undefined): Asked<T> {
  return usePoll<T>(path, () => undefined)
}

/** The lines of an answer that streams JSON values. */
export async function* streamLines<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
  const response = await fetch(`./api${path}`, { signal, headers: keyHeader() })
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const lines = (rest + value).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line !== '') yield JSON.parse(line) as T
  }
}
