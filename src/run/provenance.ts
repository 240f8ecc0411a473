/** What a run was made by, besides its settings: the sources' commit and the machine. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'

export interface Provenance {
  /** Of the sources, `-dirty` behind it where they were changed since; left out of an installed package. */
  commit?: string | undefined
  /** Processor, cores, memory and Node's version. */
  machine: string
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

let known: Provenance | undefined

export function provenance(): Provenance {
  known ??= {
    commit: git('describe', '--always', '--dirty', '--abbrev=10', '--exclude=*'),
    machine: machine(),
  }
  return known
}

/** The newest commit that changed a file of the sources; undefined in an installed package. */
export const commitOf = (file: string): string | undefined =>
  git('log', '-1', '--format=%h of %cs', '--abbrev=10', '--', file)

function git(...args: string[]): string | undefined {
  // A package in someone's node_modules is not of the repository around it.
  if (!existsSync(`${ROOT}.git`)) return undefined
  try {
    return execFileSync('git', ['-C', ROOT, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim() || undefined
  } catch {
    return undefined
  }
}

function machine(): string {
  const cores = cpus()
  const processor = cores[0]?.model.trim() ?? process.arch
  const memory = Math.round(totalmem() / 2 ** 30)
  return `${cores.length} cores of ${processor}, ${memory} GiB, Node ${process.versions.node}`
}
