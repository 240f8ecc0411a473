/** Trainings that the page starts, stops and resumes: each is `r1 train` in a process of its own, which outlives the page. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../errors.ts'
import { presets } from '../recipes/r1-zero.ts'
import { CONFIG, newRunFolder, readRunInfo, runStatus } from '../run/folder.ts'
import { lockHolder } from '../run/lock.ts'
import type { Trainings } from '../server/dashboard/changes.ts'
import { BIN } from './bin.ts'
import { resumeArgs } from './run-command.ts'

const LOOK_MILLISECONDS = 50

/** In the folder `runs`, which must not be a run itself. */
export function trainingsIn(runs: string): Trainings {
  if (existsSync(join(runs, CONFIG)))
    throw new ConfigError('a page of one run cannot start others.', {
      field: '--allow-training',
      remedy: 'Name the folder that the run is in.',
    })
  return {
    presets: Object.keys(presets),
    async start({ preset, seed, set }) {
      const folder = newRunFolder(resolve(runs), 'r1-zero', seed, new Date())
      const settings = set.flatMap((setting) => ['--set', setting])
      const args = [
        'train',
        'r1-zero',
        '--run',
        folder,
        '--preset',
        preset,
        '--seed',
        String(seed),
        ...settings,
      ]
      await begin(args, folder)
      return basename(folder)
    },
    async resume(folder) {
      await begin(resumeArgs({ folder, info: readRunInfo(folder) }), folder)
    },
    async stop(folder) {
      const holder = lockHolder(folder)
      if (holder === undefined || holder.host !== hostname())
        throw new ConfigError(
          holder === undefined ? 'this run does not run.' : `this run is on another machine, ${holder.host}.`,
          { field: folder },
        )
      process.kill(holder.pid, 'SIGTERM')
    },
  }
}

/** Until the run runs; what a process that gave up said is what is wrong. */
async function begin(args: readonly string[], folder: string): Promise<void> {
  const log = join(mkdtempSync(join(tmpdir(), 'r1-training-')), 'output.txt')
  const output = openSync(log, 'w')
  const child = spawn(process.execPath, [BIN, ...args, ...(args[0] === 'train' ? ['--no-page'] : [])], {
    detached: true,
    stdio: ['ignore', output, output],
  })
  closeSync(output)
  child.unref()
  let ended = false
  child.once('exit', () => {
    ended = true
  })
  while (runStatus(folder) !== 'running' && !ended) await sleep(LOOK_MILLISECONDS)
  if (ended && runStatus(folder) !== 'finished')
    throw new ConfigError(
      readFileSync(log, 'utf8')
        .trim()
        .replace(/^error: /, '') || 'the training ended at once.',
    )
}
