/** The engine suite on the embedded engine. */
import { openModel } from '../../src/loading/local-model.ts'
import { engineSuite, LORA } from './engine-suite.ts'

const traits = { tolerance: 1e-4, clipsGradients: true, freezes: true }
engineSuite('the embedded engine', traits, async (base) => async () => {
  return (await openModel(base, { lora: LORA, minRowLength: 64 })).engine
})
