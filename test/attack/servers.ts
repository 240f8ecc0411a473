/** Requests that a stranger could send to end or block a server. Each server runs as users start it, in a process of its own. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Attack } from './attack.ts'

const BIN = resolve(import.meta.dirname, '../../bin/r1.mjs')
const HEAP_MB = 512

/** The server answers before the attack, to the attack with an answer it was asked for, and after it. */
async function outlives(
  command: readonly string[],
  health: string,
  attack: (url: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'r1-attack-'))
  const server = spawn(
    process.execPath,
    [`--max-old-space-size=${HEAP_MB}`, BIN, ...command, '--port', '0', '--json'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  try {
    const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
    const { url } = JSON.parse(line) as { url: string }
    const alive = async () => assert.equal((await fetch(url + health)).status, 200, 'it does not answer')
    await alive()
    await attack(url)
    await alive()
    assert.equal(server.exitCode, null, 'it has ended')
  } finally {
    await end(server)
    rmSync(folder, { recursive: true, force: true })
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  server.kill('SIGKILL')
  await once(server, 'close')
}

const send = (url: string, body: unknown, init: RequestInit = {}) =>
  fetch(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body), ...init })

/** Each is refused as the sender's mistake. */
const refused = (command: readonly string[], health: string, requests: readonly [string, () => unknown][]) =>
  outlives(command, health, async (url) => {
    for (const [path, body] of requests) {
      const response = await send(url + path, body())
      const said = await response.text()
      assert.ok(
        response.status >= 400 && response.status < 500,
        `${path}: ${response.status} ${said.slice(0, 200)}`,
      )
    }
  })

const zeros = (count: number) => new Array<number>(count).fill(0)
const model = 'pocket-base'
const messages = [{ role: 'user', content: 'Using the numbers 3, 7, 9, make 30' }]
const SERVE = ['serve', model]
const CHAT = '/v1/chat/completions'
const COMPLETIONS = '/v1/completions'
const ENGINE = ['serve-engine', model]
const HEALTH = '/api/v1/healthz'
const prompt = { chunks: [{ tokens: [7, 8] }] }

/** Milliseconds by which the slowest answer to /healthz was slower than the slowest of a server that does nothing, while `work` runs. */
async function lateness(url: string, work: Promise<unknown>): Promise<number> {
  const idle = spawn(process.execPath, ['-e', IDLE_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [port] = (await once(createInterface(idle.stdout), 'line')) as [string]
  const slowest = { server: 0, idle: 0 }
  let working = true
  void work.finally(() => {
    working = false
  })
  const watch = async (name: keyof typeof slowest, address: string) => {
    while (working) {
      const asked = performance.now()
      await (await fetch(address)).text()
      slowest[name] = Math.max(slowest[name], performance.now() - asked)
      await sleep(10)
    }
  }
  await Promise.all([work, watch('server', `${url}/healthz`), watch('idle', `http://127.0.0.1:${port}`)])
  await end(idle)
  return slowest.server - slowest.idle
}

const IDLE_SERVER = `const server = require('node:http').createServer((_, response) => response.end('ok'))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))`

export const attacks: Attack[] = [
  {
    name: 'serve: megabytes of zeros',
    holds: 'Each request is refused with a 400, and a heap of 512 MB is enough for it.',
    quick: true,
    run: () =>
      refused(SERVE, '/healthz', [
        [CHAT, () => ({ model, messages: zeros(2_000_000) })],
        [CHAT, () => ({ model, messages: [{ role: 'user', content: zeros(2_000_000) }] })],
        [CHAT, () => ({ model, messages, stop: zeros(2_000_000) })],
        [CHAT, () => ({ model, messages, tools: zeros(2_000_000) })],
        [CHAT, () => ({ model, messages, stop_token_ids: zeros(2_000_000) })],
        [COMPLETIONS, () => ({ model, prompt: zeros(2_000_000) })],
        [COMPLETIONS, () => ({ model, prompt: [zeros(2_000_000)] })],
        [COMPLETIONS, () => ({ model, prompt: Array(900_000).fill('') })],
        [CHAT, () => '['.repeat(4 << 20)],
        [CHAT, () => `{"a":${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}}`],
      ]),
  },
  {
    name: 'serve: one request of a temperature of 1e-320 among others',
    holds: 'The others get the answers they get without it.',
    quick: false,
    run: () =>
      outlives(SERVE, '/healthz', async (url) => {
        const ask = async (seed: number, more: object = {}) => {
          const body = { model, messages, seed, temperature: 1, max_tokens: 64, ...more }
          const response = await send(url + CHAT, body)
          assert.equal(response.status, 200)
          return ((await response.json()) as { choices: { message: object }[] }).choices[0]!.message
        }
        const alone = await Promise.all([1, 2, 3].map((seed) => ask(seed)))
        const [, ...among] = await Promise.all([
          ask(0, { temperature: 1e-320 }),
          ...[1, 2, 3].map((seed) => ask(seed)),
        ])
        assert.deepEqual(among, alone)
      }),
  },
  {
    name: 'serve: a full sampler and a full queue',
    holds: '/healthz answers at most 100 ms later than a server that does nothing on the same machine.',
    quick: false,
    seconds: 600,
    run: () =>
      outlives([...SERVE, '--queue', '64'], '/healthz', async (url) => {
        const work = Promise.all(
          Array.from({ length: 40 }, async (_, seed) => {
            const body = { model, messages, seed, n: 32, temperature: 2, stream: seed % 2 === 0 }
            await (await send(url + CHAT, body)).text()
          }),
        )
        const late = await lateness(url, work)
        assert.ok(late < 100, `the slowest answer came ${late.toFixed(0)} ms later`)
      }),
  },
  {
    name: 'serve: a thousand clients that leave',
    holds: 'Their places come back, and the next client is answered.',
    quick: false,
    seconds: 300,
    run: () =>
      outlives(SERVE, '/healthz', async (url) => {
        for (let batch = 0; batch < 10; batch++)
          await Promise.all(
            Array.from({ length: 100 }, async (_, seed) => {
              const leave = AbortSignal.timeout(20 + (seed % 50))
              await send(
                url + CHAT,
                { model, messages, n: 8, seed, temperature: 2 },
                { signal: leave },
              ).catch(() => {})
            }),
          )
        const response = await send(url + CHAT, { model, messages, max_tokens: 4 })
        assert.equal(response.status, 200)
        const metrics = await (await fetch(`${url}/metrics`)).text()
        assert.match(metrics, /^r1_running\{model="pocket-base"\} 0$/m)
      }),
  },
  {
    name: 'serve-rewards: megabytes of zeros',
    holds: 'Each request is refused with a 400, and a heap of 512 MB is enough for it.',
    quick: true,
    run: () =>
      refused(['serve-rewards'], '/healthz', [
        [
          '/get_reward',
          () => ({ query: zeros(2_500_000), prompts: zeros(2_500_000), labels: zeros(2_500_000) }),
        ],
        ['/compute_score', () => ({ solution_strs: zeros(2_500_000), ground_truths: [] })],
        ['/reward', () => ({ completions: zeros(2_500_000), answer: [] })],
        ['/reward', () => ({ completions: Array(60_000).fill({}), answer: [] })],
        ['/reward', () => ({ completions: [zeros(2_500_000)], answer: ['1'] })],
        [
          '/reward',
          () => ({ completions: ['1'], answer: ['1'], completion_ids: [Array(2_500_000).fill(-1)] }),
        ],
        ['/compute_score', () => '['.repeat(5 << 20)],
      ]),
  },
  {
    name: 'serve-rewards: responses of megabytes',
    holds: 'They are scored, and /healthz answers while they are.',
    quick: false,
    seconds: 300,
    run: () =>
      outlives(['serve-rewards'], '/healthz', async (url) => {
        const texts = ['<think>', '</think>', '<answer>', '\\boxed{', '{', ' ', 'a b ', '数学'].map((text) =>
          text.repeat(2_000_000 / text.length),
        )
        for (const text of texts) {
          const response = await send(`${url}/compute_score`, { solution_str: text, ground_truth: '1' })
          assert.equal(response.status, 200, text.slice(0, 20))
          await response.text()
        }
      }),
  },
  {
    name: 'serve-engine: counts without end and tokens of other numbers',
    holds: 'Each request is refused with a 422 that names the field.',
    quick: true,
    run: () =>
      outlives(ENGINE, HEALTH, async (url) => {
        const sample = (more: object) => ({
          base_model: model,
          prompt,
          sampling_params: { max_tokens: 4 },
          ...more,
        })
        const pass = (tokens: unknown[], targets: unknown[]) => ({
          model_id: 'x',
          forward_backward_input: {
            data: [
              { model_input: { chunks: [{ tokens }] }, loss_fn_inputs: { target_tokens: { data: targets } } },
            ],
            loss_fn: 'cross_entropy',
          },
        })
        const requests: [string, object][] = [
          ['asample', sample({ num_samples: 1e9 })],
          ['asample', sample({ prompt: { chunks: [{ tokens: [2 ** 32 + 5] }] } })],
          ['asample', sample({ prompt: { chunks: [{ tokens: zeros(5_000_000) }] } })],
          ['asample', sample({ prompt: { chunks: zeros(5_000_000) } })],
          ['asample', sample({ sampling_params: { max_tokens: 1e12 } })],
          ['forward_backward', pass([7], [-1])],
          ['forward_backward', pass([7], [6.5])],
          ['forward_backward', pass([7], [2 ** 32 + 5])],
          ['create_session', { tags: zeros(5_000_000), sdk_version: 'x' }],
          ['optim_step', { model_id: 'x', adam_params: { beta1: 1 } }],
        ]
        for (const [path, body] of requests) {
          const response = await send(`${url}/api/v1/${path}`, body)
          assert.equal(response.status, 422, `${path}: ${(await response.text()).slice(0, 200)}`)
        }
      }),
  },
  {
    name: 'serve-engine: sessions and models without end',
    holds: 'Models beyond the limit are refused with a 429.',
    quick: false,
    run: () =>
      outlives([...ENGINE, '--models', '3'], HEALTH, async (url) => {
        const ask = async (path: string, body: object) => {
          const response = await send(`${url}/api/v1/${path}`, body)
          return { status: response.status, answer: (await response.json()) as { session_id: string } }
        }
        const statuses = await Promise.all(
          Array.from({ length: 20 }, async () => {
            const { answer } = await ask('create_session', { tags: [], sdk_version: 'x' })
            const owner = { session_id: answer.session_id, model_seq_id: 0 }
            return (await ask('create_model', { ...owner, base_model: model, lora_config: { rank: 1 } }))
              .status
          }),
        )
        assert.deepEqual(statuses.filter((status) => status === 200).length, 3)
        assert.deepEqual(statuses.filter((status) => status === 429).length, 17)
      }),
  },
]
