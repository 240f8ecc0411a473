/**
 * The embedded engine behind the Tinker API: any client of the API trains and samples one base model, each a model of
 * its own. It listens on loopback unless told otherwise.
 */
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { readModelConfig } from '../../engine/embedded/model-folder.ts'
import { checkLocalModel, modelFolder } from '../../loading/local-model.ts'
import { isKey, ownPages } from '../guards.ts'
import { limitBody } from '../limit-body.ts'
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
  holdSeconds?: number
  queue?: number
  /** Models in training at a time, of all clients. */
  models?: number
  /** Without a heart-beat for so long a client's models are unloaded. */
  sessionSeconds?: number
}

export interface RunningEngineServer {
  /** Ends without a slash. */
  url: string
  close(): Promise<void>
}

/** Clients send passes in parts of about 5 MB. */
const LARGEST_BODY = 64 << 20

export async function startEngineServer(options: EngineServerOptions): Promise<RunningEngineServer> {
  const { base, checkpoints, port, host = '127.0.0.1', apiKey } = options
  const { holdSeconds = 30, queue = 4096, models: most = 32, sessionSeconds = 300 } = options
  await checkLocalModel(base)
  const shape = await readModelConfig(await modelFolder(base))
  const futures = createFutures({ queue })
  const store = createCheckpointStore(checkpoints)
  const models = createHostedModels({ base, most, futures, store })
  const sessions = createSessions(sessionSeconds, (session) => models.unloadSession(session))
  const app = new Hono<{ Bindings: HttpBindings }>()
  if (apiKey === undefined) app.use(ownPages(host))
  else {
    const isRight = isKey(apiKey)
    app.use(async (c, next) => {
      if (isRight(c.req.header('x-api-key'))) return await next()
      return c.json({ detail: 'The API key is missing or wrong; send it as X-API-Key' }, 401)
    })
  }
  app.use(
    limitBody(LARGEST_BODY, (c) => c.json({ detail: `The body has more than ${LARGEST_BODY} bytes` }, 413)),
  )
  app.route('/api/v1', tinkerRoutes({ base, shape, holdSeconds, futures, sessions, models, store }))
  const server = await listen(app, port, host)
  return {
    url: server.url,
    async close() {
      sessions.close()
      await server.close(0)
      await models.close()
    },
  }
}
