/** The engine suite on the embedded engine. */
import { openLocalModel } from '../../src/loading/local-model.ts'
import { engineSuite, LORA } from './engine-suite.ts'

engineSuite('the embedded engine', async (base) => ({
  open: async () => (await openLocalModel(base, { lora: LORA, minRowLength: 64 })).engine,
  tolerance: 1e-4,
  clipsGradients: true,
  freezes: true,
}))
