/**
 * Our server of the Tinker API with the quirks of SkyRL 0.4's jax back end put before it, so that the client is tested against them
 * without Python: passes in Protocol Buffers only (415), means of means, no clipping, adapters only, `load_weights` only as a model's
 * first request, 408 after each wait, prompt log-probabilities without the first null, and no word about what it can do.
 */
import { type Context, Hono } from 'hono'
import {
  decodeRequest,
  decodeSampleResult,
  encodeRequest,
  encodeSampleResult,
  PROTOBUF,
} from '../src/engine/tinker/wire-protobuf.ts'
import { listen } from '../src/server/listen.ts'

const NORM = 'skyrl.ai/grad_norm'

interface Trained {
  /** Numbers of the requests so far. */
  numbers: Set<number>
  /** Sequences since the last update, whose mean the gradient is. */
  sequences: number
  /** Of how many each update was: the same again when it is asked for again. */
  updates: Map<number, number>
}

export interface SkyRlLikeServer {
  url: string
  close(): Promise<void>
}

/** `target` is the address of `startEngineServer`. */
export async function startSkyRlLikeServer(target: string): Promise<SkyRlLikeServer> {
  const trained = new Map<string, Trained>()
  /** Requests that sample, and by what the gradient's norm of an update is divided. */
  const samples = new Set<string>()
  const dividers = new Map<string, number>()
  const app = new Hono()

  const modelOf = (model: string): Trained => {
    const known = trained.get(model) ?? { numbers: new Set(), sequences: 0, updates: new Map() }
    trained.set(model, known)
    return known
  }
  const forward = async (c: Context, body?: Uint8Array | string, headers: Record<string, string> = {}) => {
    const { pathname, search } = new URL(c.req.url)
    const type = c.req.header('content-type')
    const sent = body ?? (c.req.method === 'POST' ? new Uint8Array(await c.req.arrayBuffer()) : undefined)
    return await fetch(`${target}${pathname}${search}`, {
      method: c.req.method,
      headers: { ...(type !== undefined && { 'content-type': type }), ...headers },
      redirect: 'manual',
      ...(sent !== undefined && { body: sent as Uint8Array<ArrayBuffer> | string }),
    })
  }
  const answered = async (response: Response): Promise<Response> =>
    new Response(response.status === 204 ? null : await response.arrayBuffer(), {
      status: response.status,
      headers: Object.fromEntries(
        ['content-type', 'location'].flatMap((name) => {
          const value = response.headers.get(name)
          return value === null ? [] : [[name, value.replace(target, '')]]
        }),
      ),
    })
  const refused = (c: Context, status: 400 | 404 | 408 | 415 | 422, detail: string) =>
    c.json({ detail }, status)
  const number = ({ seq_id }: { seq_id?: number | null }) => seq_id ?? -1

  app.get('/api/v1/get_server_capabilities', async (c) => {
    const { supported_models } = (await (await forward(c)).json()) as {
      supported_models: { model_name: string }[]
    }
    return c.json({ supported_models: supported_models.map(({ model_name }) => ({ model_name })) })
  })
  app.post('/api/v1/create_model', async (c) => {
    const body = await c.req.json()
    if (!body.lora_config?.rank) return refused(c, 422, 'lora_config.rank must be at least 1')
    return await answered(await forward(c, JSON.stringify(body)))
  })
  app.post('/api/v1/forward', (c) => refused(c, 404, 'Not Found'))

  app.post('/api/v1/forward_backward', async (c) => {
    if (!c.req.header('content-type')?.includes(PROTOBUF))
      return refused(c, 415, `forward_backward requires a ${PROTOBUF} body`)
    const pass = decodeRequest(new Uint8Array(await c.req.arrayBuffer()))
    const model = modelOf(pass.model_id)
    if (!pass.forwardOnly && !model.numbers.has(number(pass))) model.sequences += pass.input.data.length
    model.numbers.add(number(pass))
    const data = pass.input.data.map(({ model_input, loss_fn_inputs }) => {
      const { weights } = loss_fn_inputs
      const given = weights?.data ?? loss_fn_inputs.target_tokens!.data.map(() => 1)
      const total = Math.max(
        1e-9,
        given.reduce((sum, weight) => sum + weight, 0),
      )
      const mean = given.map((weight) => weight / total)
      return {
        model_input,
        loss_fn_inputs: { ...loss_fn_inputs, weights: { data: mean, dtype: 'float32' as const } },
      }
    })
    return await answered(await forward(c, encodeRequest({ ...pass, input: { ...pass.input, data } })))
  })
  app.post('/api/v1/optim_step', async (c) => {
    const body = await c.req.json()
    const model = modelOf(body.model_id)
    model.numbers.add(number(body))
    const n = model.updates.get(number(body)) ?? Math.max(1, model.sequences)
    if (!model.updates.has(number(body))) model.sequences = 0
    model.updates.set(number(body), n)
    // Where all updates are of equally many sequences, to divide gradients by their number is to multiply ε by it.
    const settings = { ...body.adam_params, eps: (body.adam_params?.eps ?? 1e-12) * n, grad_clip_norm: 0 }
    const response = await forward(c, JSON.stringify({ ...body, adam_params: settings }))
    if (!response.ok) return await answered(response)
    const stub = (await response.json()) as { request_id: string }
    dividers.set(stub.request_id, n)
    return c.json(stub)
  })
  for (const path of ['save_weights', 'save_weights_for_sampler'])
    app.post(`/api/v1/${path}`, async (c) => {
      const body = await c.req.json()
      modelOf(body.model_id).numbers.add(number(body))
      return await answered(await forward(c, JSON.stringify(body)))
    })
  app.post('/api/v1/load_weights', async (c) => {
    const body = await c.req.json()
    if (body.model_id !== undefined) {
      const { numbers } = modelOf(body.model_id)
      if (numbers.size > 0 && !numbers.has(number(body)))
        return refused(c, 400, `LoadWeights is not permitted with seq_id ${body.seq_id}`)
      numbers.add(number(body))
    }
    return await answered(await forward(c, JSON.stringify(body)))
  })

  app.post('/api/v1/asample', async (c) => {
    const response = await forward(c)
    if (!response.ok) return await answered(response)
    const { sample_sequence_ids: _, ...stub } = (await response.json()) as {
      request_id: string
      sample_sequence_ids: unknown
    }
    samples.add(stub.request_id)
    return c.json(stub)
  })
  app.post('/api/v1/retrieve_future', async (c) => {
    const { request_id } = await c.req.json()
    const response = await forward(c, JSON.stringify({ request_id }), { accept: PROTOBUF })
    const isPacked = response.headers.get('content-type')?.includes(PROTOBUF)
    if (!isPacked && response.ok) {
      const result = (await response.json()) as { type?: string; metrics?: Record<string, number> }
      if (result.type === 'try_again') return refused(c, 408, 'Timeout waiting for result')
      const norm = result.metrics?.[NORM]
      if (norm === undefined) return c.json(result)
      const metrics = { ...result.metrics, [NORM]: norm / dividers.get(request_id)! }
      return c.json({ ...result, metrics })
    }
    if (!isPacked || !samples.has(request_id)) return await answered(response)
    const result = decodeSampleResult(new Uint8Array(await response.arrayBuffer()))
    const prompt_logprobs = result.prompt_logprobs?.slice(1) ?? null
    const bytes = new Uint8Array(encodeSampleResult({ ...result, prompt_logprobs }))
    return c.body(bytes, 200, { 'content-type': PROTOBUF })
  })
  app.all('*', async (c) => await answered(await forward(c)))

  const server = await listen(app as never, 0, '127.0.0.1')
  return { url: server.url, close: () => server.close(0) }
}
