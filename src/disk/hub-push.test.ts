import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { COMMIT, closeHubs, hashOf, startHub } from '../../test/local-hub.ts'
import { ConfigError } from '../errors.ts'
import { type PushOptions, pushModel } from './hub-push.ts'

afterEach(closeHubs)
const folder = mkdtempSync(join(tmpdir(), 'r1-push-'))
const weights = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * i) & 255))
const file = join(folder, 'model.safetensors')
writeFileSync(file, weights)
const push = (endpoint: string, options: Partial<PushOptions> = {}) =>
  pushModel({
    repo: 'o/n',
    files: { 'README.md': { text: '# a card' }, 'model.safetensors': { file } },
    title: 'Trained',
    visibility: 'private',
    endpoint,
    token: 'hf_secret',
    ...options,
  })

it('makes the repository, sends large files by their hash and the rest with the commit', async () => {
  const { endpoint, pushed } = await startHub({ files: {}, token: 'hf_secret' })
  expect(await push(endpoint)).toEqual({
    repo: 'o/n',
    revision: COMMIT,
    url: `${endpoint}o/n`,
    files: ['README.md', 'model.safetensors'],
  })
  expect(pushed.created).toMatchObject([
    { name: 'n', organization: 'o', type: 'model', visibility: 'private' },
  ])
  const oid = hashOf('sha256', weights)
  expect(Object.keys(pushed.uploads)).toEqual([oid])
  expect(pushed.uploads[oid]!.equals(weights)).toBe(true)
  const [header, ...files] = pushed.commits[0]!
  expect(header).toMatchObject({ key: 'header', value: { summary: 'Trained' } })
  expect(files).toMatchObject([
    { key: 'file', value: { path: 'README.md', content: Buffer.from('# a card').toString('base64') } },
    { key: 'lfsFile', value: { path: 'model.safetensors', oid, size: weights.length } },
  ])
})

it('adds to a repository that is there', async () => {
  const { endpoint, pushed } = await startHub({ files: {}, token: 'hf_secret' })
  await push(endpoint)
  await push(endpoint, { title: 'Again' })
  expect(pushed.commits.map(([header]) => header!.value.summary)).toEqual(['Trained', 'Again'])
})

it.each<[string, Partial<PushOptions>, RegExp]>([
  ['no token', { token: undefined }, /HF_TOKEN: nobody may write without a token\./],
  ['a token of somebody else', { token: 'hf_other' }, /o\/n: is not there, or not for this token/],
  ['a name that is none', { repo: 'n' }, /n: is not the name of a model/],
])('%s is one sentence', async (_, options, message) => {
  const { endpoint } = await startHub({ files: {}, token: 'hf_secret' })
  const pushing = push(endpoint, options)
  await expect(pushing).rejects.toThrow(ConfigError)
  await expect(pushing).rejects.toThrow(message)
})
