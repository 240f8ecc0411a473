/** The page that trains: a folder that any static host serves, with the base model in it. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { defineConfig, type Plugin } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [worksOffline()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es' },
  build: {
    outDir: '../../dist/web/train',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    chunkSizeWarningLimit: 2000,
  },
})

/** What is loaded when it is needed: the detector of languages that no pocket question is in. */
const LATER = /^(offline|static\.small)/

/** Writes the service worker with the list of what was built. */
function worksOffline(): Plugin {
  let folder = ''
  return {
    name: 'works-offline',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir)
    },
    closeBundle() {
      const files = readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !LATER.test(entry.name))
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        )
        .sort()
      const list = JSON.stringify(['./', ...files.map((name) => `./${name}`)])
      const version = createHash('sha256')
        .update(list)
        .update(readFileSync(join(folder, 'index.html')))
      const head = `const VERSION = '${version.digest('hex').slice(0, 12)}'\nconst FILES = ${list}\n`
      const source = readFileSync(join(import.meta.dirname, 'offline.js'), 'utf8')
      writeFileSync(join(folder, 'offline.js'), head + source)
    },
  }
}
