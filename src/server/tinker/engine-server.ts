/**
 * The embedded engine behind the Tinker API: any client of the API trains and samples one base model, each a model of
 * its own. It listens on loopback unless told otherwise.
 */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { readModelConfig } from '../../engine/onnx/checkpoint.ts'
import { checkLocalModel, modelFolder } from '../../loading/local-model.ts'
import { ownPages } from '../guards.ts'
import { listen } from '../listen.ts'
import { createCheckpointStore } from './checkpoint-store.ts'
import { createFutures } from './futures.ts'
import { createHostedModels } from './hosted-models.ts'
import { tinkerRoutes } from './routes.ts'
import { createSessions } from './sessions.ts'

export interface EngineServerOptions {
  /** pocket-base, a run or a model folder; clients call it by this name. */
  base: string
  /** Where saved weights are kept. */
  checkpoints: string
  /** 0 takes a free one. */
  port: number
  host?: string
  /** What clients send as `X-API-Key`. */
  apiKey?: string | undefined
  /** Answers as SkyRL's jax back end does: its quirks, for testing clients. */
  strict?: boolean
  holdSeconds?: number
  queue?: number
  /** Without a heart-beat for so long a client's models are unloaded. */
  sessionSeconds?: number
}

export interface RunningEngineServer {
  /** Ends without a slash. */
  url: string
  close(): Promise<void>
}

/** SkyRL takes a gigabyte; what a client of ours sends at once is a few megabytes. */
const MOST_BYTES = 2 ** 30

export async function startEngineServer(options: EngineServerOptions): Promise<RunningEngineServer> {
  const { base, checkpoints, port, host = '127.0.0.1', apiKey, strict = false } = options
  const { holdSeconds = 30, queue = 4096, sessionSeconds = 300 } = options
  await checkLocalModel(base)
  const { maxPositions } = await readModelConfig(await modelFolder(base))
  const futures = createFutures()
  const store = createCheckpointStore(checkpoints)
  const reduction = strict ? 'sequence-mean' : 'sum'
  const models = createHostedModels({ base, reduction, clipping: !strict, futures, store })
  const sessions = createSessions(sessionSeconds, (session) => models.unloadSession(session))
  const app = new Hono()
  if (apiKey === undefined) app.use(ownPages(host))
  else
    app.use(async (c, next) => {
      if (c.req.header('x-api-key') === apiKey) return await next()
      return c.json({ detail: 'The API key is missing or wrong; send it as X-API-Key' }, 401)
    })
  app.use(bodyLimit({ maxSize: MOST_BYTES }))
  app.route(
    '/api/v1',
    tinkerRoutes({ base, maxPositions, strict, holdSeconds, queue, futures, sessions, models, store }),
  )
  const server = await listen(app as never, port, host)
  return {
    url: server.url,
    async close() {
      sessions.close()
      await server.close(0)
      await models.close()
    },
  }
}
