import { realpathSync } from 'node:fs'
import { join, sep } from 'node:path'

/** The real path of a file in a folder; undefined where there is none, or where links lead out of the folder. */
export function fileWithin(folder: string, ...parts: readonly string[]): string | undefined {
  try {
    const path = realpathSync(join(folder, ...parts))
    return path.startsWith(realpathSync(folder) + sep) ? path : undefined
  } catch {
    return undefined
  }
}
