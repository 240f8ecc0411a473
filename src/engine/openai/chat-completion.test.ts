import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { type ChatEndpoint, type ChatResponse, chatCompletion } from './chat-completion.ts'
import { retryAfter } from './request.ts'
import { serverSentEvents } from './server-sent-events.ts'

async function ask(
  respond: { status?: number; headers?: Record<string, string>; body: string | string[]; hang?: boolean },
  endpoint: Partial<ChatEndpoint> = {},
): Promise<{ response: ChatResponse; sent: Record<string, unknown>; authorization: string | undefined }> {
  let sent = ''
  let authorization: string | undefined
  const server = createServer(async (request, response) => {
    authorization = request.headers.authorization
    for await (const chunk of request) sent += String(chunk)
    response.writeHead(respond.status ?? 200, respond.headers ?? { 'content-type': 'text/event-stream' })
    for (const piece of [respond.body].flat()) {
      response.write(piece)
      await new Promise((passed) => setTimeout(passed, 2))
    }
    if (respond.hang !== true) response.end()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`
  try {
    const response = await chatCompletion(
      { url, model: 'm', idleSeconds: 20, reasoningModel: false, ...endpoint },
      { message: 'hi', temperature: 0.6, topP: 0.95, maxTokens: 7, seed: 5 },
      new AbortController().signal,
    )
    return { response, sent: JSON.parse(sent) as Record<string, unknown>, authorization }
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ delta, finish_reason: finish }] })}\n\n`
const DONE = 'data: [DONE]\n\n'
const usage = (tokens: number, reasoning?: number) =>
  `data: ${JSON.stringify({ choices: [], usage: { completion_tokens: tokens, completion_tokens_details: { reasoning_tokens: reasoning } } })}\n\n`

describe('chatCompletion', () => {
  it('sends the message, the settings and the key', async () => {
    const { sent, authorization } = await ask(
      { body: chunk({ content: 'x' }, 'stop') + DONE },
      { apiKey: 'k' },
    )
    expect(authorization).toBe('Bearer k')
    expect(sent).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      stream_options: { include_usage: true },
      seed: 5,
      max_tokens: 7,
      temperature: 0.6,
      top_p: 0.95,
    })
  })

  it('asks hosted reasoning models in their way', async () => {
    const { sent } = await ask({ body: chunk({ content: 'x' }, 'stop') }, { reasoningModel: true })
    expect(sent).toMatchObject({ max_completion_tokens: 7 })
    expect(Object.keys(sent)).not.toContain('temperature')
    expect(Object.keys(sent)).not.toContain('max_tokens')
  })

  const stream = (...pieces: string[]) => ({ body: pieces })
  it.each([
    [
      'text with its own think tags, usage counted by the server',
      stream(
        chunk({ content: '<think>a</think>' }),
        chunk({ content: 'b' }),
        chunk({}, 'stop'),
        usage(9),
        DONE,
      ),
      { text: '<think>a</think>b', tokens: 9, stopReason: 'stop' },
    ],
    [
      'reasoning_content becomes a think block',
      stream(chunk({ reasoning_content: 'a' }), chunk({ content: 'b' }, 'stop'), usage(9, 4), DONE),
      { text: '<think>\na\n</think>\n\nb', tokens: 9, thinkingTokens: 4, stopReason: 'stop' },
    ],
    [
      'empty reasoning is an empty think block',
      stream(chunk({ reasoning_content: '' }), chunk({ content: 'b' }, 'stop'), usage(9, 2), DONE),
      { text: '<think>\n\n</think>\n\nb', tokens: 9, thinkingTokens: 2, stopReason: 'stop' },
    ],
    [
      'reasoning that never ends stays open; pieces counted where usage is missing',
      stream(chunk({ reasoning: 'a' }), chunk({ reasoning: 'b' }, 'length'), DONE),
      { text: '<think>\nab\n', tokens: 2, stopReason: 'length' },
    ],
    [
      'cut anywhere between bytes, with comments and CRLF',
      stream(...Array.from(`: ping\r\n\r\n${chunk({ content: 'é😀' }, 'stop').replaceAll('\n', '\r\n')}`)),
      { text: 'é😀', tokens: 1, stopReason: 'stop' },
    ],
    [
      'content as a list of parts, thinking among them',
      stream(
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] }),
        chunk(
          { content: [{ type: 'text', text: 'b' }, { type: 'text', text: 'c' }, { type: 'image' }] },
          'stop',
        ),
      ),
      { text: '<think>\na\n</think>\n\nbc', tokens: 2, stopReason: 'stop' },
    ],
    [
      'whole, but for the finish reason',
      stream(chunk({ content: 'b' }), usage(3), DONE),
      { text: 'b', tokens: 3, stopReason: 'stop' },
    ],
    [
      'whole at the limit, but for the finish reason',
      stream(chunk({ content: 'b' }), usage(7), DONE),
      { text: 'b', tokens: 7, stopReason: 'length' },
    ],
    [
      'the form of text completions',
      stream(
        'data: {"choices":[{"text":"<think>a</think>"}]}\n\n',
        'data: {"choices":[{"text":"b","finish_reason":"stop"}]}\n\n',
      ),
      { text: '<think>a</think>b', tokens: 2, stopReason: 'stop' },
    ],
    [
      'tags within the reasoning',
      stream(chunk({ reasoning_content: '<think>\na\n</think>\n' }), chunk({ content: 'b' }, 'stop')),
      { text: '<think>\na\n</think>\n\nb', tokens: 2, stopReason: 'stop' },
    ],
    [
      'the answer within the reasoning too',
      stream(chunk({ reasoning_content: '<think>a</think>b' }, 'stop')),
      { text: '<think>\na\n</think>\n\nb', tokens: 1, stopReason: 'stop' },
    ],
    [
      'the closing tag in the content',
      stream(chunk({ reasoning_content: 'a' }), chunk({ content: '</think>\n\nb' }, 'stop')),
      { text: '<think>\na\n</think>\n\nb', tokens: 2, stopReason: 'stop' },
    ],
    [
      'one JSON answer without a finish reason',
      {
        headers: { 'content-type': 'application/json' },
        body: '{"choices":[{"message":{"content":[{"type":"text","text":"b"}]}}],"usage":{"completion_tokens":3}}',
      },
      { text: 'b', tokens: 3, stopReason: 'stop' },
    ],
    [
      'no stream but one JSON answer',
      {
        headers: { 'content-type': 'application/json' },
        body: '{"choices":[{"message":{"content":"b","reasoning_content":null},"finish_reason":"stop"}],"usage":{"completion_tokens":3}}',
      },
      { text: 'b', tokens: 3, stopReason: 'stop' },
    ],
  ])('%s', async (_, respond, expected) => {
    expect((await ask(respond)).response).toEqual(expected)
  })

  it.each([
    [
      'cut stream',
      stream(chunk({ content: 'half' })),
      { message: 'the stream was cut off', status: undefined },
    ],
    ['malformed JSON', stream('data: {"choices": [\n\n'), { message: /^malformed JSON/, status: undefined }],
    [
      'half a chunk at the end',
      stream(chunk({ content: 'a' }), 'data: {"cho'),
      { message: /^malformed JSON/ },
    ],
    ['another shape', stream('data: {"choices": 1}\n\n'), { message: /^not a completion/ }],
    [
      'an error in the stream',
      stream('data: {"error":{"message":"died"}}\n\n'),
      { message: /died/, status: undefined },
    ],
    [
      '429',
      { status: 429, headers: { 'retry-after': '7' }, body: '{"error":{"message":"slow"}}' },
      { message: '429 Too Many Requests: slow', status: 429, retryAfterSeconds: 7 },
    ],
    [
      '500 with HTML',
      { status: 500, body: '<h1>\n oops</h1>' },
      { message: /^500 .*<h1> oops/, status: 500 },
    ],
    [
      'silence',
      { body: chunk({ content: 'a' }), hang: true },
      { message: 'nothing received for 0.2 s', status: undefined },
    ],
  ])('fails as data: %s', async (_, respond, expected) => {
    const failing = ask(respond, { idleSeconds: 'hang' in respond ? 0.2 : 20 })
    await expect(failing).rejects.toMatchObject({
      name: 'RequestFailure',
      ...expected,
      message: expect.stringMatching(expected.message),
    })
  })

  it.each(['http://127.0.0.1:9/v1', 'ftp://127.0.0.1/v1', 'http://no-such-host.invalid/v1'])(
    'knows an address without a server: %s',
    async (url) => {
      const failing = ask({ body: '' }, { url })
      await expect(failing).rejects.toMatchObject({ name: 'RequestFailure', unreachable: true })
    },
  )

  it('knows a port that nobody listens on', async () => {
    const server = createServer()
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    await new Promise((closed) => server.close(closed))
    const failing = ask({ body: '' }, { url: `http://127.0.0.1:${port}/v1` })
    await expect(failing).rejects.toMatchObject({
      unreachable: true,
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })
})

describe('serverSentEvents', () => {
  it('joins data lines and passes over the rest', async () => {
    const text = 'event: x\nid: 1\ndata: a\ndata:b\n\n: comment\n\ndata: c'
    const read: string[] = []
    for await (const payload of serverSentEvents([Buffer.from(text)] as unknown as AsyncIterable<Uint8Array>))
      read.push(payload)
    expect(read).toEqual(['a\nb', 'c'])
  })
})

describe('retryAfter', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [null, undefined],
    ['12', 12],
    ['0.5', 0.5],
    ['Thu, 01 Jan 2026 00:00:30 GMT', 30],
    ['Wed, 31 Dec 2025 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('%s', (header, seconds) => {
    expect(retryAfter(header, now)).toBe(seconds)
  })
})
