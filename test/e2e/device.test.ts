/** Training on a WebGPU adapter: the metrics of the CPU's run; a run that is killed there, or loses the device, resumed on the CPU. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openModel } from '../../src/loading/local-model.ts'
import { train } from '../../src/recipes/train.ts'
import { stepName } from '../../src/run/checkpoint.ts'
import { createWebgpuRuntime } from '../../src/runtime/webgpu-runtime.ts'
import { settings, startR1 } from '../r1-process.ts'
import { softwareGpu, softwareGpuEnvironment, softwareGpuMissing } from '../software-gpu.ts'
import { writeTinyLlama } from '../tiny-llama.ts'

/** Software adapters compile hundreds of shaders on a machine that may be busy. */
const LONG = 600_000
const STEPS = 4

const missing = await softwareGpuMissing()
if (missing !== undefined) describe.skip(missing, () => it('trains', () => {}))
else
  describe('r1 train r1-zero --device webgpu', () => {
    const folder = mkdtempSync(join(tmpdir(), 'r1-device-'))
    const children: ChildProcess[] = []
    const start = (run: string, ...more: string[]) => {
      const started = startR1(folder, ['train', 'r1-zero', '--run', run, ...more], softwareGpuEnvironment())
      children.push(started.child)
      return started
    }
    const fresh = settings({
      model: 'base',
      template: 'r1-zero',
      'grpo.steps': STEPS,
      'grpo.groupSize': 4,
      'grpo.questionsPerStep': 2,
      'grpo.minibatches': 1,
      'grpo.maxTokens': 12,
      'grpo.learningRate': 1e-3,
      'grpo.klWeight': 0.1,
      'rewards.file': './reward.ts',
      'evaluation.questions': 1,
      'evaluation.samples': 1,
      checkpointEvery: 1,
      microBatchTokens: 1024,
    })
    const metrics = (run: string) => {
      const path = join(folder, run, 'metrics.jsonl')
      const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').filter(Boolean) : []
      return lines
        .map((line) => JSON.parse(line) as Record<string, number>)
        .filter((row) => row.evaluation === undefined)
    }
    beforeAll(async () => {
      await writeTinyLlama(join(folder, 'base'))
      // Random words earn something.
      const reward =
        "{ name: 'letters', weight: 1, score: ({ text }: { text: string }) => (text.length % 7) / 7 }"
      writeFileSync(join(folder, 'reward.ts'), `export const reward = ${reward}\n`)
    }, LONG)
    afterAll(() => {
      for (const child of children) child.kill('SIGKILL')
      rmSync(folder, { recursive: true })
    })

    it(
      'gives the metrics of the CPU to 1e-3, killed on one device and resumed on the other',
      async () => {
        const cpu = start('cpu', ...fresh)
        const gpu = start('gpu', ...fresh, '--device', 'webgpu')
        const saved = join(folder, 'gpu', 'checkpoints', stepName(3))
        let ended = false
        void gpu.ended.then(() => {
          ended = true
        })
        while (!existsSync(saved) && !ended) await setTimeout(20)
        gpu.child.kill('SIGKILL')
        const { stderr } = await gpu.ended
        expect(stderr).toMatch(/^Device: .* in the place of a GPU/m)
        expect((await cpu.ended).code).toBe(0)
        const resumed = await start('gpu', '--resume').ended
        expect(resumed.code, resumed.stderr).toBe(0)
        const [expected, got] = [metrics('cpu'), metrics('gpu')]
        expect(expected.map(({ step }) => step)).toEqual([1, 2, 3, 4])
        expect(expected.some(({ gradientNorm }) => gradientNorm! > 1e-3)).toBe(true)
        expect(got).toEqual(
          expected.map((row) =>
            Object.fromEntries(
              Object.entries(row).map(([name, value]) => [
                name,
                expect.toSatisfy(
                  (other: number) => Math.abs(other - value) <= 1e-3 * Math.max(1, Math.abs(value)),
                ),
              ]),
            ),
          ),
        )
      },
      LONG,
    )

    it(
      'ends where the device is lost, and continues on the CPU from the last checkpoint',
      async () => {
        const grpo = { questionsPerStep: 1, groupSize: 2, minibatches: 1, maxTokens: 6, klWeight: 0 }
        const usual = { grpo, steps: 12, evaluation: false as const, run: join(folder, 'lost') }
        const model = join(folder, 'base')
        const gpu = await softwareGpu()
        const onDevice = await openModel(model, { runtime: () => createWebgpuRuntime(gpu) })
        const lose = ({ step }: { step: number }) => {
          if (step === 11) gpu.device.destroy()
        }
        await expect(train({ ...usual, model: onDevice, onStep: lose })).rejects.toThrow(
          /^device: the GPU was lost.*--resume/s,
        )
        onDevice.engine.close()
        const steps: number[] = []
        const onStep = ({ step }: { step: number }) => steps.push(step)
        await train({ ...usual, model, resume: true, onStep })
        expect(steps).toEqual([11, 12])
      },
      LONG,
    )
  })
