/**
 * The page beside a training: `r1 dashboard` in a process of its own and with low priority, so that the training does not notice it.
 * It ends with the training, however that ends.
 */
import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { constants, setPriority } from 'node:os'
import { dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { runName } from '../report/run-summary.ts'
import { BIN } from './bin.ts'

export interface PageFlags {
  page?: boolean
  open?: boolean
  json?: boolean
}

export interface LivePage {
  /** Of the run. */
  url: string
  close(): void
}

export const PAGE_PORT = 8420

export const addPageFlags = (command: Command): Command =>
  command
    .option('--no-page', 'do not serve the page beside the training')
    .option('--open', 'open the page in the browser')

/** Undefined with `--no-page`, with `--json`, and for commands that have no page. */
export async function startLivePage(folder: string, flags: PageFlags): Promise<LivePage | undefined> {
  if (!flags.page || flags.json) return undefined
  const root = shownRoot(folder)
  const port = (await isFree(PAGE_PORT)) ? PAGE_PORT : await freePort()
  // A group of its own: Ctrl-C is for the training, which saves while the page still shows it.
  const child = fork(BIN, ['dashboard', root, '--port', String(port)], {
    detached: true,
    stdio: 'ignore',
    serialization: 'json',
  })
  // What goes wrong there is no reason to stop here.
  child.on('error', () => {})
  child.unref()
  child.channel?.unref()
  lowerPriority(child.pid)
  const url = pageAddress(folder, port)
  if (flags.open) openInBrowser(url)
  return { url, close: () => void (child.connected && child.disconnect()) }
}

/** The folder `runs` for a run in it, so that others can be laid over it; any other run by itself. */
export const shownRoot = (folder: string): string =>
  dirname(resolve(folder)) === resolve('runs') ? 'runs' : folder

/** Where the page of a run is. */
export const pageAddress = (folder: string, port = PAGE_PORT): string =>
  `http://127.0.0.1:${port}/#/runs/${encodeURIComponent(runName(shownRoot(folder), folder))}`

function lowerPriority(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL)
  } catch {
    // A system that does not let us.
  }
}

async function isFree(port: number): Promise<boolean> {
  return (await listened(port)) !== undefined
}

const freePort = async (): Promise<number> => (await listened(0))!

/** The port that could be listened on just now. */
async function listened(port: number): Promise<number | undefined> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch {
    return undefined
  }
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : undefined
}

const OPENERS: Partial<Record<NodeJS.Platform, [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

function openInBrowser(url: string): void {
  const [program, ...args] = OPENERS[process.platform] ?? ['xdg-open']
  const opener = spawn(program, [...args, url], { detached: true, stdio: 'ignore' })
  opener.on('error', () => process.stderr.write(`No browser could be opened. The page is at ${url}\n`))
  opener.unref()
}
