/**
 * The page comes built in the npm package. A checkout has its sources in web/ instead: it is built to dist/web when it
 * is first asked for, and again when a source is newer, so that nobody has to remember a build.
 */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from '../errors.ts'

/** The same place seen from src/server and from dist/server. */
const ROOT = join(import.meta.dirname, '../..')
const SOURCES = join(ROOT, 'web')
const BUILT = join(ROOT, 'dist/web')

let building: Promise<string> | undefined

/** The folder of the built page; `note` is told when it has to be built. Throws a ConfigError where it cannot be. */
export function builtPage(note: (text: string) => void): Promise<string> {
  building ??= isFresh() ? Promise.resolve(BUILT) : build(note)
  building.catch(() => {
    building = undefined
  })
  return building
}

function isFresh(): boolean {
  const built = statSync(join(BUILT, 'index.html'), { throwIfNoEntry: false })
  if (built === undefined) return false
  if (!existsSync(SOURCES)) return true
  const sources = readdirSync(SOURCES, { recursive: true, withFileTypes: true })
  return sources.every((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs <= built.mtimeMs)
}

async function build(note: (text: string) => void): Promise<string> {
  note('Building the page, which takes some seconds and happens once.')
  let vite: typeof import('vite')
  try {
    vite = await import('vite')
  } catch (cause) {
    throw new ConfigError('the page is not built, and Vite, which builds it, is not installed.', {
      remedy: 'Install the development dependencies with: npm ci',
      cause,
    })
  }
  const unfinished = `${BUILT}-${process.pid}`
  try {
    for (const [folder, outDir] of [
      [SOURCES, unfinished],
      [join(SOURCES, 'train'), join(unfinished, 'train')],
    ] as const)
      await vite.build({ configFile: join(folder, 'vite.config.ts'), logLevel: 'error', build: { outDir } })
    await rm(BUILT, { recursive: true, force: true })
    await rename(unfinished, BUILT)
  } catch (error) {
    // Another process was as quick: its page is as good.
    if (!isFresh()) throw error
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return BUILT
}
