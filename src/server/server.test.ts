/** Clients that mean no good, or just leave. Whatever they do, places come back and others are answered. */
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openServedModel, type ServedModel } from './openai/served-model.ts'
import { pageRoutes } from './page.ts'
import { type RunningServer, type ServerOptions, startServer } from './server.ts'

let served: ServedModel
let server: RunningServer
const options = (): ServerOptions => ({ models: [served], runs: 'runs', port: 0 })
beforeAll(async () => {
  served = await openServedModel({ id: 'pocket-base', path: 'pocket-base' }, 2)
  server = await startServer(options())
}, 300_000)
afterAll(async () => {
  await server.drain(0)
  served.model.close()
})

const chat = (more: object = {}) =>
  JSON.stringify({
    model: 'pocket-base',
    messages: [{ role: 'user', content: 'Using the numbers 3, 7, 9, make 30' }],
    temperature: 2,
    ...more,
  })
const user = { role: 'user', content: 'x' }
const post = (body: string, init: RequestInit = {}, path = '/v1/chat/completions') =>
  fetch(server.url + path, { method: 'POST', body, ...init })
const shape = { error: { message: expect.any(String), type: expect.any(String) } }
const quiet = () =>
  expect.poll(() => [served.gate.running, served.gate.waiting], { timeout: 30_000 }).toEqual([0, 0])

describe('bad requests get the OpenAI error shape and no place', () => {
  it.each<[string, string, number, object]>([
    ['garbage', '\u0000{]', 400, {}],
    ['nothing', '', 400, {}],
    ['null', 'null', 400, {}],
    ['an array', '[]', 400, {}],
    ['no model', '{"messages":[{"role":"user","content":"x"}]}', 400, { param: 'model' }],
    ['an unknown model', chat({ model: 'gpt-4' }), 404, { code: 'model_not_found', param: 'model' }],
    ['messages of a wrong type', chat({ messages: 'hello' }), 400, { param: 'messages' }],
    [
      'an unknown role',
      chat({ messages: [{ role: 'cat', content: 'x' }] }),
      400,
      { param: 'messages.0.role' },
    ],
    [
      'an image',
      chat({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }),
      400,
      { param: 'messages.0.content.0.type' },
    ],
    [
      'a tool turn',
      chat({ messages: [user, { role: 'tool', content: '3', tool_call_id: '1' }] }),
      400,
      { param: 'messages.1.role' },
    ],
    [
      'a call of a tool',
      chat({ messages: [user, { role: 'assistant', tool_calls: [{ id: '1' }] }] }),
      400,
      { param: 'messages.1.tool_calls', message: expect.stringContaining('not supported') },
    ],
    [
      'no question',
      chat({ messages: [{ role: 'system', content: 'Be brief.' }] }),
      400,
      { param: 'messages' },
    ],
    ['alternatives without log-probabilities', chat({ top_logprobs: 2 }), 400, { param: 'top_logprobs' }],
    ...[
      { function_call: 'auto' },
      { repetition_penalty: 1.5 },
      { min_p: 0.1 },
      { min_tokens: 50 },
      { ignore_eos: true },
      { guided_json: {} },
      { stop_token_ids: [17] },
    ].map((field): [string, string, number, object] => {
      const [param] = Object.keys(field)
      return [`${param} of vLLM`, chat(field), 400, { param }]
    }),
    ['zeros for stop strings', chat({ stop: Array(1_500_000).fill(0) }), 400, { param: 'stop' }],
    ['zeros for messages', chat({ messages: Array(1_500_000).fill(0) }), 400, { param: 'messages' }],
    ['zeros for tools', chat({ tools: Array(1_500_000).fill(0) }), 400, { param: 'tools' }],
    ['a million stop tokens', chat({ stop_token_ids: Array(1e6).fill(0) }), 400, { param: 'stop_token_ids' }],
    ['a stop string of a megabyte', chat({ stop: 'a'.repeat(1e6) }), 400, { param: 'stop' }],
    ['a seed of 65 bits', chat({ seed: 2 ** 65 }), 400, { param: 'seed' }],
    ['half a seed', chat({ seed: 0.5 }), 400, { param: 'seed' }],
    ['a great top_k', chat({ top_k: 1e12 }), 400, { param: 'top_k' }],
    [
      'more log-probabilities than one answer holds',
      chat({ n: 64, logprobs: true, top_logprobs: 20 }),
      400,
      { param: 'logprobs' },
    ],
    ['half a response', chat({ n: 0.5 }), 400, { param: 'n' }],
    ['a million responses', chat({ n: 1_000_000 }), 400, { param: 'n' }],
    ['a negative limit', chat({ max_tokens: -1 }), 400, { param: 'max_tokens' }],
    ['text for a number', chat({ temperature: '1' }), 400, { param: 'temperature' }],
    ['an empty stop string', chat({ stop: '' }), 400, { param: 'stop' }],
    ['JSON mode', chat({ response_format: { type: 'json_object' } }), 400, { param: 'response_format' }],
    ['a deep body', '['.repeat(100_000), 400, {}],
    [
      'a long prompt',
      chat({ messages: [{ role: 'user', content: 'a'.repeat(3 << 20) }] }),
      400,
      { code: 'context_length_exceeded' },
    ],
    [
      '10 MB',
      chat({ messages: [{ role: 'user', content: 'a'.repeat(10 << 20) }] }),
      413,
      { code: 'request_too_large' },
    ],
  ])('%s', async (_, body, status, details) => {
    const response = await post(body)
    expect({ status: response.status, body: await response.json() }).toMatchObject({
      status,
      body: { error: { ...shape.error, ...details } },
    })
    expect([served.gate.running, served.gate.waiting]).toEqual([0, 0])
  })

  it('10 MB in chunks without a length, and the next request on its connection', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    const head = 'POST /v1/completions HTTP/1.1\r\nHost: localhost\r\n'
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`)
    for (let sent = 0; sent < 10; sent++) socket.write(`100000\r\n${'a'.repeat(1 << 20)}\r\n`)
    socket.write('0\r\n\r\n')
    const next = '{"model":"pocket-base","prompt":"x","max_tokens":-1}'
    socket.end(
      `${head}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${next.length.toString(16)}\r\n${next}\r\n0\r\n\r\n`,
    )
    const answers = await text(socket)
    expect(answers.match(/HTTP\/1.1 \d+|"(code|param)":"\w+"/g)).toEqual([
      'HTTP/1.1 413',
      '"code":"request_too_large"',
      'HTTP/1.1 400',
      '"param":"max_tokens"',
    ])
  })

  it('a long text to continue is of the field it came in', async () => {
    const prompt = 'a'.repeat(3 << 20)
    const response = await post(JSON.stringify({ model: 'pocket-base', prompt }), {}, '/v1/completions')
    expect(await response.json()).toMatchObject({
      error: { code: 'context_length_exceeded', param: 'prompt' },
    })
  })

  it('token ids that the model does not have, and addresses that the server does not have', async () => {
    const tokens = await post(
      JSON.stringify({ model: 'pocket-base', prompt: [1, 99_999] }),
      {},
      '/v1/completions',
    )
    expect({ status: tokens.status, ...((await tokens.json()) as object) }).toMatchObject({
      status: 400,
      ...shape,
    })
    const nowhere = await fetch(`${server.url}/v1/embeddings`)
    expect({ status: nowhere.status, ...((await nowhere.json()) as object) }).toMatchObject({
      status: 404,
      ...shape,
    })
  })

  it('pages of other sites', async () => {
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      const response = await post(chat(), { headers: { origin } })
      expect({ status: response.status, ...((await response.json()) as object) }).toMatchObject({
        status: 403,
        ...shape,
      })
    }
    expect((await post('', { headers: { origin: server.url } })).status).toBe(400)
    expect(await statusFor(server, 'rebound.example')).toBe(403)
  })

  it('pages of other sites, on the whole network', async () => {
    const open = await startServer({ ...options(), host: '0.0.0.0' })
    expect(await statusFor(open, 'box.example')).toBe(200)
    expect(await statusFor(open, 'box.example', 'http://box.example')).toBe(200)
    expect(await statusFor(open, 'box.example', 'http://evil.example')).toBe(403)
    await open.drain(0)
  })

  /** Of a request with this Host and Origin. */
  async function statusFor({ url }: RunningServer, host: string, origin?: string): Promise<number> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const from = origin === undefined ? '' : `Origin: ${origin}\r\n`
    socket.end(`GET /v1/models HTTP/1.1\r\nHost: ${host}\r\n${from}Connection: close\r\n\r\n`)
    let answer = ''
    for await (const data of socket.setEncoding('utf8')) answer += data
    return Number(answer.split(' ')[1])
  }
})

describe('numbers at their bounds', () => {
  const answer = async (body: string) => {
    const response = await post(body)
    expect(response.status).toBe(200)
    return ((await response.json()) as { choices: { message: object }[] }).choices[0]!.message
  }

  it('a temperature that float32 cannot divide by is 0, and other requests do not notice', async () => {
    const [tiny, other] = await Promise.all([
      answer(chat({ temperature: 1e-320, max_tokens: 16 })),
      answer(chat({ seed: 1, max_tokens: 16 })),
    ])
    expect(tiny).toEqual(await answer(chat({ temperature: 0, max_tokens: 16 })))
    expect(other).toEqual(await answer(chat({ seed: 1, max_tokens: 16 })))
  })

  it('seeds have 64 bits, all of which count', async () => {
    const seeds = [
      '9223372036854775807',
      '9223372036854775806',
      '18446744073709551615',
      '-9223372036854775808',
    ]
    const texts = seeds.map((seed) =>
      answer(chat({ max_tokens: 32 }).replace('{', `{"seed":${seed},`)).then((message) =>
        JSON.stringify(message),
      ),
    )
    expect(new Set(await Promise.all(texts)).size).toBe(seeds.length)
  })

  it('the greatest limit, top-k and top-p of nothing', async () => {
    const { max_tokens, ...rest } = { max_tokens: Number.MAX_SAFE_INTEGER, top_k: 2 ** 31 - 1, top_p: 0 }
    await answer(chat({ ...rest, max_tokens, seed: 1 }))
  })
})

it('with a key, pages of any site may ask, streams included', async () => {
  const locked = await startServer({ ...options(), apiKey: 'secret' })
  const url = `${locked.url}/v1/chat/completions`
  const origin = 'https://app.example'
  const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization' }
  const preflight = await fetch(url, { method: 'OPTIONS', headers: { origin, ...asked } })
  expect(preflight.status).toBe(204)
  expect(preflight.headers.get('access-control-allow-headers')).toBe('authorization')
  for (const [authorization, stream, status] of [
    ['Bearer secret', true, 200],
    ['Bearer secret', false, 200],
    ['Bearer wrong', true, 401],
  ] as const) {
    const headers = { origin, authorization }
    const response = await fetch(url, { method: 'POST', headers, body: chat({ stream, max_tokens: 2 }) })
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([status, '*'])
    await response.text()
  }
  // The runs are for this server's own page.
  const runs = await fetch(`${locked.url}/api/runs`, { headers: { origin, authorization: 'Bearer secret' } })
  expect(runs.headers.get('access-control-allow-origin')).toBe(null)
  await locked.drain(0)
})

describe('clients that leave', () => {
  it('in the middle of a stream, while waiting, and before a whole response', async () => {
    const clients = Array.from({ length: 12 }, async (_, i) => {
      const leave = new AbortController()
      const response = await post(chat({ stream: i % 2 === 0, n: 8, seed: i }), {
        signal: leave.signal,
      }).catch(() => {})
      if (response?.status === 200 && i % 2 === 0) await response.body!.getReader().read()
      leave.abort()
    })
    const impatient = post(chat({ n: served.gate.places }), { signal: AbortSignal.timeout(20) }).catch(
      (error) => error.name,
    )
    await Promise.all(clients)
    expect(await impatient).toMatch(/Error$/)
    await quiet()
  })

  it('a socket cut in the middle of its request', async () => {
    const { port } = new URL(server.url)
    const socket = connect(Number(port), '127.0.0.1')
    await once(socket, 'connect')
    socket.write(
      'POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"model":',
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    socket.destroy()
    await quiet()
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})

describe('load', () => {
  it('waits in a queue, and refuses what does not fit in it with a time to come back', async () => {
    // Bodies are read as they come: a connection that rests for some seconds is closed.
    const responses = await Promise.all(
      Array.from({ length: 6 }, async (_, seed) => {
        const response = await post(chat({ n: served.gate.places - 20, seed, max_tokens: 20 }))
        const { status, headers } = response
        return { status, retryAfter: Number(headers.get('retry-after')), body: await response.json() }
      }),
    )
    const statuses = responses.map(({ status }) => status).sort()
    // One is answered, two wait, and three are too many.
    expect(statuses).toEqual([200, 200, 200, 429, 429, 429])
    for (const { status, retryAfter, body } of responses) {
      if (status === 200) continue
      expect(retryAfter).toBeGreaterThanOrEqual(1)
      expect(body).toMatchObject({ error: { code: 'rate_limit_exceeded' } })
    }
    await quiet()
  })

  it('is told to Prometheus', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    expect(text).toMatch(/^r1_requests_total\{route="\/v1\/chat\/completions",status="429"\} 3$/m)
    expect(text).toMatch(/^r1_requests_total\{route="\/v1\/chat\/completions",status="499"\} \d+$/m)
    expect(text).toMatch(/^r1_running\{model="pocket-base"\} 0$/m)
    expect(text).toMatch(/^r1_tokens_total\{model="pocket-base",kind="completion"\} \d+$/m)
    expect(text).toMatch(/^nodejs_eventloop_lag_p99_seconds /m)
  })
})

describe('drain', () => {
  it('lets running responses end, and refuses new ones', async () => {
    const closing = await startServer(options())
    const send = (path: string, body?: string) =>
      fetch(closing.url + path, body === undefined ? {} : { method: 'POST', body })
    const running = send('/v1/chat/completions', chat({ n: 16, stream: true }))
    await expect.poll(() => served.gate.running).toBeGreaterThan(0)
    const response = await running
    const closed = closing.drain(30)
    await expect(send('/healthz')).rejects.toThrow()
    const text = await response.text()
    expect(text.match(/"finish_reason":"/g)).toHaveLength(16)
    expect(text).toMatch(/data: \[DONE\]\n\n$/)
    await closed
  })

  it('cuts off what takes too long', async () => {
    const closing = await startServer(options())
    const response = await fetch(`${closing.url}/v1/chat/completions`, {
      method: 'POST',
      body: chat({ n: 100, stream: true }),
    })
    await closing.drain(0)
    await expect(response.text()).rejects.toThrow()
    await quiet()
  })
})

it('the page comes with a policy that lets it fetch from this server alone, and is what it says it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'r1-built-'))
  mkdirSync(join(folder, 'assets'))
  for (const name of ['index.html', 'assets/a.js']) writeFileSync(join(folder, name), '')
  const page = pageRoutes(async () => folder)
  for (const path of ['/', '/assets/a.js', '/none']) {
    const { headers } = await page.request(path)
    expect(headers.get('content-security-policy'), path).toMatch(/^default-src 'self';/)
    expect(headers.get('x-content-type-options'), path).toBe('nosniff')
  }
  // The package has the weights of the page that trains in models/ alone.
  const weights = await page.request('/train/assets/model-a1_B-2.safetensors')
  expect(Number(weights.headers.get('content-length'))).toBe(
    statSync(join(import.meta.dirname, '../../models/pocket-base/model.safetensors')).size,
  )
  rmSync(folder, { recursive: true })
})
