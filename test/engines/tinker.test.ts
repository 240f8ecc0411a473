/** The engine suite on the client of the Tinker API, against our own server, as it is and with the quirks of others. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { probe } from '../../src/engine/tinker/capabilities.ts'
import { CONNECTION, createClient } from '../../src/engine/tinker/client.ts'
import { openTinkerEngine } from '../../src/engine/tinker/tinker-engine.ts'
import { type RunningEngineServer, startEngineServer } from '../../src/server/tinker/engine-server.ts'
import { engineSuite, LORA } from './engine-suite.ts'

const servers: RunningEngineServer[] = []
const checkpoints = await mkdtemp(join(tmpdir(), 'r1-checkpoints-'))
afterAll(async () => {
  for (const server of servers) await server.close()
  await rm(checkpoints, { recursive: true })
})

for (const strict of [false, true])
  engineSuite(
    `the Tinker client${strict ? ', a strict server' : ''}`,
    { tolerance: 1e-4, clipsGradients: !strict, freezes: !strict },
    async (base) => {
      const server = await startEngineServer({
        base,
        checkpoints,
        port: 0,
        strict,
        holdSeconds: 0.2,
        models: 64,
      })
      servers.push(server)
      const client = createClient({ url: server.url, ...CONNECTION, patienceSeconds: 10 })
      const { capabilities } = await probe(client, 'auto')
      return () => openTinkerEngine({ client, capabilities, baseModel: base, rank: LORA.rank })
    },
  )
