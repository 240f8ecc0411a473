/** The OpenAI-compatible API, mounted at /v1. */
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type * as z from 'zod'
import { abilitiesOf } from '../../text/pocket-abilities.ts'
import { type Client, clientOf } from '../client.ts'
import { limitBody } from '../limit-body.ts'
import type { ServerMetrics } from '../metrics.ts'
import { chatCompletion, type ReasoningForm } from './chat.ts'
import { completion } from './completions.ts'
import { ApiError, errorResponse, refuseBody } from './errors.ts'
import { chatRequest, completionRequest, parseRequest, type Seeded } from './requests.ts'
import type { ListedModel, RunModels } from './run-models.ts'
import type { ServedModel } from './served-model.ts'

/** Bytes of a request; a conversation of a million tokens has fewer. */
const LARGEST_BODY = 4 << 20

export interface OpenAiOptions {
  models: readonly ServedModel[]
  /** Others, which are opened when they are first asked. */
  runModels?: RunModels | undefined
  reasoning: ReasoningForm
  metrics: ServerMetrics
}

export function openAiRoutes({
  models,
  runModels,
  reasoning,
  metrics,
}: OpenAiOptions): Hono<{ Bindings: HttpBindings }> {
  const api = new Hono<{ Bindings: HttpBindings }>()
  api.onError((error, c) => errorResponse(c, error))
  api.use('*', limitBody(LARGEST_BODY, refuseBody(LARGEST_BODY)))

  const modelNamed = async (id: string): Promise<ServedModel> => {
    const found = models.find((model) => model.id === id) ?? (await runModels?.open(id))
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
    max_model_len: model.maxPositions,
    /** Only this server tells: `r1 eval` asks as the model's template wants, and for the text as it was written. */
    answer_form: model.answerForm,
    /** What it can be asked, for the page; left out where that is not known. */
    abilities: abilitiesOf(model.tokenizer),
  })
  const unopened = (listed: ListedModel) => ({ ...listed, object: 'model', owned_by: 'r1-ts' })
  api.get('/models', (c) =>
    c.json({
      object: 'list',
      data: [...models.map(modelObject), ...(runModels?.list().map(unopened) ?? [])],
    }),
  )
  api.get('/models/:id', async (c) => c.json(modelObject(await modelNamed(c.req.param('id')))))

  /** Parses the body, finds the model, and tells the work when the client leaves. */
  const endpoint =
    <Schema extends z.ZodType<Seeded>>(
      schema: Schema,
      answer: (served: ServedModel, request: z.output<Schema>, client: Client) => Promise<Response>,
    ) =>
    async (c: Context<{ Bindings: HttpBindings }>) => {
      const client = clientOf(c)
      const request = parseRequest(schema, await c.req.text())
      const served = await modelNamed(request.model)
      return await answer(served, request, client)
    }
  api.post(
    '/chat/completions',
    endpoint(chatRequest, (served, request, client) =>
      chatCompletion(served, request, reasoning, client, metrics),
    ),
  )
  api.post(
    '/completions',
    endpoint(completionRequest, (served, request, client) => completion(served, request, client, metrics)),
  )
  api.all('*', (c) => {
    throw new ApiError(404, `There is no ${c.req.method} ${c.req.path} here.`, { code: 'not_found' })
  })
  return api
}
