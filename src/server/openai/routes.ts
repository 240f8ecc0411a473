/** The OpenAI-compatible API, mounted at /v1. */
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type * as z from 'zod'
import type { ServerMetrics } from '../metrics.ts'
import { chatCompletion, type ReasoningForm } from './chat.ts'
import { completion } from './completions.ts'
import { ApiError, errorResponse } from './errors.ts'
import { chatRequest, completionRequest, parseRequest } from './requests.ts'
import type { ServedModel } from './served-model.ts'

/** Bytes of a request; a conversation of a million tokens has fewer. */
const LARGEST_BODY = 4 << 20

export interface OpenAiOptions {
  models: readonly ServedModel[]
  reasoning: ReasoningForm
  metrics: ServerMetrics
}

export function openAiRoutes({ models, reasoning, metrics }: OpenAiOptions): Hono {
  const api = new Hono()
  api.onError((error, c) => errorResponse(c, error))
  api.use(
    '*',
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError() {
        throw new ApiError(413, `The body has more than ${LARGEST_BODY} bytes.`, {
          code: 'request_too_large',
        })
      },
    }),
  )

  const modelNamed = (id: string): ServedModel => {
    const found = models.find((model) => model.id === id)
    if (found !== undefined) return found
    throw new ApiError(
      404,
      `There is no model ${JSON.stringify(id.slice(0, 80))} here; /v1/models lists them.`,
      {
        param: 'model',
        code: 'model_not_found',
      },
    )
  }
  const modelObject = ({ id, created, model }: ServedModel) => ({
    id,
    object: 'model',
    created,
    owned_by: 'r1-ts',
    max_model_len: model.engine.config.maxPositions,
  })
  api.get('/models', (c) => c.json({ object: 'list', data: models.map(modelObject) }))
  api.get('/models/:id', (c) => c.json(modelObject(modelNamed(c.req.param('id')))))

  /** Parses the body, finds the model, and cancels the work when the client leaves. */
  const endpoint =
    <Schema extends z.ZodType<{ model: string }>>(
      schema: Schema,
      answer: (served: ServedModel, request: z.output<Schema>, cancel: AbortController) => Promise<Response>,
    ) =>
    async (c: Context) => {
      const request = parseRequest(schema, await c.req.text())
      const served = modelNamed(request.model)
      const cancel = new AbortController()
      const left = c.req.raw.signal
      left.addEventListener('abort', () => cancel.abort(left.reason), { once: true })
      return await answer(served, request, cancel)
    }
  api.post(
    '/chat/completions',
    endpoint(chatRequest, (served, request, cancel) =>
      chatCompletion(served, request, reasoning, cancel, metrics),
    ),
  )
  api.post(
    '/completions',
    endpoint(completionRequest, (served, request, cancel) => completion(served, request, cancel, metrics)),
  )
  api.all('*', (c) => {
    throw new ApiError(404, `There is no ${c.req.method} ${c.req.path} here.`, { code: 'not_found' })
  })
  return api
}
