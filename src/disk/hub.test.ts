import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { type Behaviour, COMMIT, closeHubs, startHub } from '../../test/local-hub.ts'
import { UserError } from '../errors.ts'
import { type PullOptions, pullModel } from './hub.ts'

const weights = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) & 255))
const FILES: Record<string, Buffer> = {
  'config.json': Buffer.from('{"model_type":"llama"}'),
  'tokenizer.json': Buffer.from('{}'),
  'model.safetensors': weights,
  'pytorch_model.bin': Buffer.from('pickle'),
  'onnx/model.onnx': Buffer.from('graph'),
}
afterEach(closeHubs)
const hub = (behaviour: Partial<Behaviour> = {}) => startHub({ files: FILES, ...behaviour })

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
  it.each<[string, Partial<Behaviour>, Partial<PullOptions>, RegExp]>([
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
