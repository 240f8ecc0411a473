/** Metrics over the network, to servers that keep what they are sent. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, it } from 'vitest'
import { EngineError } from '../../errors.ts'
import { createRun } from '../../run/folder.ts'
import { sendRun } from './export-run.ts'
import { postJson } from './live-sink.ts'
import { trackioLive } from './trackio-live.ts'
import { wandbLive } from './wandb-live.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-send-'))
const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})
afterAll(() => rmSync(folder, { recursive: true }))

interface Asked {
  url: string
  headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: what came is looked at field by field
  body: any
}

/** Answers each request by `answer`; a number is a status. */
async function startServer(answer: (asked: Asked, n: number) => object | number) {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const one = {
      url: request.url!,
      headers: request.headers,
      body: JSON.parse(Buffer.concat(chunks).toString()),
    }
    asked.push(one)
    const given = answer(one, asked.length)
    response.writeHead(typeof given === 'number' ? given : 200).end(JSON.stringify(given))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close().closeAllConnections())
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const created = '2026-11-23T10:00:00.000Z'
async function storedRun(name: string) {
  const run = await createRun(join(folder, name), {
    ...{ recipe: 'r1-zero', version: '0', seed: 1, created, sources: {} },
    config: { task: 'pocket', grpo: { steps: 2 } },
  })
  for (const step of [1, 2]) {
    run.log({ step, reward: step / 2 })
    run.logTiming({ step, trainSeconds: 1.5 })
  }
  run.log({ step: 2, evaluation: { pass1: 0.5 } })
  return run
}
const { signal } = new AbortController()

it('Weights & Biases gets the run with its settings, the history and the end', async () => {
  const bucket = { name: 'x', project: { name: 'mine', entity: { name: 'me' } } }
  const { asked, url } = await startServer(({ url }) =>
    url === '/graphql' ? { data: { upsertBucket: { bucket } } } : {},
  )
  const run = await storedRun('wandb')
  run.close()
  const sent = await sendRun({
    run: run.folder,
    createSink: (name, info) =>
      wandbLive({ name, info, project: 'mine', signal, url, key: 'secret', entity: undefined }),
  })
  expect(sent.steps).toBe(2)
  expect(sent.url).toMatch(/\/me\/mine\/runs\/\w+$/)
  const [upsert, ...streamed] = asked
  expect(upsert!.headers.authorization).toBe(`Basic ${Buffer.from('api:secret').toString('base64')}`)
  expect(upsert!.body.variables).toMatchObject({ project: 'mine', displayName: 'wandb' })
  expect(JSON.parse(upsert!.body.variables.config)).toMatchObject({
    task: { value: 'pocket' },
    seed: { value: 1 },
    grpo: { value: { steps: 2 } },
  })
  expect(new Set(streamed.map((one) => one.url)).size).toBe(1)
  expect(streamed[0]!.url).toMatch(/^\/files\/me\/mine\/\w+\/file_stream$/)
  const history = streamed.flatMap(({ body }) => body.files?.['wandb-history.jsonl'] ?? [])
  expect(history.map(({ offset }) => offset)).toEqual([0, 1])
  expect(history.flatMap(({ content }) => content).map((line) => JSON.parse(line))).toMatchObject([
    { _step: 1, 'train/reward': 0.5, 'timing/trainSeconds': 1.5, _runtime: 1.5 },
    { _step: 2, 'train/reward': 1, 'evaluation/pass1': 0.5, _runtime: 3 },
  ])
  expect(streamed.at(-1)!.body).toEqual({ complete: true, exitcode: 1 })
})

it('Trackio gets rows with ids that are kept once, and the settings with the first', async () => {
  const { asked, url } = await startServer(() => ({ data: null }))
  const run = await storedRun('trackio')
  run.close()
  const sent = await sendRun({
    run: run.folder,
    createSink: (name, info) =>
      trackioLive({ name, info, project: 'mine', signal, url, token: 'write', hubToken: undefined }),
  })
  expect(sent).toEqual({ url: `${url}/?project=mine`, steps: 2 })
  expect(asked.map((one) => [one.url, one.headers['x-trackio-write-token']])).toEqual([
    ['/api/bulk_log', 'write'],
    ['/api/bulk_log', 'write'],
  ])
  const logs = asked.flatMap(({ body }) => body.kwargs.logs)
  expect(logs).toMatchObject([
    {
      project: 'mine',
      run: 'trackio',
      step: 1,
      config: { task: 'pocket' },
      timestamp: '2026-11-23T10:00:01.500Z',
    },
    { step: 2, config: null, metrics: { 'evaluation/pass1': 0.5 } },
  ])
  expect(new Set(logs.map(({ log_id }) => log_id)).size).toBe(2)
})

it('a run that trains is followed, and one that went back tells no step twice', async () => {
  const { asked, url } = await startServer(() => ({ data: null }))
  const run = await storedRun('live')
  const stop = new AbortController()
  const sending = sendRun({
    run: run.folder,
    createSink: (name, info) =>
      trackioLive({ name, info, project: 'p', signal, url, token: undefined, hubToken: undefined }),
    follow: { everySeconds: 0.005, signal: stop.signal },
  })
  const steps = () => asked.flatMap(({ body }) => body.kwargs.logs).map(({ step }) => step)
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await until(() => steps().includes(1))
  await run.saveCheckpoint({ step: 1, state: {}, keep: 1, write: async () => {} })
  await run.resume()
  for (const step of [2, 3]) run.log({ step, reward: 9 })
  await until(() => steps().includes(2))
  run.close()
  await sending
  expect(steps()).toEqual([1, 2, 3])
})

it('a server that is busy is asked again, one that refuses is an error of one sentence', async () => {
  const busy = await startServer((_, n) => (n < 3 ? 503 : { ok: true }))
  expect(await postJson(busy.url, {}, {}, { signal, waitSeconds: 0.001 })).toEqual({ ok: true })
  const closed = await startServer(() => 401)
  const refused = postJson(closed.url, {}, {}, { signal, waitSeconds: 0.001 })
  await expect(refused).rejects.toThrow(EngineError)
  await expect(refused).rejects.toThrow('the server answered with status 401. Check the key.')
  expect(closed.asked).toHaveLength(1)
})
