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
const suite = (name: string, runtime: () => Promise<() => Runtime>) =>
  engineSuite(name, traits, async (base) => async () => {
    const { engine } = await openModel(base, { lora: LORA, minRowLength: 64, runtime: await runtime() })
    return engine
  })

suite('the embedded engine on ONNX Runtime', async () => createOnnxRuntime)
suite('the embedded engine in float64', async () => createFloat64Runtime)
const missing = await softwareGpuMissing()
if (missing !== undefined) describe.skip(missing, () => it('runs the suite on WebGPU', () => {}))
else
  suite('the embedded engine on WebGPU', async () => {
    const gpu = await softwareGpu()
    return () => createWebgpuRuntime(gpu)
  })
