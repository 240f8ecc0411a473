/**
 * Where a worker thread of this folder begins. In a checkout it registers tsx itself: on Node 20 a worker takes no
 * loader from execArgv.
 */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** `name` is a file's, without its ending. */
export function workerEntry(name: string): URL {
  if (import.meta.url.endsWith('.js')) return new URL(`./${name}.js`, import.meta.url)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(
    /\.cjs$/,
    '.mjs',
  )
  const file = new URL(`./${name}.ts`, import.meta.url).href
  const source = `import { register } from '${tsx}'; register(); await import('${file}')`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}
