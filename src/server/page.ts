/** The page at every address that no API has. It may fetch from its own server and from nowhere else. */
import { join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { UserError } from '../errors.ts'
import { builtPage } from './build-page.ts'

/** Styles are inline in formulas and bars; pictures are exported charts. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; frame-ancestors 'none'; base-uri 'none'"

const toStderr = (text: string) => void process.stderr.write(`${text}\n`)

/** The page that trains imports a reward that its user has just written. */
const TRAINING_POLICY = `${POLICY}; script-src 'self' blob:`

/** The package has the weights of the page that trains once, among its models. */
const WEIGHTS = /^\/train\/assets\/model-[^/]+\.safetensors$/
const BASE = join(import.meta.dirname, '../../models/pocket-base')

/** `folder` finds the built page; by default it is built where it has to be. */
export function pageRoutes(folder: () => Promise<string> = () => builtPage(toStderr)): Hono {
  const page = new Hono()
  // What has a hash in its name never changes.
  for (const assets of ['/assets/*', '/train/assets/*'])
    page.use(assets, async (c, next) => {
      await next()
      if (c.res.ok) c.header('cache-control', 'public, max-age=31536000, immutable')
    })
  // What the page names is relative to its folder.
  page.get('/train', (c) => c.redirect('/train/'))
  page.get('*', async (c, next) => {
    c.header('content-security-policy', c.req.path.startsWith('/train/') ? TRAINING_POLICY : POLICY)
    c.header('x-content-type-options', 'nosniff')
    try {
      const place = WEIGHTS.test(c.req.path)
        ? { root: BASE, path: 'model.safetensors' }
        : { root: await folder() }
      return await serveStatic(place)(c, next)
    } catch (error) {
      if (error instanceof UserError)
        return c.text(`${error.message}\n\nThe API works without it: see /healthz.\n`, 503)
      throw error
    }
  })
  return page
}
