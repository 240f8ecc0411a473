/** Where a worker thread begins. In a checkout it registers tsx itself: on Node 20 a worker takes no loader from execArgv. */
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

/** The file `name`, without its ending, in the folder of the module `beside`. */
export function workerEntry(name: string, beside: string): URL {
  if (import.meta.url.endsWith('.js')) return new URL(`./${name}.js`, beside)
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')).href.replace(
    /\.cjs$/,
    '.mjs',
  )
  const file = new URL(`./${name}.ts`, beside).href
  const source = `import { register } from '${tsx}'; register(); await import('${file}')`
  return new URL(`data:text/javascript,${encodeURIComponent(source)}`)
}
