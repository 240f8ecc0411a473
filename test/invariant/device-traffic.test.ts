/** What crosses the bus to a WebGPU device, counted in bytes: little, and nothing of the weights' size after loading. */
import { describe, expect, it } from 'vitest'
import { numWeights } from '../../src/engine/embedded/weights.ts'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { createWebgpuRuntime, type WebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { softwareGpu, softwareGpuMissing } from '../software-gpu.ts'
import { adamw, tinyEngine } from '../tiny-model.ts'

/** Software adapters compile many shaders on a machine that may be busy. */
const LONG = 300_000
const data = [30, 44].map((length) => ({
  tokens: Int32Array.from({ length }, (_, i) => (i * i) % 40),
  weights: new Float32Array(length - 1).fill(1 / length),
}))

const missing = await softwareGpuMissing()
if (missing !== undefined) describe.skip(missing, () => it('counts bytes', () => {}))
else
  describe.each([undefined, { rank: 2, alpha: 4, targets: ['all-linear'] }])('adapters %j', (lora) => {
    it(
      'passes tokens up and figures down, and a decode step 16 bytes a slot at most',
      async () => {
        const gpu = await softwareGpu()
        let runtime: WebgpuRuntime | undefined
        const engine = tinyEngine('llama', {
          lora,
          runtime: () => {
            runtime = createWebgpuRuntime(gpu)
            return runtime
          },
        })
        const counted = async (work: () => Promise<unknown>) => {
          const before = { ...runtime!.counts }
          await work()
          return { up: runtime!.counts.up - before.up, down: runtime!.counts.down - before.down }
        }
        const train = () => engine.forwardBackward(data, crossEntropy)
        const sample = (maxTokens: number) => () =>
          engine.sample([
            {
              prompt: Int32Array.of(1, 2, 3),
              samples: 8,
              seed: 1,
              options: { maxTokens, temperature: 1, topP: 0.9, stopTokens: [] },
            },
          ])
        // The first time compiles: constants go up once.
        await train()
        await engine.optimStep(adamw)
        await sample(10)()

        const weightBytes = 4 * numWeights(engine.weights)
        const positions = 2 * 64
        const trained = await counted(train)
        // Tokens, positions, targets, segments, parents, sequences and weights; log-probabilities, entropies and the loss.
        expect(trained.up).toBeLessThanOrEqual(7 * 4 * positions)
        expect(trained.down).toBeLessThanOrEqual(2 * 4 * positions + 64)
        expect(await counted(() => engine.optimStep(adamw))).toEqual({ up: 28, down: 12 })
        const [short, long] = [await counted(sample(10)), await counted(sample(30))]
        expect(long.up - short.up).toBeLessThanOrEqual(20 * 8 * 16)
        expect(long.down - short.down).toBeLessThanOrEqual(20 * 8 * 16)
        const frozen = await counted(async () => (await engine.snapshot()).close())
        expect(frozen.up).toBe(0)
        // Whether an adapter is zero is read.
        expect(frozen.down).toBeLessThan(weightBytes / 10)
        engine.close()
      },
      LONG,
    )
  })
