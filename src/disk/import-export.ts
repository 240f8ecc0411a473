/** A TypeScript file of the user's: a task, a reward or a world, by the name that it exports. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { tsImport } from 'tsx/esm/api'
import { ConfigError } from '../errors.ts'

/**
 * In a checkout `r1-ts` means the sources, wherever the user's file is; an installed package has no such file. It is told by the
 * environment, since tsx's option is not heeded in a folder whose files are CommonJS.
 */
const SOURCES = join(import.meta.dirname, '../../tsconfig.json')

/**
 * What the user's file at `path` exports as `name`. Throws a ConfigError where there is no such file, it cannot be
 * loaded, or it exports no such name.
 */
export async function importExport(path: string, name: string): Promise<unknown> {
  if (!existsSync(path)) throw new ConfigError('no such file.', { field: path })
  if (existsSync(SOURCES)) process.env.TSX_TSCONFIG_PATH ??= SOURCES
  let module: Record<string, unknown>
  try {
    module = await tsImport(pathToFileURL(resolve(path)).href, import.meta.url)
  } catch (cause) {
    // Behind the reason is who asked for it, in the loader's words; before it the compiler counts its errors.
    const lines = (cause as Error).message.split('\n')
    const reason = lines.find((line) => !line.endsWith(':')) ?? lines[0]
    throw new ConfigError(`cannot be loaded: ${reason}.`, { field: path, cause })
  }
  if (module[name] === undefined)
    throw new ConfigError(`exports no \`${name}\`.`, {
      field: path,
      expected: `\`export const ${name} = …\``,
    })
  return module[name]
}
