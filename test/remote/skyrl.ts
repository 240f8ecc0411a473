/** SkyRL's server on this machine, as a process of its own. With R1_SKYRL_URL one that runs already. */
import { spawn } from 'node:child_process'
import { createWriteStream } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface SkyRL {
  url: string
  stop(): void
}

/** `folder` gets its data base, checkpoints and log. */
export async function startSkyRL(base: string, folder: string): Promise<SkyRL> {
  const { R1_SKYRL_URL: running } = process.env
  if (running !== undefined) return { url: running, stop() {} }
  const port = await freePort()
  const log = createWriteStream(join(folder, 'server.log'))
  // A group of its own: the script starts uv, which starts the API, which starts the engine.
  const server = spawn(join(import.meta.dirname, '../../tools/skyrl/start'), [base, String(port), folder], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  server.stdout.pipe(log)
  server.stderr.pipe(log)
  let ended = false
  server.on('exit', () => {
    ended = true
  })
  const stop = () => {
    if (!ended) process.kill(-server.pid!, 'SIGTERM')
  }
  const url = `http://127.0.0.1:${port}`
  for (let waited = 0; waited < 300 && !ended; waited++) {
    const up = await fetch(`${url}/api/v1/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (up) return { url, stop }
    await sleep(1000)
  }
  stop()
  throw new Error(`SkyRL did not start; see ${join(folder, 'server.log')}`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}
