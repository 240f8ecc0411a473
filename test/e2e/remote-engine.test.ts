/** SFT and R1-Zero by `--engine`, against `r1 serve-engine` in a process of its own that is killed in between. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { settings, startR1 } from '../r1-process.ts'
import { writeTinyLlama } from '../tiny-llama.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-remote-'))
const children: ChildProcess[] = []
let server: ChildProcess
let url: string
beforeAll(async () => {
  await writeTinyLlama(join(folder, 'base'))
  await serve('0')
}, LONG)
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

function start(args: string[]) {
  const started = startR1(folder, args)
  children.push(started.child)
  return started
}
const r1 = (...args: string[]) => start(args).ended

async function serve(port: string): Promise<void> {
  server = start(['serve-engine', 'base', '--port', port, '--json']).child
  const [line] = (await once(server.stdout!, 'data')) as [Buffer]
  url = JSON.parse(String(line)).url
}

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
const steps = (run: string) =>
  read(run, 'metrics.jsonl')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
    .filter(({ evaluation }) => evaluation === undefined)
    // Over the wire the entropy is an estimate from the drawn tokens, and nobody tells the update's size.
    .map(({ entropy: _, updateSize: __, ...metrics }) => metrics)
const near = (rows: readonly Record<string, number>[]) =>
  rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, expect.closeTo(value, 3)])),
  )

/** Kills the server once a run has a checkpoint of this step, and starts it again. */
async function restartAfter(run: string, step: number): Promise<void> {
  const checkpoint = join(folder, run, 'checkpoints', `step-${String(step).padStart(6, '0')}`)
  while (!existsSync(checkpoint)) await setTimeout(5)
  server.kill('SIGKILL')
  await once(server, 'exit')
  await serve(new URL(url).port)
}

const EXAMPLES = Array.from({ length: 16 }, (_, i) => ({ prompt: `${i} + 1 =`, response: `${i + 1}` }))
const RECIPES: [string, string[]][] = [
  [
    'sft',
    settings({
      data: 'examples.jsonl',
      'sft.epochs': 2,
      'sft.batchSize': 4,
      'sft.learningRate': 1e-3,
      'sft.validationShare': 0,
    }),
  ],
  [
    'r1-zero',
    settings({
      'lora.rank': 4,
      'grpo.steps': 8,
      'grpo.groupSize': 4,
      'grpo.questionsPerStep': 1,
      'grpo.minibatches': 1,
      'grpo.maxTokens': 8,
      'grpo.learningRate': 1e-3,
      'grpo.klWeight': 0.1,
      'grpo.referenceRefresh': 2,
      'evaluation.questions': 1,
      'evaluation.samples': 1,
      'rewards.file': 'even.ts',
    }),
  ],
]

it.each(RECIPES)(
  '%s: the run that it is here, also when the server is killed in its middle',
  async (recipe, own) => {
    writeFileSync(join(folder, 'examples.jsonl'), EXAMPLES.map((row) => JSON.stringify(row)).join('\n'))
    writeFileSync(
      join(folder, 'even.ts'),
      "export const reward = { name: 'even', weight: 1, score: ({ text }) => 1 - (text.length % 2) }\n",
    )
    const args = ['train', recipe, '--model', 'base', '--set', 'checkpointEvery=1', '--json', ...own]
    const here = await r1(...args, '--run', `${recipe}-here`)
    expect(here.code, here.stderr).toBe(0)
    const run = `${recipe}-there`
    const cut = r1(...args, '--run', run, '--engine', url)
    await restartAfter(run, 3)
    const { code, stderr } = await cut
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^error: .* --resume\.$/m) })
    const resumed = await r1('train', recipe, '--run', run, '--resume', '--json')
    expect(resumed.code, resumed.stderr).toBe(0)
    expect(steps(run)).toEqual(near(steps(`${recipe}-here`)))
    expect(readdirSync(join(folder, run, 'model'))).toEqual(
      readdirSync(join(folder, `${recipe}-here`, 'model')),
    )
  },
  LONG,
)
