/** SkyRL's server on this machine, as processes of its own that tools/skyrl/start starts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SkyRL {
  url: string
  stop(): Promise<void>
  /** As after a crash of the machine: killed, and started again with what it has on disk. */
  restart(): Promise<void>
}

const START = join(import.meta.dirname, '../../tools/skyrl/start')
/** With the environment that tools/skyrl/start makes at the first time. */
const PATIENCE_SECONDS = 1800

/** `folder` gets its data base, checkpoints and log. */
export async function startSkyRL(base: string, folder: string): Promise<SkyRL> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let server: ChildProcess
  let ended: Promise<unknown>

  async function start(): Promise<void> {
    // A group of its own: the script starts uv, which starts the API, which starts the engine.
    const log = openSync(join(folder, 'server.log'), 'a')
    server = spawn(START, [base, String(port), folder], { detached: true, stdio: ['ignore', log, log] })
    closeSync(log)
    ended = once(server, 'exit')
    for (let waited = 0; waited < PATIENCE_SECONDS && server.exitCode === null; waited++) {
      const up = await fetch(`${url}/api/v1/healthz`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (up) return
      await sleep(1000)
    }
    await end('SIGKILL')
    throw new Error(`SkyRL did not start; see ${join(folder, 'server.log')}`)
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (server.exitCode === null) process.kill(-server.pid!, signal)
    await ended
  }

  await start()
  return {
    url,
    stop: () => end('SIGTERM'),
    async restart() {
      await end('SIGKILL')
      await start()
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}
