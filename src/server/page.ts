/** The page that Vite built to dist/web, at every address that no API has. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'

/** The same place seen from src/server and from dist/server. */
const BUILT = join(import.meta.dirname, '../../dist/web')

const MISSING = `The page was not built. In a checkout of r1-ts, build it with:

  npm run build:web

The API works without it: see /v1/models and /healthz.
`

export function pageRoutes(folder = BUILT): Hono {
  const page = new Hono()
  if (!existsSync(join(folder, 'index.html'))) return page.get('/', (c) => c.text(MISSING, 503))
  // What has a hash in its name never changes.
  page.use('/assets/*', async (c, next) => {
    await next()
    if (c.res.ok) c.header('cache-control', 'public, max-age=31536000, immutable')
  })
  return page.get('*', serveStatic({ root: folder }))
}
