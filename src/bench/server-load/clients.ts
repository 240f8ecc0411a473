/** Clients that ask a server one streamed question after the other for a while, and what they saw. */
import * as http from 'node:http'
import * as https from 'node:https'
import { serverSentEvents } from '../../engine/openai/server-sent-events.ts'
import { askOf, type LoadOptions } from './questions.ts'

export interface ClientFigures {
  /** Whole ones, within the time. */
  responses: number
  /** Refused, cut off or without an end, at any time. */
  lost: number
  /** What went wrong, by message. */
  problems: Record<string, number>
  tokensPerSecond: number
  /** Seconds from a request to its first text. */
  firstText: { median: number; p95: number; most: number }
  /** Tokens of whole responses, by client. */
  tokensOfClient: { least: number; median: number; most: number }
}

export interface ClientOptions extends LoadOptions {
  /** Ends before /chat/completions. */
  url: string
  model: string
  apiKey?: string | undefined
}

export async function runClients(options: ClientOptions): Promise<ClientFigures> {
  const { clients, seconds } = options
  const { Agent, request } = new URL(options.url).protocol === 'https:' ? https : http
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const until = performance.now() + seconds * 1000
  const tokens: number[] = new Array(clients).fill(0)
  const firstTexts: number[] = []
  const problems: Record<string, number> = {}
  let responses = 0
  let lost = 0
  await Promise.all(
    tokens.map(async (_, client) => {
      for (let i = 0; performance.now() < until; i++) {
        try {
          const seen = await ask(options, { request, agent }, client, i)
          if (performance.now() > until) continue
          responses++
          firstTexts.push(seen.firstText)
          tokens[client]! += seen.tokens
        } catch (error) {
          lost++
          const { message } = error as Error
          problems[message] = (problems[message] ?? 0) + 1
          // A server that is gone is not to be asked ten thousand times.
          await new Promise((resolve) => setTimeout(resolve, 100))
        }
      }
    }),
  )
  agent.destroy()
  const [least, median, most] = quantiles(tokens, [0, 0.5, 1])
  const [middle, p95, slowest] = quantiles(firstTexts, [0.5, 0.95, 1])
  return {
    responses,
    lost,
    problems,
    tokensPerSecond: tokens.reduce((a, b) => a + b, 0) / seconds,
    firstText: { median: middle!, p95: p95!, most: slowest! },
    tokensOfClient: { least: least!, median: median!, most: most! },
  }
}

interface Chunk {
  choices: { delta: { content?: string; reasoning_content?: string }; finish_reason: string | null }[]
  usage?: { completion_tokens: number } | null
  error?: { message: string }
}

interface Connection {
  request: typeof http.request
  agent: http.Agent
}

async function ask(options: ClientOptions, connection: Connection, client: number, index: number) {
  const started = performance.now()
  const response = await post(options, connection, client, index)
  let firstText: number | undefined
  let finished = false
  let done = false
  let tokens: number | undefined
  // To the stream's very end, after which the connection serves the next question.
  for await (const payload of serverSentEvents(response)) {
    if (payload === '[DONE]') {
      done = true
      continue
    }
    const { choices, usage, error } = JSON.parse(payload) as Chunk
    if (error !== undefined) throw new Error(error.message)
    const [choice] = choices
    if (choice?.delta.content || choice?.delta.reasoning_content)
      firstText ??= (performance.now() - started) / 1000
    finished ||= choice?.finish_reason != null
    tokens = usage?.completion_tokens ?? tokens
  }
  if (!done || !finished || tokens === undefined) throw new Error('the stream ended without its end')
  return { firstText: firstText ?? (performance.now() - started) / 1000, tokens }
}

function post(
  { url, model, apiKey, ...load }: ClientOptions,
  { request, agent }: Connection,
  client: number,
  index: number,
): Promise<http.IncomingMessage> {
  const { question, seed, maxTokens, temperature, topP } = askOf(load, client, index)
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: question }],
    seed,
    max_tokens: maxTokens,
    temperature,
    top_p: topP,
    stream: true,
    stream_options: { include_usage: true },
  })
  return new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    }
    const sent = request(`${url.replace(/\/+$/, '')}/chat/completions`, {
      method: 'POST',
      agent,
      headers,
    })
    sent.on('error', reject)
    sent.on('response', (response) => {
      if (response.statusCode === 200) return resolve(response)
      response.resume()
      reject(new Error(`HTTP ${response.statusCode}`))
    })
    sent.end(body)
  })
}

function quantiles(values: readonly number[], shares: readonly number[]): number[] {
  const sorted = values.slice().sort((a, b) => a - b)
  return shares.map((share) => sorted[Math.round(share * (sorted.length - 1))] ?? Number.NaN)
}
