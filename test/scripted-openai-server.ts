/**
 * An OpenAI-compatible server whose behaviour is a function of the request: what it answers, and how it fails first. It
 * counts what was asked of it. For tests of clients; it runs in the test's process.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Fault = 'rate limit' | 'server error' | 'cut stream' | 'malformed json' | 'error chunk' | 'reset'

export interface Script {
  /** Faults before the answer, one a try. */
  faults?: readonly Fault[]
  /** The answer; a server that separates reasoning sends `thinking` as `reasoning_content`. */
  thinking?: string
  text: string
  tokens: number
  thinkingTokens?: number
  finish?: 'stop' | 'length'
  /** Milliseconds between the first pieces. */
  delay?: number
  /** What is sent in place of all that, event by event: of text completions, which differ from server to server. */
  chunks?: readonly object[]
}

export interface ChatBody {
  model: string
  messages: { role: string; content: string }[]
  /** Of a text completion, in place of the messages: token ids. */
  prompt?: number[]
  seed: number
  [key: string]: unknown
}

export interface ScriptedServer {
  url: string
  /** Every request body, faulty tries included. */
  requests: ChatBody[]
  /** How often an answer was sent whole, by prompt and seed. */
  answered: Map<string, number>
  close(): Promise<void>
}

/** `script` is asked once a try, with the number of tries before it for the same prompt and seed. */
export async function startScriptedServer(script: (body: ChatBody) => Script): Promise<ScriptedServer> {
  const requests: ChatBody[] = []
  const answered = new Map<string, number>()
  const tries = new Map<string, number>()
  const server = createServer((request, response) => {
    readBody(request)
      .then((text) => {
        const body = JSON.parse(text) as ChatBody
        requests.push(body)
        const key = keyOf(body)
        const tried = tries.get(key) ?? 0
        tries.set(key, tried + 1)
        const plan = script(body)
        const fault = plan.faults?.[tried]
        if (fault !== undefined) return fail(response, fault)
        return answer(response, plan, () => answered.set(key, (answered.get(key) ?? 0) + 1))
      })
      .catch(() => response.destroy())
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    answered,
    close: () => closeServer(server),
  }
}

export function keyOf({ messages, prompt, seed }: ChatBody): string {
  return `${seed} ${prompt ?? messages[0]!.content}`
}

async function answer(response: ServerResponse, plan: Script, onSent: () => void): Promise<void> {
  startStream(response)
  const { thinking, text, tokens, thinkingTokens, finish = 'stop', delay = 0, chunks } = plan
  if (chunks !== undefined) {
    for (const chunk of chunks) {
      if (delay > 0) await new Promise((passed) => setTimeout(passed, delay))
      send(response, chunk)
    }
    response.write('data: [DONE]\n\n')
    response.end()
    return onSent()
  }
  send(response, { choices: [{ delta: { role: 'assistant', content: '' }, finish_reason: null }] })
  for (const piece of pieces(thinking ?? '')) {
    if (delay > 0) await new Promise((passed) => setTimeout(passed, delay))
    send(response, { choices: [{ delta: { reasoning_content: piece }, finish_reason: null }] })
  }
  for (const piece of pieces(text))
    send(response, { choices: [{ delta: { content: piece }, finish_reason: null }] })
  if (delay > 0) await new Promise((passed) => setTimeout(passed, delay))
  send(response, { choices: [{ delta: {}, finish_reason: finish }] })
  send(response, {
    choices: [],
    usage: {
      completion_tokens: tokens,
      ...(thinkingTokens === undefined
        ? {}
        : { completion_tokens_details: { reasoning_tokens: thinkingTokens } }),
    },
  })
  response.write('data: [DONE]\n\n')
  response.end()
  if (!response.destroyed) onSent()
}

function fail(response: ServerResponse, fault: Fault): void {
  if (fault === 'rate limit') {
    response.writeHead(429, { 'retry-after': '0.05', 'content-type': 'application/json' })
    response.end('{"error":{"message":"too many requests"}}')
  } else if (fault === 'server error') {
    response.writeHead(500)
    response.end('<h1>out of memory</h1>')
  } else if (fault === 'reset') {
    response.socket?.destroy()
  } else {
    startStream(response)
    send(response, { choices: [{ delta: { content: '\\boxed{half' }, finish_reason: null }] })
    if (fault === 'malformed json') response.write('data: {"choices": [{"delta": {"con\n\n')
    if (fault === 'error chunk') send(response, { error: { message: 'worker died' } })
    response.end()
  }
}

function startStream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
}

function send(response: ServerResponse, chunk: unknown): void {
  response.write(`data: ${JSON.stringify(chunk)}\n\n`)
}

/** A few pieces, cut inside words and surrogate pairs' neighbourhoods as tokens are. */
function pieces(text: string): string[] {
  const size = Math.max(1, Math.ceil(text.length / 3))
  return Array.from({ length: Math.ceil(text.length / size) }, (_, i) => text.slice(i * size, (i + 1) * size))
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

async function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  await new Promise((closed) => server.close(closed))
}
