/** The engine suite on the embedded engine, on every runtime. */
import { describe, it } from 'vitest'
import { openModel } from '../../src/loading/local-model.ts'
import { createFloat64Runtime } from '../../src/runtime/float64-runtime.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import type { Runtime } from '../../src/runtime/runtime.ts'
import { createWebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { softwareGpu, softwareGpuMissing } from '../software-gpu.ts'
import { engineSuite, LORA } from './engine-suite.ts'

const traits = { tolerance: 1e-4, clipsGradients: true, freezes: true }
const suite = (name: string, runtime: () => Promise<() => Runtime>, frozen?: 'float16') =>
  engineSuite(name, traits, async (base) => {
    if (frozen !== undefined) await roundWeights(base)
    return async () => {
      const options = { lora: LORA, minRowLength: 64, ...(frozen && { frozen }) }
      const { engine } = await openModel(base, { ...options, runtime: await runtime() })
      return engine
    }
  })

/** So that half precision holds what float32 does. */
async function roundWeights(folder: string): Promise<void> {
  const { engine } = await openModel(folder)
  await engine.save(folder, { dtype: 'F16' })
  engine.close()
}

suite('the embedded engine on ONNX Runtime', async () => createOnnxRuntime)
suite('the embedded engine in float64', async () => createFloat64Runtime)
suite('the embedded engine on half-precision weights', async () => createOnnxRuntime, 'float16')
const missing = await softwareGpuMissing()
if (missing !== undefined) describe.skip(missing, () => it('runs the suite on WebGPU', () => {}))
else
  suite('the embedded engine on WebGPU', async () => {
    const gpu = await softwareGpu()
    return () => createWebgpuRuntime(gpu)
  })
