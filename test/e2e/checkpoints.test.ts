/** Tiny checkpoints of every architecture as a user meets them: sampled, trained, and broken. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSafetensors } from '../../src/disk/safetensors.ts'
import { writeSafetensors } from '../../src/disk/write-safetensors.ts'

const BIN = resolve(import.meta.dirname, '../../bin/r1.mjs')
const FIXTURES = resolve(import.meta.dirname, '../golden/fixtures')
const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-checkpoints-'))
afterAll(() => rmSync(folder, { recursive: true }))

const r1 = (...args: string[]) =>
  new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    execFile(process.execPath, [BIN, ...args], { cwd: folder }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    )
  })

writeFileSync(
  join(folder, 'sums.jsonl'),
  [1, 2, 3, 4].map((n) => JSON.stringify({ question: `${n} + ${n}?`, answer: `${2 * n}` })).join('\n'),
)
const TRAIN = Object.entries({
  task: 'sums.jsonl',
  // R1-Zero's is longer than what they read.
  template: 'model',
  instruction: 'Answer:',
  'grpo.steps': 1,
  'grpo.groupSize': 4,
  'grpo.questionsPerStep': 1,
  'grpo.minibatches': 1,
  'grpo.maxTokens': 8,
  'evaluation.questions': 1,
  'evaluation.samples': 1,
}).flatMap(([key, value]) => ['--set', `${key}=${value}`])

describe.each(['llama-tiny', 'qwen2-tiny', 'deepseek-v3-tiny'])('%s', (name) => {
  const model = join(FIXTURES, name)

  it('is sampled', { timeout: LONG }, async () => {
    const { code, stdout } = await r1('sample', model, '2 + 2?', '--max-tokens', '8', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toBeTruthy()
  })

  it.each([
    ['in float32', []],
    ['in int8', ['--set', 'int8Rollouts=true', '--set', 'grpo.importanceCap=2']],
  ])('is trained, with rollouts %s', { timeout: LONG }, async (kind, more) => {
    const run = `${name} ${kind}`
    const { code, stderr } = await r1(
      'train',
      'r1-zero',
      '--no-page',
      '--model',
      model,
      '--run',
      run,
      ...TRAIN,
      ...more,
    )
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(existsSync(join(folder, run, 'model', 'model.safetensors'))).toBe(true)
  })
})

describe('what is wrong with a folder takes one sentence', () => {
  async function broken(name: string, damage: (folder: string) => void | Promise<void>): Promise<string> {
    const copy = join(folder, name)
    cpSync(join(FIXTURES, 'llama-tiny'), copy, { recursive: true })
    await damage(copy)
    const { code, stderr } = await r1('sample', copy, '2 + 2?')
    expect(code).toBe(2)
    expect(stderr.trim().split('\n')).toHaveLength(1)
    return stderr
  }

  it('a truncated file', { timeout: LONG }, async () => {
    const said = await broken('cut', (copy) => truncateSync(join(copy, 'model.safetensors'), 20_000))
    expect(said).toMatch(/cut\/model\.safetensors.*(ends|truncated|short|bytes)/)
  })

  it('an architecture that is not known', { timeout: LONG }, async () => {
    const said = await broken('unknown', (copy) => {
      const config = join(copy, 'config.json')
      const json = JSON.parse(readFileSync(config, 'utf8'))
      writeFileSync(
        config,
        JSON.stringify({ ...json, architectures: ['MambaForCausalLM'], model_type: 'mamba' }),
      )
    })
    expect(said).toMatch(/unknown\/config\.json.*(mamba|MambaForCausalLM).*llama/i)
  })

  it('a tensor that is not there', { timeout: LONG }, async () => {
    const said = await broken('missing', async (copy) => {
      const file = join(copy, 'model.safetensors')
      const stored = await openSafetensors(file)
      const kept = await Promise.all(
        [...stored.tensors]
          .filter(([name]) => !name.includes('layers.0.mlp.up_proj'))
          .map(async ([name, { shape }]) => ({ name, shape, data: await stored.read(name) })),
      )
      await stored.close()
      await writeSafetensors(file, kept)
    })
    expect(said).toMatch(/missing\/model\.safetensors.*model\.layers\.0\.mlp\.up_proj\.weight/)
  })
})
