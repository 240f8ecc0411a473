/** The engine suite on a SkyRL server of its own, started by tools/skyrl/start: `npm run test:remote`. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { probe } from '../../src/engine/tinker/capabilities.ts'
import { CONNECTION, createClient } from '../../src/engine/tinker/client.ts'
import { openTinkerEngine } from '../../src/engine/tinker/tinker-engine.ts'
import { engineSuite, LORA } from '../engines/engine-suite.ts'
import { type SkyRL, startSkyRL } from './skyrl.ts'

let server: SkyRL | undefined
afterAll(() => server?.stop())

engineSuite('the Tinker client, SkyRL', async (base) => {
  server = await startSkyRL(base, await mkdtemp(join(tmpdir(), 'r1-skyrl-')))
  const client = createClient({ url: server.url, ...CONNECTION })
  const { capabilities, models } = await probe(client, 'auto')
  return {
    open: () => openTinkerEngine({ client, capabilities, baseModel: models[0]!, rank: LORA.rank }),
    tolerance: 1e-3,
    clipsGradients: false,
    freezes: false,
  }
})
