/**
 * An attack: a program or a request that tries to end, block or fool this process, and what must hold all the same.
 *
 * Every other file of this folder exports a list, `attacks`. `run.ts` starts each attack in a process of its own, so
 * that one that succeeds ends nothing but itself.
 */
import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

export interface Attack {
  /** A few words, unique within its file. */
  name: string
  /** One sentence: what must be true although this was tried. */
  holds: string
  /** CI runs the quick ones: a few seconds at most on a busy machine. */
  quick: boolean
  /** Seconds until the attack counts as having blocked the process. 300 where not given. */
  seconds?: number
  /** Heap of the attacked process, in MB. 1024 where not given. */
  heapMb?: number
  /** Rejects where it does not hold. Runs in a process of its own. */
  run(): Promise<void>
}

export interface FoundAttack extends Attack {
  file: string
}

export interface Outcome {
  held: boolean
  /** What the attacked process said, or how it ended. */
  detail: string
  seconds: number
}

const FOLDER = fileURLToPath(new URL('.', import.meta.url))
const OWN = new Set(['attack.ts', 'run.ts'])

export async function findAttacks(): Promise<FoundAttack[]> {
  const files = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !OWN.has(name),
  )
  const lists = await Promise.all(
    files.sort().map(async (name) => {
      const module = (await import(pathToFileURL(FOLDER + name).href)) as { attacks?: Attack[] }
      return (module.attacks ?? []).map((attack) => ({ ...attack, file: basename(name, '.ts') }))
    }),
  )
  return lists.flat()
}

/** Runs one attack in a new process and waits for that to end, or kills it after its time. */
export function tryAttack(attack: FoundAttack): Promise<Outcome> {
  const { seconds = 300, heapMb = 1024 } = attack
  const start = performance.now()
  const child = spawn(
    process.execPath,
    [
      `--max-old-space-size=${heapMb}`,
      '--import',
      import.meta.resolve('tsx'),
      `${FOLDER}run.ts`,
      '--one',
      `${attack.file}/${attack.name}`,
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-2000)
    })
  const timer = setTimeout(() => child.kill('SIGKILL'), 1000 * seconds)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const ending = signal === null ? `exit code ${code}` : `ended by ${signal}`
      resolve({
        held: code === 0,
        detail: `${ending}${said === '' ? '' : `: ${said.trim()}`}`,
        seconds: (performance.now() - start) / 1000,
      })
    })
  })
}
