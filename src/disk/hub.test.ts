import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { UserError } from '../errors.ts'
import { type PullOptions, pullModel } from './hub.ts'

const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) & 255))
const FILES: Record<string, Buffer> = {
  'config.json': Buffer.from('{"model_type":"llama"}'),
  'tokenizer.json': Buffer.from('{}'),
  'model.safetensors': weights,
  'pytorch_model.bin': Buffer.from('pickle'),
  'onnx/model.onnx': Buffer.from('graph'),
}
const LARGE = /safetensors|bin|gguf/
const hashOf = (name: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(name)).digest('hex')

interface Behaviour {
  files?: Record<string, Buffer>
  /** Sends something else than it lists. */
  sent?: Record<string, Buffer>
  /** The commit that it names. */
  sha?: string
  /** Announces the size that it lists, and sends the whole of what it has. */
  whole?: boolean
  /** The token that it wants. */
  token?: string
  /** How often a file's body is cut after this many bytes. */
  cuts?: { times: number; after: number }
}

/** A local server that plays the hub, and what was asked of it. */
const servers: { close(): void }[] = []
async function hub({
  files = FILES,
  sent = {},
  sha = COMMIT,
  whole = false,
  token,
  cuts = { times: 0, after: 0 },
}: Behaviour = {}) {
  let left = cuts.times
  const ranges: string[] = []
  const json = (response: ServerResponse, status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname)
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, { error: 'Invalid credentials' })
    if (path === '/api/models/o/n/revision/main') return json(response, 200, { id: 'o/n', sha })
    if (path === `/api/models/o/n/tree/${COMMIT}`)
      return json(
        response,
        200,
        Object.entries(files).map(([name, data]) => ({
          type: 'file',
          path: name,
          size: data.length,
          oid: hashOf('sha1', `blob ${data.length}\0`, data),
          ...(LARGE.test(name)
            ? { lfs: { oid: hashOf('sha256', data), size: data.length, pointerSize: 130 } }
            : {}),
        })),
      )
    const name = path.replace(`/o/n/resolve/${COMMIT}/`, '')
    const data = sent[name] ?? files[name]
    if (data === undefined) return json(response, 404, { error: 'Repository not found' })
    if (whole && request.headers.range !== 'bytes=0-0')
      return response.writeHead(200, { etag: '"x"' }).end(data)
    const announced = files[name]?.length ?? data.length
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    if (from !== undefined && to !== '0') ranges.push(`${name} ${from}-${to}`)
    const [start, end] = [Number(from ?? 0), Math.min(Number(to ?? data.length - 1), data.length - 1)]
    response.writeHead(from === undefined ? 200 : 206, {
      etag: '"x"',
      'content-length': end + 1 - start,
      'content-range': `bytes ${start}-${end}/${whole ? announced : data.length}`,
    })
    if (end - start > cuts.after && left > 0) {
      left--
      return response.write(data.subarray(start, start + cuts.after), () =>
        setTimeout(() => response.destroy(), 20),
      )
    }
    return response.end(data.subarray(start, end + 1))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push({ close: () => server.close().closeAllConnections() })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, ranges }
}
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const place = () => join(mkdtempSync(join(tmpdir(), 'r1-hub-')), 'model')
const pull = (endpoint: string, options: Partial<PullOptions> = {}) =>
  pullModel({ repo: 'o/n', output: place(), endpoint, retrySeconds: 0.001, ...options })
async function failure(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(UserError)
  return (error as Error).message
}

it('fetches what r1 reads, checks it, and does so once', async () => {
  const { endpoint } = await hub()
  const output = place()
  const seen: number[] = []
  const pulled = await pull(endpoint, { output, onProgress: (done, total) => seen.push(done / total) })
  expect(pulled).toMatchObject({
    revision: COMMIT,
    files: ['config.json', 'tokenizer.json', 'model.safetensors'],
  })
  expect(readdirSync(output).sort()).toEqual([
    '.pulled.json',
    'config.json',
    'model.safetensors',
    'tokenizer.json',
  ])
  expect(readFileSync(join(output, 'model.safetensors')).equals(weights)).toBe(true)
  expect(readdirSync(join(output, '..'))).toEqual(['model'])
  expect(seen).toEqual([...seen].sort((a, b) => a - b))
  expect(seen.at(-1)).toBe(1)
  expect(await pull(endpoint, { output })).toEqual(pulled)
})

it('takes files by name, in folders too', async () => {
  const { endpoint } = await hub()
  const output = place()
  await pull(endpoint, { output, files: ['onnx/model.onnx'] })
  expect(readFileSync(join(output, 'onnx/model.onnx'), 'utf8')).toBe('graph')
  expect(await failure(pull(endpoint, { files: ['x.gguf'] }))).toMatch(
    /o\/n\/x\.gguf: there is no such file\. Expected one of config/,
  )
})

it('sends the token, and a cut connection is taken up where it broke', async () => {
  const { endpoint, ranges } = await hub({ token: 'hf_secret', cuts: { times: 3, after: 65_536 } })
  const output = place()
  await pull(endpoint, { output, token: 'hf_secret' })
  expect(readFileSync(join(output, 'model.safetensors')).equals(weights)).toBe(true)
  expect(ranges.length).toBe(3)
})

it('after giving up, the next pull continues from what is there', async () => {
  const output = place()
  const broken = await hub({ cuts: { times: 1e9, after: 1000 } })
  const controller = new AbortController()
  const stopped = pull(broken.endpoint, {
    output,
    signal: controller.signal,
    onProgress: (done) => done > 3000 && controller.abort(new Error('enough')),
  })
  await expect(stopped).rejects.toThrow('enough')
  expect(existsSync(output)).toBe(false)
  const { endpoint, ranges } = await hub()
  await pull(endpoint, { output })
  expect(ranges[0]).toMatch(/^model\.safetensors [1-9]\d*-299999$/)
  expect(readFileSync(join(output, 'model.safetensors')).equals(weights)).toBe(true)
})

describe('one sentence says what is wrong', () => {
  it.each<[string, Behaviour, Partial<PullOptions>, RegExp]>([
    ['no such model', {}, { repo: 'o/other' }, /^o\/other: is not there\. Check owner/],
    ['no such revision', {}, { revision: 'v2' }, /^o\/n at v2: is not there/],
    ['no token', { token: 'hf_secret' }, {}, /^o\/n: is not there, or not for everybody\. .*set HF_TOKEN/],
    ['a wrong token', { token: 'hf_secret' }, { token: 'hf_other' }, /not for this token/],
    ['something else as a token', {}, { token: 'secret' }, /^HF_TOKEN: is not an access token/],
    ['a name that is none', {}, { repo: 'n' }, /^n: is not the name of a model\. Expected owner\/name/],
    ['only GGUF files', { files: { 'a-q8.gguf': weights } }, {}, /Choose a file with --file: a-q8\.gguf/],
    [
      'a wrong hash',
      { sent: { 'model.safetensors': Buffer.from(weights).fill(0, 7, 8) } },
      {},
      /^o\/n\/model\.safetensors: came with sha256 \w{64}\. Expected \w{64}\. It was damaged/,
    ],
    [
      'a wrong hash of a small file',
      { sent: { 'config.json': Buffer.alloc(22) } },
      {},
      /config\.json: came with sha1/,
    ],
    ['a wrong size', { sent: { 'config.json': Buffer.alloc(3) } }, {}, /came with 3 bytes\. Expected 22/],
    [
      'a body longer than announced',
      { sent: { 'config.json': Buffer.alloc(1e6) }, whole: true },
      {},
      /config\.json: .*more than the announced 22 bytes/,
    ],
    [
      'a commit that is a path',
      { sha: '/../../x' },
      {},
      /^o\/n is "\/\.\.\/\.\.\/x": the hub names no commit/,
    ],
    [
      'files outside the folder',
      { files: { 'model.safetensors': weights, '../out.json': Buffer.from('{}') } },
      { files: ['../out.json'] },
      /\.\.\/out\.json: there is no such file\. Expected one of model\.safetensors/,
    ],
    [
      'a connection cut at every try',
      { cuts: { times: 1e9, after: 0 } },
      {},
      /given up after 5 tries at byte 0 of \d+ \(/,
    ],
  ])('%s', async (_, behaviour, options, message) => {
    const { endpoint } = await hub(behaviour)
    const output = place()
    expect(await failure(pull(endpoint, { output, ...options }))).toMatch(message)
    expect(existsSync(output)).toBe(false)
  })

  it('a hub that is not there', async () => {
    expect(await failure(pull('http://127.0.0.1:9'))).toMatch(
      /^http:\/\/127\.0\.0\.1:9: cannot be reached \(/,
    )
  })

  it('a folder that is taken', async () => {
    const { endpoint } = await hub()
    expect(await failure(pull(endpoint, { output: tmpdir() }))).toMatch(/is there already\. Name another/)
  })
})
