/** The paths of the Tinker API below `/api/v1`. Requests are checked here; hosted-models.ts does them. */
import { type Context, Hono } from 'hono'
import type { z } from 'zod'
import { readAdapterConfig } from '../../engine/embedded/model-folder.ts'
import { type ForwardInput, forwardResult, sampleResult } from '../../engine/tinker/wire.ts'
import {
  decodeRequest,
  encodeForwardResult,
  encodeSampleResult,
  PROTOBUF,
} from '../../engine/tinker/wire-protobuf.ts'
import { UserError } from '../../errors.ts'
import { packageVersion } from '../../run/version.ts'
import type { CheckpointKind, CheckpointStore } from './checkpoint-store.ts'
import type { Futures } from './futures.ts'
import { type HostedModels, type Sampler, sampled } from './hosted-models.ts'
import { checked, InvalidBody, type WireModel, wireRequests } from './requests.ts'
import type { Sessions } from './sessions.ts'
import { WireError } from './wire-error.ts'

export interface TinkerRoutesOptions {
  /** The name of the base model. */
  base: string
  shape: WireModel
  /** How long a poll is held. */
  holdSeconds: number
  futures: Futures
  sessions: Sessions
  models: HostedModels
  store: CheckpointStore
}

export function tinkerRoutes(options: TinkerRoutesOptions): Hono {
  const { base, shape, holdSeconds, futures, sessions, models, store } = options
  const schemas = wireRequests(shape)
  const app = new Hono()
  app.onError((error, c) => failure(c, error))

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/get_server_capabilities', (c) =>
    c.json({
      supported_models: [{ model_name: base, max_context_length: shape.maxPositions }],
      capabilities: { server: 'r1 serve-engine', version: packageVersion() },
    }),
  )
  app.post('/client/config', (c) => c.json({ pjwt_auth_enabled: false }))
  app.post('/telemetry', (c) => c.json({ status: 'accepted' }))

  app.post('/create_session', async (c) => {
    await read(c, schemas.createSession)
    return c.json({ type: 'create_session', session_id: sessions.create() })
  })
  app.post('/session_heartbeat', async (c) => {
    sessions.beat((await read(c, schemas.heartbeat)).session_id)
    return c.json({ type: 'session_heartbeat' })
  })

  app.post('/create_model', async (c) => {
    const body = await read(c, schemas.createModel)
    sessions.beat(body.session_id)
    if (body.base_model !== base)
      throw new WireError(400, `This server has the base model ${base}, not ${body.base_model}`)
    const { session_id: session, model_seq_id: number } = body
    const { rank: loraRank = 0, seed } = body.lora_config ?? {}
    const { id, future } = models.create({ session, number, rank: loraRank, seed })
    return c.json({ ...stub(future), model_id: id, base_model: base, lora_config: body.lora_config ?? null })
  })
  app.post('/unload_model', async (c) => {
    const { model_id } = await read(c, schemas.ofModel)
    models.unload(model_id)
    const done = Promise.resolve({ model_id, status: 'unloaded', type: 'unload_model' })
    return c.json({ ...stub(futures.add(done)), model_id })
  })
  app.post('/get_info', async (c) => {
    const { id, rank: loraRank } = models.get((await read(c, schemas.ofModel)).model_id)
    const data = {
      base_model: base,
      model_name: base,
      tokenizer_id: base,
      arch: 'unknown',
      lora_config: { rank: loraRank },
    }
    return c.json({
      type: 'get_info',
      model_id: id,
      status: 'created',
      model_data: data,
      model_name: base,
      is_lora: loraRank > 0,
      lora_rank: loraRank,
    })
  })

  const pass = ({ model_id, seq_id, input, forwardOnly }: Pass) => {
    const model = models.get(model_id)
    const run = () => (forwardOnly ? models.forward(model, input) : models.forwardBackward(model, input))
    const said = { forwardOnly, input }
    const tokens = input.data.reduce((sum, datum) => sum + datum.loss_fn_inputs.target_tokens!.data.length, 0)
    return stub(models.once(model, seq_id, said, () => models.queue(model, run), tokens))
  }
  app.post('/forward', async (c) => {
    const { forward_input: input, ...rest } = await read(c, schemas.forward)
    return c.json(pass({ ...rest, input, forwardOnly: true }))
  })
  app.post('/forward_backward', async (c) => {
    if (isProtobuf(c.req.header('content-type'))) return c.json(pass(await readPass(c, schemas.forwardInput)))
    const { forward_backward_input: input, ...rest } = await read(c, schemas.forwardBackward)
    return c.json(pass({ ...rest, input, forwardOnly: false }))
  })
  app.post('/optim_step', async (c) => {
    const body = await read(c, schemas.optimStep)
    const model = models.get(body.model_id)
    const work = () => models.queue(model, () => models.optimStep(model, body.adam_params))
    return c.json(stub(models.once(model, body.seq_id, body, work)))
  })

  app.post('/save_weights', async (c) => {
    const body = await read(c, schemas.saveWeights)
    const model = models.get(body.model_id)
    futures.admit(0)
    const { path, written } = store.reserve(model.id, 'weights', body.path, (folder) =>
      models.queue(model, () => model.engine.save(folder, { optimizer: true })),
    )
    const done = written.then(() => ({ path, type: 'save_weights' }))
    return c.json(stub(models.once(model, null, body, () => done)))
  })
  app.post('/save_weights_for_sampler', async (c) => {
    const body = await read(c, schemas.saveForSampler)
    const model = models.get(body.model_id)
    const type = 'save_weights_for_sampler'
    if (body.path == null) {
      if (body.sampling_session_seq_id == null || body.seq_id == null)
        throw new WireError(
          422,
          "Either 'path' or both 'sampling_session_seq_id' and 'seq_id' must be provided",
        )
      const session = `${model.id}-sampling-${body.sampling_session_seq_id}`
      const work = () =>
        models
          .queue(model, () => models.publish(model, session))
          .then(() => ({ path: null, sampling_session_id: session, type }))
      return c.json(stub(models.once(model, body.seq_id, body, work)))
    }
    futures.admit(0)
    const { path, written } = store.reserve(model.id, 'sampler_weights', body.path, (folder) =>
      models.queue(model, async () => {
        const copy = await model.engine.snapshot()
        try {
          await copy.save(folder)
        } finally {
          copy.close()
        }
      }),
    )
    const done = written.then(() => ({ path, sampling_session_id: null, type }))
    return c.json(stub(models.once(model, null, body, () => done)))
  })
  app.post('/load_weights', async (c) => {
    const body = await read(c, schemas.loadWeights)
    const { path, optimizer } = body
    const folder = store.find(path, 'weights')
    if (!('model_id' in body)) {
      sessions.beat(body.session_id)
      const { session_id: session, model_seq_id: number } = body
      const { lora_rank } = await weightsInfo(path)
      const from = { path, folder, optimizer }
      return c.json(stub(models.create({ session, number, rank: lora_rank ?? 0, from }).future))
    }
    const model = models.get(body.model_id)
    const work = () =>
      models
        .queue(model, () => model.engine.load(folder, { optimizer }))
        .then(() => ({ type: 'load_weights', model_id: model.id, path }))
    return c.json(stub(models.once(model, body.seq_id, body, work)))
  })

  app.post('/create_sampling_session', async (c) => {
    const { session_id, base_model, model_path } = await read(c, schemas.openSampler)
    sessions.beat(session_id)
    const sampling_session_id = models.openSampler(session_id, sampler(base_model, model_path))
    return c.json({ type: 'create_sampling_session', sampling_session_id })
  })
  app.get('/samplers/:id', (c) => {
    const id = c.req.param('id')
    return c.json({ sampler_id: id, base_model: base, model_path: models.sampler(id).path })
  })
  app.post('/asample', async (c) => {
    const body = await read(c, schemas.sample)
    if (body.topk_prompt_logprobs > 0) throw new WireError(400, 'topk_prompt_logprobs is not supported')
    const { num_samples, sampling_params } = body
    const tokens = num_samples * sampling_params.max_tokens + shape.maxPositions
    futures.admit(tokens)
    const { use } =
      body.sampling_session_id == null
        ? sampler(body.base_model, body.model_path)
        : models.sampler(body.sampling_session_id)
    const prompt = body.prompt.chunks.flatMap(({ tokens }) => tokens)
    const scorePrompt = body.prompt_logprobs ?? false
    const work = use((policy) =>
      sampled(policy, { prompt, samples: num_samples, params: sampling_params, scorePrompt }),
    )
    const future = futures.add(work, tokens)
    const sequences = Array.from({ length: num_samples }, (_, sample) => `${future}-${sample}`)
    return c.json({ ...stub(future), sample_sequence_ids: sequences })
  })

  app.post('/retrieve_future', async (c) => {
    const { request_id } = await read(c, schemas.retrieve)
    const outcome = await futures.wait(request_id, holdSeconds)
    if (outcome.state === 'unknown') throw new WireError(404, 'Future not found')
    if (outcome.state === 'failed') throw outcome.error
    if (outcome.state === 'done')
      return isProtobuf(c.req.header('accept')) ? packed(c, outcome.result) : c.json(outcome.result as object)
    return c.json({ type: 'try_again', request_id, queue_state: 'active' })
  })

  app.get('/training_runs', async (c) => {
    const { limit, offset } = checked(schemas.page, c.req.query())
    const all = await store.models()
    return c.json({
      training_runs: await Promise.all(all.slice(offset, offset + limit).map(trainingRun)),
      cursor: { limit, offset, total_count: all.length },
    })
  })
  app.get('/training_runs/:model', async (c) => c.json(await trainingRun(c.req.param('model'))))
  app.post('/weights_info', async (c) =>
    c.json(await weightsInfo((await read(c, schemas.weightsInfo)).tinker_path)),
  )
  for (const runs of ['training_runs', 'models'])
    app.get(`/${runs}/:model/checkpoints`, async (c) => {
      const model = c.req.param('model')!
      const checkpoints = (await store.list(model)).map(({ kind, name, time }) => ({
        checkpoint_id: name,
        checkpoint_type: kind === 'weights' ? 'training' : 'sampler',
        time,
        tinker_path: `tinker://${model}/${kind}/${name}`,
      }))
      return c.json({ checkpoints })
    })
  app.delete('/training_runs/:model/checkpoints/:kind{weights|sampler_weights}/:name', async (c) => {
    const { model, kind, name } = c.req.param()
    await models.remove(model!, kind as CheckpointKind, name!)
    return c.body(null, 204)
  })
  // Only published weights are handed out; the official SDK puts their kind before the name.
  for (const kind of ['', 'sampler_weights/']) {
    const place = `/training_runs/:model/checkpoints/${kind}:name`
    app.get(`${place}/archive`, (c) => {
      const { model, name } = c.req.param() as Record<string, string>
      store.find(`tinker://${model}/${name}`, 'sampler_weights')
      return c.redirect(c.req.url.replace(/archive$/, 'download'))
    })
    app.get(`${place}/download`, async (c) => {
      const { model, name } = c.req.param() as Record<string, string>
      const archive = await store.archive(model!, name!)
      return c.body(new Uint8Array(archive), 200, { 'content-type': 'application/octet-stream' })
    })
  }

  /** A model that has saved weights, in training or not. */
  async function trainingRun(id: string) {
    const newest = (await store.list(id)).at(-1)
    if (newest === undefined) throw new WireError(404, `Model not found: ${id}`)
    return {
      training_run_id: id,
      model_owner: 'default',
      corrupted: false,
      last_request_time: newest.time,
      ...(await weightsInfo(`tinker://${id}/${newest.kind}/${newest.name}`)),
    }
  }

  async function weightsInfo(path: string) {
    const kind = path.split('/').at(-2) === 'sampler_weights' ? 'sampler_weights' : 'weights'
    const adapted = await readAdapterConfig(store.find(path, kind))
    return { base_model: base, is_lora: adapted !== undefined, lora_rank: adapted?.lora.rank ?? null }
  }

  /** Exactly one of the two is named. */
  function sampler(baseModel: string | null | undefined, path: string | null | undefined): Sampler {
    if ((baseModel == null) === (path == null))
      throw new WireError(422, "Exactly one of 'base_model' or 'model_path' must be provided")
    if (path != null) return models.samplerOf({ path })
    if (baseModel !== base)
      throw new WireError(404, `This server has the base model ${base}, not ${baseModel}`)
    return models.samplerOf({ base: true })
  }

  return app
}

interface Pass {
  model_id: string
  seq_id?: number | null | undefined
  input: ForwardInput
  forwardOnly: boolean
}

const isProtobuf = (header: string | undefined) => header?.includes(PROTOBUF) ?? false

async function readPass(c: Context, schema: z.ZodType<ForwardInput>): Promise<Pass> {
  const encoding = c.req.header('content-encoding')
  if (encoding !== undefined) throw new WireError(415, `Content-Encoding ${encoding} is not supported`)
  try {
    const { seq_id, input, ...rest } = decodeRequest(new Uint8Array(await c.req.arrayBuffer()))
    return { ...rest, input: checked(schema, input), seq_id: seq_id === 0 ? null : seq_id }
  } catch (error) {
    throw new WireError(422, `Invalid proto forward_backward body: ${(error as Error).message}`)
  }
}

/** Passes and samples as Protocol Buffers, everything else as JSON. */
function packed(c: Context, result: unknown): Response {
  const forward = forwardResult.safeParse(result)
  const sample = sampleResult.safeParse(result)
  if (!forward.success && !sample.success) return c.json(result as object)
  const bytes = forward.success ? encodeForwardResult(forward.data) : encodeSampleResult(sample.data!)
  return c.body(new Uint8Array(bytes), 200, { 'content-type': PROTOBUF })
}

const stub = (future: string) => ({ future_id: future, request_id: future, status: 'pending' })

const read = async <T>(c: Context, schema: z.ZodType<T>): Promise<T> =>
  checked(schema, await c.req.json().catch(() => undefined))

function failure(c: Context, error: unknown): Response {
  if (error instanceof InvalidBody) return c.json({ detail: error.detail }, 422)
  if (error instanceof WireError)
    return c.json({ detail: error.message }, error.status, error.status === 429 ? { 'retry-after': '1' } : {})
  // What the engine refuses, such as a sequence that is too long.
  if (error instanceof UserError) return c.json({ detail: error.message }, 400)
  console.error(error)
  return c.json({ detail: 'Unknown error' }, 500)
}
