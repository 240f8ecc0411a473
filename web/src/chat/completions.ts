/** The server's OpenAI-compatible API, as far as a chat needs it. */
import { keyHeader, noticeStatus } from '../api-key.tsx'
import type { Message, Sampling } from './conversation.ts'

export interface Delta {
  thinking: string
  answer: string
  finish: string | undefined
  usage: { tokens: number; thinkingTokens: number | undefined } | undefined
}

interface Chunk {
  choices: {
    delta?: { content?: string | null; reasoning_content?: string | null }
    finish_reason?: string | null
  }[]
  usage?: { completion_tokens: number; completion_tokens_details?: { reasoning_tokens?: number } } | null
  error?: { message: string }
}

export interface ServedModel {
  id: string
  /** What it can be asked, where that is known. */
  abilities?: { summary: string; examples: string[] }
}

/** The models served here; none where this process serves none. */
export async function listModels(): Promise<ServedModel[]> {
  const response = await fetch('./v1/models', { headers: keyHeader() })
  noticeStatus(response.status)
  if (!response.ok) return []
  const { data } = (await response.json()) as { data: ServedModel[] }
  return data
}

export async function* streamChat(
  model: string,
  messages: readonly Message[],
  { temperature, topP, maxTokens, seed }: Sampling,
  signal: AbortSignal,
): AsyncGenerator<Delta> {
  const response = await fetch('./v1/chat/completions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...keyHeader() },
    signal,
    body: JSON.stringify({
      model,
      messages,
      temperature,
      top_p: topP,
      max_tokens: maxTokens,
      ...(seed === '' ? {} : { seed: Number(seed) }),
      stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    }),
  }).catch((error: unknown) => {
    if (signal.aborted) throw error
    throw new Error('The server does not answer.')
  })
  if (!response.ok) {
    const body = (await response.json().catch(() => undefined)) as
      | { error?: { message?: string } }
      | undefined
    throw new Error(body?.error?.message ?? `The server answers ${response.status}.`)
  }
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    const events = (rest + value).split('\n')
    rest = events.pop()!
    for (const line of events) {
      if (!line.startsWith('data:')) continue
      const data = line.slice(5).trim()
      if (data === '[DONE]') return
      yield deltaOf(JSON.parse(data) as Chunk)
    }
  }
}

function deltaOf({ choices: [choice], usage, error }: Chunk): Delta {
  if (error !== undefined) throw new Error(error.message)
  return {
    thinking: choice?.delta?.reasoning_content ?? '',
    answer: choice?.delta?.content ?? '',
    finish: choice?.finish_reason ?? undefined,
    usage: usage
      ? { tokens: usage.completion_tokens, thinkingTokens: usage.completion_tokens_details?.reasoning_tokens }
      : undefined,
  }
}
