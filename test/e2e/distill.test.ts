/** Distillation from a teacher into students of two architectures, each also reinforced alone and distilled on-policy. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, expect, it } from 'vitest'

const root = mkdtempSync(join(tmpdir(), 'r1-distill-'))
afterAll(() => rmSync(root, { recursive: true }))

const shape = { hiddenSize: 32, intermediateSize: 64, numLayers: 2, numHeads: 4, numKeyValueHeads: 2 }
const grpo = { steps: 2, questionsPerStep: 2, groupSize: 4, maxTokens: 60 }
const SETTINGS = {
  data: { questions: 48, samples: 4, keep: 2, demonstrations: 6 },
  students: (['qwen2', 'llama'] as const).map((architecture) => ({
    name: `${architecture}-tiny`,
    pretrain: {
      model: { architecture, ...shape },
      pretrain: { steps: 2, batchTokens: 512 },
      evaluation: { questions: 2, samples: 2 },
    },
    sft: { epochs: 1, batchSize: 16 },
  })),
  reinforcement: { grpo: { ...grpo, minibatches: 1 } },
  onPolicy: { enabled: true, grpo: { ...grpo, groupSize: 2 } },
  evaluation: { questions: 4, requests: 4, samples: 2, maxTokens: 60 },
}

it('r1 train distill', { timeout: 300_000 }, async () => {
  const settings = join(root, 'settings.json')
  const run = join(root, 'run')
  writeFileSync(settings, JSON.stringify(SETTINGS))
  const bin = resolve(import.meta.dirname, '../../bin/r1.mjs')
  const r1 = async (...args: string[]) => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      bin,
      'train',
      'distill',
      '--json',
      ...args,
    ])
    return JSON.parse(stdout) as { models: Record<string, { pass1: number }>; left: string[] }
  }
  const { models, ...rest } = await r1('--config', settings, '--run', run, '--set', 'teacher=pocket-base')
  expect(rest).toEqual({ run, finished: true, left: [] })
  expect(Object.keys(models)).toEqual(
    ['qwen2-tiny', 'llama-tiny'].flatMap((name) =>
      ['base', 'RL', 'distilled', 'on-policy'].map((way) => `${name} ${way}`),
    ),
  )
  for (const figures of Object.values(models)) expect(figures.pass1).toEqual(expect.any(Number))
  for (const [student, type] of [
    ['qwen2-tiny', 'qwen2'],
    ['llama-tiny', 'llama'],
  ])
    for (const way of ['rl', 'distilled', 'on-policy']) {
      const model = join(run, `${student}-${way}`, 'model')
      expect(JSON.parse(readFileSync(join(model, 'config.json'), 'utf8')).model_type).toBe(type)
      expect(existsSync(join(model, 'chat_template.jinja'))).toBe(way !== 'rl')
    }
  const distilled = JSON.parse(readFileSync(join(run, 'llama-tiny-distilled', 'finished.json'), 'utf8'))
  expect(distilled.examples).toBeGreaterThan(10)

  const examples = join(run, 'teacher-data', 'data.jsonl')
  const given = join(root, 'given')
  const one = { ...SETTINGS, students: SETTINGS.students.slice(0, 1), onPolicy: { enabled: false } }
  writeFileSync(settings, JSON.stringify({ ...one, reinforcement: { enabled: false } }))
  expect(await r1('--config', settings, '--run', given, '--set', `examples=${examples}`)).toMatchObject({
    left: [],
  })
  expect(existsSync(join(given, 'teacher-data'))).toBe(false)

  rmSync(join(run, 'llama-tiny-on-policy'), { recursive: true })
  const rerun = await r1('--run', run, '--only', 'qwen2-tiny-base')
  expect(rerun).toMatchObject({ run, finished: false, left: ['llama-tiny-on-policy'] })
  expect(Object.keys(rerun.models)).toHaveLength(7)
})
