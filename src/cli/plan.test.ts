import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { planCommand } from './plan.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-plan-'))
afterAll(() => rmSync(folder, { recursive: true }))

let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  return () => vi.restoreAllMocks()
})
const run = (...args: string[]) => planCommand().parseAsync(args, { from: 'user' })

describe('r1 plan', () => {
  it('of a preset: a table, with what is assumed', async () => {
    await run('deepseek-v3', '--gpus', '512')
    expect(printed).toMatch(/DeepSeek-V3-Base: 671B parameters/)
    expect(printed).toMatch(/512 H800/)
    expect(printed).toMatch(/cost +\$1\d\d,\d{3}/)
    expect(printed).toMatch(/1\.8 +tokens a step with a prediction module/)
  })

  it('of a file, with --set, as one JSON object', async () => {
    const file = join(folder, 'run.json')
    writeFileSync(file, '{ "model": "models/Qwen2.5-7B", "grpo": { "steps": 160 } } // short')
    await run(file, '--set', 'grpo.groupSize=8', '--gpu', 'h100', '--price', '3', '--json')
    const plan = JSON.parse(printed)
    expect(plan).toMatchObject({ gpu: 'h100', steps: 160, rollouts: 10, responsesPerRollout: 4096 })
    expect(plan.cost).toBeCloseTo(3 * plan.acceleratorHours, 6)
  })

  it('reads the shape of a model on this machine', async () => {
    const file = join(folder, 'pocket.json')
    writeFileSync(file, '{ "model": "pocket-base", "grpo": { "maxTokens": 384 } }')
    await run(file, '--prompt-tokens', '100', '--json')
    expect(JSON.parse(printed).parameters).toBeGreaterThan(1e6)
  })

  it.each([
    [
      ['qwen2.5-7'],
      /^config is "qwen2\.5-7": there is neither a file nor a preset .* Did you mean qwen2\.5-7b\?/,
    ],
    [['pocket'], /its model trains on this machine: r1 train r1-zero --preset pocket\. .*qwen2\.5-1\.5b/],
    [['qwen2.5-7b', '--set', 'model=nowhere'], /^model is "nowhere": the shape .* Qwen2\.5-7B/],
  ])('refuses %j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message)
  })
})
