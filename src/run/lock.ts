/**
 * Two processes must not write one run. Each holder writes a file of its own name and then looks for those of
 * others: of two that start together at least one sees the other, and removing a dead process's file is always
 * safe, so that taking over needs no further lock.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { writingError } from '../disk/writing-error.ts'
import { ConfigError } from '../errors.ts'

export interface LockHolder {
  pid: number
  host: string
  /** The system's start time of the process where it tells one: a pid may have been given out again. */
  started: string | null
}

export interface Lock {
  release(): void
}

const PREFIX = '.lock-'

/** Throws a ConfigError when a living process holds the folder; removes the files of dead ones. */
export function acquireLock(folder: string): Lock {
  const attempt = (write: () => void) => {
    try {
      write()
    } catch (error) {
      throw writingError(folder, error)
    }
  }
  attempt(() => mkdirSync(folder, { recursive: true }))
  const self: LockHolder = { pid: process.pid, host: hostname(), started: startOf(process.pid) }
  const path = join(folder, `${PREFIX}${self.host}-${self.pid}`)
  const own = read(path)
  if (own !== undefined && own.started === self.started && held.has(path)) throw busy(folder, path, own)
  attempt(() => writeFileSync(path, JSON.stringify(self)))
  for (const { path: other, holder } of holders(folder)) {
    if (other === path) continue
    if (isAlive(holder)) {
      rmSync(path, { force: true })
      throw busy(folder, other, holder)
    }
    rmSync(other, { force: true })
  }
  held.add(path)
  return {
    release() {
      held.delete(path)
      rmSync(path, { force: true })
    },
  }
}

/** The living process that holds the folder, if any. Changes nothing. */
export function lockHolder(folder: string): LockHolder | undefined {
  return holders(folder).find(({ holder }) => isAlive(holder))?.holder
}

export function isLockFile(name: string): boolean {
  return name.startsWith(PREFIX)
}

/** Locks of this very process, whose files alone cannot tell a live lock from one of a dead process with our pid. */
const held = new Set<string>()

function holders(folder: string): { path: string; holder: LockHolder }[] {
  return readdirSync(folder)
    .filter(isLockFile)
    .flatMap((name) => {
      const path = join(folder, name)
      const holder = read(path)
      return holder === undefined ? [] : [{ path, holder }]
    })
}

/** A lock file that vanished or was torn by a power cut has no living owner. */
function read(path: string): LockHolder | undefined {
  try {
    const { pid, host, started } = JSON.parse(readFileSync(path, 'utf8')) as LockHolder
    return Number.isInteger(pid) && pid > 0 && typeof host === 'string' ? { pid, host, started } : undefined
  } catch {
    return undefined
  }
}

/** A holder on another machine counts as alive: nothing here can tell. */
function isAlive({ pid, host, started }: LockHolder): boolean {
  if (host !== hostname()) return true
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  return pid === process.pid || startOf(pid) === started
}

/** Linux tells when a process started; a zombie counts as gone. Elsewhere the pid alone decides. */
function startOf(pid: number): string | null {
  if (process.platform !== 'linux') return null
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? 'gone' : (fields[19] ?? null)
  } catch {
    return null
  }
}

function busy(folder: string, path: string, { pid, host }: LockHolder): ConfigError {
  const elsewhere = host !== hostname()
  return new ConfigError(`process ${pid}${elsewhere ? ` on ${host}` : ''} is writing this run.`, {
    field: folder,
    remedy: elsewhere
      ? `Wait for it or stop it; if that machine no longer runs it, delete ${path}.`
      : 'Wait for it, stop it, or choose another --run folder.',
  })
}
