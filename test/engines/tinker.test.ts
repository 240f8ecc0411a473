/** The engine suite on the client of the Tinker API, against our own server, as it is and behind the quirks of SkyRL. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { probe } from '../../src/engine/tinker/capabilities.ts'
import { CONNECTION, createClient } from '../../src/engine/tinker/client.ts'
import { openTinkerEngine } from '../../src/engine/tinker/tinker-engine.ts'
import { startEngineServer } from '../../src/server/tinker/engine-server.ts'
import { startSkyRlLikeServer } from '../skyrl-like-server.ts'
import { engineSuite, LORA } from './engine-suite.ts'

const servers: { close(): Promise<void> }[] = []
const checkpoints = await mkdtemp(join(tmpdir(), 'r1-checkpoints-'))
afterAll(async () => {
  for (const server of servers.reverse()) await server.close()
  await rm(checkpoints, { recursive: true })
})

for (const quirks of [false, true])
  engineSuite(
    `the Tinker client${quirks ? ', a server like SkyRL' : ''}`,
    { tolerance: 1e-4, clipsGradients: !quirks, freezes: !quirks },
    async (base) => {
      const server = await startEngineServer({
        base,
        checkpoints,
        port: 0,
        holdSeconds: 0.2,
        models: 64,
      })
      servers.push(server)
      const other = quirks ? await startSkyRlLikeServer(server.url) : server
      if (other !== server) servers.push(other)
      const client = createClient({ url: other.url, ...CONNECTION, patienceSeconds: 10 })
      const { capabilities } = await probe(client, 'auto')
      return () => openTinkerEngine({ client, capabilities, baseModel: base, rank: LORA.rank })
    },
  )
