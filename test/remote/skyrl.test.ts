/** A SkyRL server of its own: the engine suite, then the command line, with the server killed in a run's middle. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { probe } from '../../src/engine/tinker/capabilities.ts'
import { CONNECTION, createClient } from '../../src/engine/tinker/client.ts'
import { openTinkerEngine } from '../../src/engine/tinker/tinker-engine.ts'
import { loadTask } from '../../src/tasks/load-task.ts'
import { engineSuite, LORA } from '../engines/engine-suite.ts'
import { type Ended, settings, startR1 } from '../r1-process.ts'
import { writeTinyLlama } from '../tiny-llama.ts'
import { type SkyRL, startSkyRL } from './skyrl.ts'

const LONG = 3_600_000
const folder = mkdtempSync(join(tmpdir(), 'r1-skyrl-'))
let server: SkyRL
beforeAll(async () => {
  await writeTinyLlama(join(folder, 'base'))
  server = await startSkyRL(join(folder, 'base'), folder)
}, LONG)
afterAll(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true })
}, LONG)

// The suite's own base has the weights that the server has.
const traits = { tolerance: 1e-3, clipsGradients: false, freezes: false }
engineSuite('the Tinker client, SkyRL', traits, async () => {
  const client = createClient({ url: server.url, ...CONNECTION })
  const { capabilities, models } = await probe(client, 'auto')
  return () => openTinkerEngine({ client, capabilities, baseModel: models[0]!, rank: LORA.rank })
})

describe('the command line, SkyRL', () => {
  const r1 = (...args: string[]) => startR1(folder, args).ended
  const whole = ({ code, stdout, stderr }: Ended) => {
    expect(code, stderr).toBe(0)
    return JSON.parse(stdout)
  }
  const steps = (run: string) =>
    readFileSync(join(folder, run, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, number>)
      .filter(({ evaluation }) => evaluation === undefined)
  const common = ['--model', 'base', '--json', ...settings({ 'lora.rank': LORA.rank })]

  it('20 steps of SFT: it begins where it would here, and learns', { timeout: LONG }, async () => {
    const { question } = await loadTask('pocket-countdown', 1, 1)
    const examples = Array.from({ length: 8 }, (_, index) => {
      const { prompt, answer } = question(index).question
      return JSON.stringify({ prompt, response: `<answer> ${answer} </answer>` })
    })
    writeFileSync(join(folder, 'examples.jsonl'), examples.join('\n'))
    const sft = (run: string, epochs: number) => [
      ...['train', 'sft', '--run', run, ...common],
      ...settings({
        data: 'examples.jsonl',
        'sft.epochs': epochs,
        'sft.batchSize': 8,
        'sft.learningRate': 1e-2,
        'sft.validationShare': 0,
        'sft.gradientClipNorm': 0,
      }),
    ]
    whole(await r1(...sft('sft', 20), '--engine', server.url))
    whole(await r1(...sft('sft-here', 1)))
    const losses = steps('sft').map(({ loss }) => loss!)
    expect(losses).toHaveLength(20)
    expect(Math.abs(losses[0]! - steps('sft-here')[0]!.loss!)).toBeLessThan(1e-3)
    expect(losses.at(-1)!).toBeLessThan(0.7 * losses[0]!)
    expect(existsSync(join(folder, 'sft', 'model', 'adapter_model.safetensors'))).toBe(true)
  })

  /** Rules that a model of random weights breaks always teach nothing; this one teaches from the first response on. */
  const DIGITS = `export const reward = {
    name: 'digits',
    weight: 1,
    score: ({ text }) => [...text].filter((c) => c >= '0' && c <= '9').length / Math.max(1, text.length),
  }`
  const zero = (run: string, more: Record<string, unknown> = {}) => [
    ...['train', 'r1-zero', '--run', run, ...common, '--engine', server.url],
    ...settings({
      'grpo.steps': 20,
      'grpo.groupSize': 8,
      'grpo.questionsPerStep': 1,
      'grpo.maxTokens': 16,
      'grpo.gradientClipNorm': 0,
      'grpo.klWeight': 0,
      'rewards.file': 'digits.mts',
      'evaluation.questions': 1,
      'evaluation.samples': 1,
      checkpointEvery: 5,
      ...more,
    }),
  ]

  it('20 steps of GRPO: the server is killed after the tenth, and the run continues from there', {
    timeout: LONG,
  }, async () => {
    writeFileSync(join(folder, 'digits.mts'), DIGITS)
    const cut = startR1(folder, zero('zero'))
    while (!existsSync(join(folder, 'zero', 'checkpoints', 'step-000010'))) {
      expect(cut.child.exitCode).toBe(null)
      await sleep(100)
    }
    await server.restart()
    const { code, stderr } = await cut.ended
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error: the server no longer has .* --resume\.$/m),
    })
    expect(stderr).not.toMatch(/^ +at /m)
    whole(await r1('train', 'r1-zero', '--run', 'zero', '--resume', '--json'))
    const metrics = steps('zero')
    expect(metrics.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
    for (const { ratio, groupsWithSignal, gradientNorm } of metrics) {
      // Sampled by the policy that is trained: the ratio of the first update of each rollout is 1.
      expect(ratio).toBeCloseTo(1, 3)
      expect(groupsWithSignal).toBe(1)
      expect(gradientNorm).toBeGreaterThan(0)
    }
  })

  it.each([
    ['lora.rank', 0, /lora\.rank is 0: .*trains low-rank adapters only/],
    ['grpo.klWeight', 0.1, /grpo\.klWeight is 0\.1: .*no frozen copy/],
    ['grpo.gradientClipNorm', 1, /grpo\.gradientClipNorm is 1: .*clips no gradients/],
    ['grpo.staleness', 1, /grpo\.staleness is 1: .*cannot sample former weights/],
  ])('%s %d is refused before a run leaves a trace', { timeout: LONG }, async (setting, value, message) => {
    const { code, stderr } = await r1(...zero('refused', { [setting]: value }))
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
    expect(existsSync(join(folder, 'refused'))).toBe(false)
  })
})
