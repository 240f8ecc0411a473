/** `r1 rescore` for the page, in a process of its own: what is being written may never end, or print what it likes. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { ConfigError } from '../errors.ts'
import type { Rescored } from '../report/rescore.ts'
import type { Rescoring } from '../server/dashboard/rescoring.ts'
import { BIN } from './bin.ts'

const SECONDS = 120
const MOST_OUTPUT = 1 << 26

export function rescoringBy(file: string): Rescoring {
  if (!existsSync(file)) throw new ConfigError('no such file.', { field: '--reward', value: file })
  return {
    file,
    async rescore(folder, { step, alone }) {
      const args = ['rescore', folder, '--reward', file, '--step', String(step), '--json']
      const options = { timeout: SECONDS * 1000, maxBuffer: MOST_OUTPUT }
      try {
        const run = [BIN, ...args, ...(alone ? ['--alone'] : [])]
        const { stdout } = await promisify(execFile)(process.execPath, run, options)
        return JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as Rescored
      } catch (error) {
        const { killed, stderr } = error as { killed?: boolean; stderr?: string }
        if (killed) throw new ConfigError(`no scores within ${SECONDS} s.`, { field: file })
        if (!stderr) throw error
        throw new ConfigError(stderr.trim().replace(/^error: /, ''))
      }
    },
  }
}
