/** Whether two paths name the same file, however they are spelt. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'

export const isSameFile = (a: string, b: string): boolean => real(a) === real(b)

function real(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return resolve(path)
  }
}
