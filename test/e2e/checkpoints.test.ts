/** Tiny checkpoints of every architecture as a user meets them: trained, measured, sampled, exported, served, and broken. */
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { buildProgram } from '../../src/cli/program.ts'
import { openSafetensors } from '../../src/disk/safetensors.ts'
import { writeSafetensors } from '../../src/disk/write-safetensors.ts'
import { startR1 } from '../r1-process.ts'

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

const SUMS = join(folder, 'sums.jsonl')
writeFileSync(
  SUMS,
  [1, 2, 3, 4].map((n) => JSON.stringify({ question: `${n} + ${n}?`, answer: `${2 * n}` })).join('\n'),
)
const TRAIN = Object.entries({
  task: SUMS,
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

/** The same in this process, which is quicker; gives what it prints. */
async function inProcess(...args: string[]): Promise<string> {
  const [out] = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockReturnValue(true),
  )
  try {
    await (await buildProgram(args)).parseAsync(args, { from: 'user' })
    return out!.mock.calls.map(([text]) => text).join('')
  } finally {
    vi.restoreAllMocks()
  }
}

const CHECKPOINTS = [
  'llama-tiny',
  'qwen2-tiny',
  'qwen3-tiny',
  'qwen3-moe-tiny',
  'mistral-tiny',
  'smollm3-tiny',
  'gemma3-tiny',
  'deepseek-v3-tiny',
]
const adapted = (name: string) => join(folder, `${name} as adapters`)

describe.each(CHECKPOINTS)('%s', { timeout: LONG }, (name) => {
  const model = join(FIXTURES, name)
  const sampled = async (path: string, question: string) =>
    JSON.parse(await inProcess('sample', path, question, '--temperature', '0', '--max-tokens', '4', '--json'))

  it.each([
    ['in float32', 'model.safetensors', []],
    ['in int8', 'model.safetensors', ['--set', 'int8Rollouts=true', '--set', 'grpo.importanceCap=2']],
    ['as adapters', 'adapter_model.safetensors', ['--set', 'lora.rank=2']],
  ])('is trained %s, and the run is sampled', async (kind, weights, more) => {
    const run = join(folder, `${name} ${kind}`)
    await inProcess('train', 'r1-zero', '--no-page', '--model', model, '--run', run, ...TRAIN, ...more)
    expect(existsSync(join(run, 'model', weights))).toBe(true)
    expect((await sampled(run, '2 + 2?')).responses).toHaveLength(1)
  })

  it('is measured', async () => {
    const output = join(folder, `${name} evaluations`)
    const asked = ['--benchmark', SUMS, '--instruction', 'Answer:', '--max-tokens', '4', '--output', output]
    expect(JSON.parse(await inProcess('eval', model, ...asked, '--json'))).toMatchObject({ n: 4, failed: 0 })
  })

  const exported = async () => {
    const output = join(folder, `${name}.gguf`)
    await inProcess('export', model, '--format', 'gguf', '--output', output)
    return output
  }
  if (name === 'deepseek-v3-tiny')
    it('is no GGUF file, and says why', async () => {
      await expect(exported()).rejects.toThrow(/^architecture is "deepseek_v3": has no GGUF form here/)
    })
  else
    it('says the same as a GGUF file', async () => {
      // A short question: of a Mistral no more than its window is there.
      const file = await exported()
      expect((await sampled(file, '2')).responses).toEqual((await sampled(model, '2')).responses)
    })
})

it('adapters of every architecture are served', { timeout: LONG }, async () => {
  const models = CHECKPOINTS.map((name) => `${name}=${adapted(name)}`)
  const { child, ended } = startR1(folder, ['serve', ...models, '--port', '0', '--json'])
  const [line] = await once(child.stdout!, 'data')
  const { url } = JSON.parse(String(line))
  for (const model of CHECKPOINTS) {
    const body = JSON.stringify({ model, max_tokens: 4, messages: [{ role: 'user', content: '2 + 2?' }] })
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
    expect(await answer.json()).toMatchObject({ model, usage: { completion_tokens: expect.any(Number) } })
  }
  child.kill('SIGTERM')
  await ended
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
