/** Adapters beside weights in a GGUF file's blocks: the same model as with the blocks widened, on a CPU and on a device. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportModel } from '../../src/cli/export-model.ts'
import { localResponder } from '../../src/evaluation/local-responder.ts'
import { checkLocalModel, type LocalModelOptions, openModel } from '../../src/loading/local-model.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { createOnnxRuntime } from '../../src/runtime/onnx-runtime.ts'
import { createWebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { softwareGpu, softwareGpuMissing } from '../software-gpu.ts'
import { writeTinyLlama } from '../tiny-llama.ts'
import { adamw } from '../tiny-model.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-frozen-'))
const file = join(folder, 'model.gguf')
const LONG = 300_000
const lora = { rank: 4, alpha: 32, targets: ['all-linear'] }
const tokens = Int32Array.from({ length: 20 }, (_, i) => (i * 37) % 500)
const request = {
  prompt: tokens.subarray(0, 5),
  samples: 3,
  seed: 1,
  options: { maxTokens: 7, temperature: 1, stopTokens: [] },
}

beforeAll(async () => {
  await writeTinyLlama(join(folder, 'base'))
  await exportModel(join(folder, 'base'), 'gguf', { dtype: 'q8_0', output: file, json: true })
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Trains a step, then samples and scores. */
async function figures(options: LocalModelOptions) {
  const { engine } = await openModel(file, { lora, minRowLength: 64, ...options })
  const weights = new Float32Array(tokens.length - 1).fill(0.05)
  const { loss } = await engine.forwardBackward([{ tokens, weights }], crossEntropy)
  const { gradientNorm } = await engine.optimStep({ ...adamw, learningRate: 1e-2 })
  const [responses] = await engine.sample([request])
  const [logprobs] = await engine.logprobs([tokens])
  const types = new Set(Object.values(engine.weights.states).map(({ dtype }) => dtype))
  const merged = mkdtempSync(join(folder, 'merged-'))
  await engine.save(merged, { merged: true })
  engine.close()
  const { engine: whole } = await openModel(merged)
  const [again] = await whole.logprobs([tokens])
  whole.close()
  const drawn = responses!.map((response) => Array.from(response.tokens))
  return { types: [...types].sort(), drawn, numbers: [loss, gradientNorm, ...logprobs!, ...again!] }
}

const missing = await softwareGpuMissing()
describe.each([
  ['ONNX Runtime', async () => createOnnxRuntime, undefined],
  [
    'WebGPU',
    async () => {
      const gpu = await softwareGpu()
      return () => createWebgpuRuntime(gpu)
    },
    missing,
  ],
] as const)('on %s', (_, runtime, absent) => {
  it.skipIf(absent !== undefined)('is the model of float32', { timeout: LONG }, async () => {
    const expected = await figures({})
    const got = await figures({ frozen: 'stored', runtime: await runtime() })
    expect(expected.types).toEqual(['float32'])
    expect(got.types).toEqual(['Q8_0', 'float32'])
    expect(got.drawn).toEqual(expected.drawn)
    got.numbers.forEach((value, i) => {
      expect(value).toBeCloseTo(expected.numbers[i]!, 3)
    })
  })

  it.skipIf(absent !== undefined)(
    'draws what it draws in float32, without adapters',
    {
      timeout: LONG,
    },
    async () => {
      const drawn = async (options: LocalModelOptions) => {
        const { engine } = await openModel(file, options)
        const [responses] = await engine.sample([request])
        engine.close()
        return responses!.map((response) => Array.from(response.tokens))
      }
      expect(await drawn({ frozen: 'stored', runtime: await runtime() })).toEqual(await drawn({}))
    },
  )
})

it('a model that is measured with other weights has another version', async () => {
  const versions = []
  for (const weights of ['float32', 'float16', 'stored'] as const) {
    const { version, close } = await localResponder(file, weights)
    await close?.()
    versions.push(version)
  }
  expect(new Set(versions).size).toBe(3)
})

it('says that something must be frozen', async () => {
  await expect(checkLocalModel(file, undefined, 'stored')).rejects.toThrow(
    /^lora\.frozen is "stored": .*lora\.rank=16/,
  )
})
