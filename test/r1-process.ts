/** The command line in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'

const BIN = resolve(import.meta.dirname, '../bin/r1.mjs')

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** `folder` is where it runs. */
export function startR1(
  folder: string,
  args: string[],
  environment: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const text = { stdout: '', stderr: '' }
  child.stdout!.on('data', (chunk) => {
    text.stdout += chunk
  })
  child.stderr!.on('data', (chunk) => {
    text.stderr += chunk
  })
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, ...text })))
  return { child, ended }
}

export const settings = (values: Record<string, unknown>) =>
  Object.entries(values).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])
