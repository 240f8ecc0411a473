/** What only other clients ask the server; the rest of the wire is tested with our own, in test/engines. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeTinyLlama } from '../../../test/tiny-llama.ts'
import { type RunningEngineServer, startEngineServer } from './engine-server.ts'

const LONG = 300_000
let folder: string
let base: string
let server: RunningEngineServer
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'r1-routes-'))
  base = join(folder, 'base')
  await writeTinyLlama(base)
  server = await startEngineServer({ base, checkpoints: join(folder, 'checkpoints'), port: 0 })
}, LONG)
afterAll(async () => {
  await server.close()
  await rm(folder, { recursive: true })
}, LONG)

interface Answer {
  session_id: string
  request_id: string
  model_id: string
  path: string
  sampling_session_id: string
  training_runs: object[]
  sample_sequence_ids: string[]
  sequences: { tokens: number[]; logprobs: number[] }[]
}
async function ask(path: string, body?: object) {
  const response = await fetch(`${server.url}/api/v1/${path}`, {
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })
  return { status: response.status, answer: (await response.json()) as Answer }
}
/** The result of an operation. */
async function done(path: string, body: object) {
  const { answer } = await ask(path, body)
  return (await ask('retrieve_future', { request_id: answer.request_id })).answer
}

it('saved weights say whether they are an adapter, begin another model, and are listed until they are deleted', {
  timeout: LONG,
}, async () => {
  const { answer: session } = await ask('create_session', { tags: [], sdk_version: 'test' })
  const saved: string[] = []
  const { session_id } = session
  for (const [model_seq_id, rank] of [4, 0].entries()) {
    const model = { session_id, model_seq_id, base_model: base, lora_config: { rank } }
    const { model_id } = await done('create_model', model)
    expect((await done('create_model', model)).model_id).toBe(model_id)
    expect(await ask('training_runs')).toMatchObject({ answer: { cursor: { total_count: saved.length } } })
    const { path } = await done('save_weights', { model_id, path: 'one' })
    saved.push(path)
    const info = { base_model: base, is_lora: rank > 0, lora_rank: rank || null }
    expect((await ask('weights_info', { tinker_path: path })).answer).toEqual(info)
    expect((await ask(`training_runs/${model_id}`)).answer).toMatchObject({
      training_run_id: model_id,
      last_request_time: expect.stringMatching(/^\d{4}-.*Z$/),
      ...info,
    })
    const loaded = { session_id, model_seq_id: 10 + model_seq_id, path, optimizer: true }
    const { model_id: resumed } = await done('load_weights', loaded)
    expect(resumed).toBe(`${session_id}:train:${10 + model_seq_id}`)
    expect((await ask('get_info', { model_id: resumed })).answer).toMatchObject({ lora_rank: rank })
  }
  for (const path of saved)
    await fetch(
      `${server.url}/api/v1/training_runs/${path.replace('tinker://', '').replace('weights/', 'checkpoints/weights/')}`,
      {
        method: 'DELETE',
      },
    )
  expect((await ask('training_runs')).answer.training_runs).toEqual([])
  expect(await ask('weights_info', { tinker_path: saved[0]! })).toMatchObject({ status: 404 })
})

it('every sample of a request has an identity of its own, which the official SDK asks for', {
  timeout: LONG,
}, async () => {
  const { answer } = await ask('asample', {
    base_model: base,
    prompt: { chunks: [{ tokens: [7, 8] }] },
    num_samples: 2,
    sampling_params: { max_tokens: 1 },
  })
  expect(new Set(answer.sample_sequence_ids).size).toBe(2)
})

it('weights saved under a name that was deleted are sampled, and not those of before', {
  timeout: LONG,
}, async () => {
  const { answer: session } = await ask('create_session', { tags: [], sdk_version: 'test' })
  const { session_id } = session
  const model = { session_id, model_seq_id: 20, base_model: base, lora_config: { rank: 0 } }
  const { model_id } = await done('create_model', model)
  const save = async (path: string) => (await done('save_weights_for_sampler', { model_id, path })).path
  const request = { prompt: { chunks: [{ tokens: [7, 8] }] }, sampling_params: { max_tokens: 8, seed: 1 } }
  const sample = async (given: object) => (await done('asample', { ...request, ...given })).sequences
  const model_path = await save('a')
  const before = await sample({ model_path })
  const { answer: opened } = await ask('create_sampling_session', { session_id, model_path })
  const { sampling_session_id } = opened
  expect(await sample({ sampling_session_id })).toEqual(before)
  const inputs = { weights: { data: [1, 1] }, target_tokens: { data: [8, 9] } }
  const data = [{ model_input: { chunks: [{ tokens: [7, 8] }] }, loss_fn_inputs: inputs }]
  await done('forward_backward', { model_id, forward_backward_input: { data, loss_fn: 'cross_entropy' } })
  await done('optim_step', { model_id, adam_params: { learning_rate: 0.01 } })
  const place = `training_runs/${model_id}/checkpoints/sampler_weights/a`
  expect((await fetch(`${server.url}/api/v1/${place}`, { method: 'DELETE' })).status).toBe(204)
  expect(await ask('asample', { ...request, model_path })).toMatchObject({ status: 404 })
  expect(await ask(`samplers/${sampling_session_id}`)).toMatchObject({ status: 404 })
  expect(await save('a')).toBe(model_path)
  const after = await sample({ model_path })
  expect(after).not.toEqual(before)
  expect(after).toEqual(await sample({ model_path: await save('b') }))
})

describe('requests beyond the bounds are refused with the field that is wrong, and the server continues', () => {
  const prompt = { chunks: [{ tokens: [7, 8] }] }
  const asked = (more: object) => ({ base_model: base, prompt, sampling_params: { max_tokens: 1 }, ...more })
  const pass = (tokens: unknown[], targets: unknown[], more: object = {}) => ({
    model_id: 'any',
    forward_backward_input: {
      data: [
        {
          model_input: { chunks: [{ tokens }] },
          loss_fn_inputs: {
            target_tokens: { data: targets },
            weights: { data: targets.map(() => 1) },
            ...more,
          },
        },
      ],
      loss_fn: 'cross_entropy',
    },
  })
  const adam = (adam_params: object) => ({ model_id: 'any', adam_params })
  it.each<[string, string, () => object, string]>([
    ['a billion samples', 'asample', () => asked({ num_samples: 1e9 }), 'num_samples'],
    [
      'more tokens than one answer holds',
      'asample',
      () => asked({ num_samples: 4096, sampling_params: { max_tokens: 64 * 1024 } }),
      'sampling_params.max_tokens',
    ],
    [
      'a token of another number',
      'asample',
      () => asked({ prompt: { chunks: [{ tokens: [2 ** 32 + 5] }] } }),
      'prompt.chunks.0.tokens.0',
    ],
    [
      'half a token',
      'asample',
      () => asked({ prompt: { chunks: [{ tokens: [6.5] }] } }),
      'prompt.chunks.0.tokens.0',
    ],
    [
      'an endless prompt',
      'asample',
      () => asked({ prompt: { chunks: [{ tokens: Array(1e6).fill(1) }] } }),
      'prompt.chunks.0.tokens',
    ],
    ['zeros for chunks', 'asample', () => asked({ prompt: { chunks: Array(1e6).fill(0) } }), 'prompt.chunks'],
    [
      'an infinite top_k',
      'asample',
      () => asked({ sampling_params: { max_tokens: 1, top_k: 1e300 } }),
      'sampling_params.top_k',
    ],
    [
      'a negative target',
      'forward_backward',
      () => pass([7, 8], [8, -1]),
      'forward_backward_input.data.0.loss_fn_inputs.target_tokens.data.1',
    ],
    [
      'half a target',
      'forward_backward',
      () => pass([7, 8], [8, 6.5]),
      'forward_backward_input.data.0.loss_fn_inputs.target_tokens.data.1',
    ],
    [
      'a target of another number',
      'forward_backward',
      () => pass([7], [2 ** 32 + 8]),
      'forward_backward_input.data.0.loss_fn_inputs.target_tokens.data.0',
    ],
    [
      'a weight beyond float32',
      'forward_backward',
      () => pass([7], [8], { weights: { data: [1e300] } }),
      'forward_backward_input.data.0.loss_fn_inputs.weights.data.0',
    ],
    ['a momentum of 1', 'optim_step', () => adam({ beta1: 1 }), 'adam_params.beta1'],
    [
      'a negative learning rate',
      'optim_step',
      () => adam({ learning_rate: -1 }),
      'adam_params.learning_rate',
    ],
    ['an epsilon of 0', 'optim_step', () => adam({ eps: 0 }), 'adam_params.eps'],
    ['a million tags', 'create_session', () => ({ tags: Array(1e6).fill('x'), sdk_version: 'x' }), 'tags'],
  ])('%s', async (_, path, body, field) => {
    const { status, answer } = await ask(path, body())
    expect(status).toBe(422)
    const [first] = (answer as unknown as { detail: { loc: string[] }[] }).detail
    expect(first!.loc.join('.')).toBe(`body.${field}`)
    expect((await fetch(`${server.url}/api/v1/healthz`)).status).toBe(200)
  })

  it('64-bit seeds are taken', async () => {
    const sampling_params = { max_tokens: 2, seed: 2 ** 63 }
    expect((await done('asample', asked({ sampling_params }))).sequences).toHaveLength(1)
  })

  it('more models than the server holds', { timeout: LONG }, async () => {
    const small = await startEngineServer({
      ...{ base, checkpoints: join(folder, 'few'), port: 0, models: 1, apiKey: 'secret' },
    })
    const post = async (path: string, body: object, key = 'secret') => {
      const headers = { 'x-api-key': key }
      const response = await fetch(`${small.url}/api/v1/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      return { status: response.status, answer: (await response.json()) as Answer }
    }
    expect((await post('create_session', { tags: [], sdk_version: 'x' }, 'Secret')).status).toBe(401)
    const { answer: session } = await post('create_session', { tags: [], sdk_version: 'x' })
    const model = (model_seq_id: number) => ({
      ...{ session_id: session.session_id, model_seq_id, base_model: base, lora_config: { rank: 2 } },
    })
    const { answer } = await post('create_model', model(0))
    expect((await post('create_model', model(1))).status).toBe(429)
    const { model_id } = (await post('retrieve_future', { request_id: answer.request_id })).answer
    expect((await post('create_model', model(0))).answer.request_id).toBe(answer.request_id)
    await post('unload_model', { model_id })
    expect((await post('create_model', model(1))).status).toBe(200)
    await small.close()
  })
})
