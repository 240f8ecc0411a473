/** Pre-training and R1-Zero as a user runs them, on a model that knows nothing and is soon done. */
import type { ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Ended, settings, startR1 } from '../r1-process.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-train-'))
const children: ChildProcess[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
}, LONG)

function start(args: string[]) {
  const run = startR1(folder, args)
  children.push(run.child)
  return run
}
const r1 = (...args: string[]) => start(args).ended

const BASE = settings({
  'model.hiddenSize': 32,
  'model.intermediateSize': 64,
  'model.numLayers': 2,
  'model.numHeads': 4,
  'model.numKeyValueHeads': 2,
  'model.maxPositions': 256,
  'corpus.maxTokens': 160,
  'pretrain.steps': 3,
  'pretrain.batchTokens': 512,
  'pretrain.warmupSteps': 1,
  'evaluation.questions': 2,
  'evaluation.samples': 2,
  checkpointEvery: 2,
  microBatchTokens: 640,
})
const TRAIN = (algorithm: string) =>
  settings({
    model: 'base',
    algorithm,
    [`${algorithm}.steps`]: 4,
    [`${algorithm}.groupSize`]: 4,
    [`${algorithm}.questionsPerStep`]: 2,
    [`${algorithm}.minibatches`]: 1,
    [`${algorithm}.maxTokens`]: 24,
    [`${algorithm}.klWeight`]: 0.1,
    [`${algorithm}.referenceRefresh`]: 2,
    'evaluation.questions': 4,
    'evaluation.samples': 2,
    'evaluation.every': 2,
    checkpointEvery: 1,
    microBatchTokens: 512,
  })
const trainBy = (algorithm: string, run: string, ...more: string[]) => [
  ...['train', 'r1-zero', '--run', run],
  ...TRAIN(algorithm),
  ...more,
]
const train = (run: string, ...more: string[]) => trainBy('grpo', run, ...more)

const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')
const rows = (...path: string[]) =>
  read(...path)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const rollouts = (run: string) =>
  readdirSync(join(folder, run, 'rollouts')).map((name) => [name, read(run, 'rollouts', name)])

async function until(condition: () => boolean, { ended }: { ended: Promise<Ended> }): Promise<void> {
  let over: Ended | undefined
  void ended.then((result) => {
    over = result
  })
  while (!condition()) {
    if (over !== undefined) throw new Error(`ended before its time: ${JSON.stringify(over)}`)
    await setTimeout(5)
  }
}

let pretrained: Ended
let whole: Ended
beforeAll(async () => {
  pretrained = await r1('pretrain', '--run', 'base', '--json', ...BASE)
  whole = await r1(...train('whole', '--json'))
}, LONG)

/** Stdout is one line of JSON; stderr holds no stack. */
function resultOf({ code, stdout, stderr }: Ended): Record<string, unknown> {
  expect(stderr).not.toMatch(/^ +at /m)
  expect(code, stderr).toBe(0)
  expect(stdout.trimEnd().split('\n').length).toBe(1)
  return JSON.parse(stdout)
}

describe('r1 pretrain --json', () => {
  it('says what came of it, and leaves a model that opens', () => {
    const result = resultOf(pretrained)
    expect(result).toMatchObject({ run: join(folder, 'base'), heldOut: { greedy: { n: 2 } } })
    expect(rows('base', 'metrics.jsonl').map(({ step }) => step)).toEqual([1, 2, 3])
    expect(JSON.parse(read('base', 'model', 'config.json'))).toMatchObject({
      model_type: 'qwen2',
      hidden_size: 32,
      torch_dtype: 'float16',
    })
    const files = readdirSync(join(folder, 'base', 'model')).sort()
    expect(files).toEqual([
      'config.json',
      'generation_config.json',
      'model.safetensors',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
  })
})

describe('r1 train r1-zero', () => {
  it('--json prints one line with base, trained, seconds, steps and run', () => {
    const result = resultOf(whole)
    expect(Object.keys(result).sort()).toEqual(['base', 'run', 'seconds', 'steps', 'trained'])
    expect(result).toMatchObject({
      base: { benchmark: 'pocket-countdown', n: 4, samples: 2, pass1: expect.any(Number) },
      trained: { n: 4, samples: 2, meanTokens: expect.any(Number) },
      steps: 4,
      run: join(folder, 'whole'),
    })
  })

  it(
    'leaves metrics, rollouts, a report and a model, and is listed',
    async () => {
      const steps = rows('whole', 'metrics.jsonl').filter((row) => row.evaluation === undefined)
      expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4])
      for (const row of steps) for (const value of Object.values(row)) expect(value).toBeTypeOf('number')
      expect(rollouts('whole').map(([name]) => name)).toEqual([1, 2, 3, 4].map((n) => `00000${n}.jsonl`))
      for (const row of rows('whole', 'rollouts', '000001.jsonl'))
        expect(row).toMatchObject({ reward: expect.any(Number), advantage: expect.any(Number) })
      expect(existsSync(join(folder, 'whole', 'model', 'model.safetensors'))).toBe(true)
      expect(read('whole', 'report.md')).toContain('# r1-zero')
      const listed = await r1('runs', '.', '--json')
      const row = JSON.parse(listed.stdout).find(({ run }: { run: string }) => run.endsWith('whole'))
      expect(row).toMatchObject({ recipe: 'r1-zero', status: 'finished', step: 4, seed: 1 })
    },
    LONG,
  )

  it.each(['grpo', 'ppo'])(
    'killed after a checkpoint and resumed it is the run that was never stopped, bit for bit: %s',
    async (algorithm) => {
      const [uninterrupted, killed] = [algorithm === 'grpo' ? 'whole' : 'whole-ppo', `killed-${algorithm}`]
      const { base, trained } = resultOf(
        algorithm === 'grpo' ? whole : await r1(...trainBy(algorithm, uninterrupted, '--json')),
      )
      const run = start(trainBy(algorithm, killed, '--json'))
      await until(() => existsSync(join(folder, killed, 'checkpoints', 'latest')), run)
      run.child.kill('SIGKILL')
      expect((await run.ended).code).toBeNull()
      expect(existsSync(join(folder, killed, 'finished.json'))).toBe(false)
      const resumed = resultOf(await r1('train', 'r1-zero', '--run', killed, '--resume', '--json'))
      expect(read(killed, 'metrics.jsonl')).toBe(read(uninterrupted, 'metrics.jsonl'))
      expect(rollouts(killed)).toEqual(rollouts(uninterrupted))
      const weights = (name: string) => readFileSync(join(folder, name, 'model', 'model.safetensors'))
      expect(weights(killed).equals(weights(uninterrupted))).toBe(true)
      expect(resumed).toMatchObject({ base, trained })
    },
    LONG,
  )

  it(
    'Ctrl-C saves the last step, says how to continue and ends with 130',
    async () => {
      const run = start(
        train(
          'stopped',
          '--set',
          'grpo.steps=400',
          '--set',
          'checkpointEvery=300',
          '--set',
          'evaluation.every=0',
        ),
      )
      const done = () => existsSync(join(folder, 'stopped', 'rollouts', '000002.jsonl'))
      await until(done, run)
      run.child.kill('SIGINT')
      const { code, stderr } = await run.ended
      expect(code, stderr).toBe(130)
      expect(stderr).not.toMatch(/^ +at /m)
      const step = Number(/Stopped at step (\d+)/.exec(stderr)![1])
      expect(stderr).toContain(`npx r1 train r1-zero --run ${join(folder, 'stopped')} --resume`)
      expect(step).toBeGreaterThanOrEqual(2)
      expect(read('stopped', 'checkpoints', 'latest').trim()).toBe(`step-${String(step).padStart(6, '0')}`)
      expect(rows('stopped', 'metrics.jsonl').at(-1)!.step).toBe(step)
    },
    LONG,
  )
})

describe('wrong settings end with 2, one sentence and no files', () => {
  it.each<[string[], RegExp]>([
    [
      ['pretrain', '--set', 'model.hiddenSize=33'],
      /model\.hiddenSize is 33: .*a multiple of twice the 4 heads/,
    ],
    [
      ['pretrain', '--set', 'model.numKeyValueHeads=3'],
      /model\.numKeyValueHeads is 3: .*a divisor of the 4 heads/,
    ],
    [
      ['train', 'r1-zero', '--set', 'grpo.surrogate=klip'],
      /grpo\.surrogate is "klip": .*Did you mean "clip"\?/,
    ],
    [
      ['train', 'r1-zero', '--set', 'grpo.steps=3', '--set', 'grpo.minibatches=4'],
      /grpo\.steps is 3: .*minibatches=1/,
    ],
    [['train', 'r1-zero', '--set', 'ppo.steps=3'], /ppo\.steps is 3: nothing reads it/],
    [['train', 'r1-zero', '--set', 'grpo.temperature=0'], /grpo\.temperature is 0: .*more than 0/],
    [['train', 'r1-zero', '--run', 'whole', '--resume'], /whole.*this run is finished/],
    [['train', 'r1-zero', '--run', 'whole'], /whole: this folder already holds a run.*--resume/],
  ])(
    '%j',
    async (args, message) => {
      const before = readdirSync(folder).sort()
      const { code, stdout, stderr } = await r1(...args)
      expect(stderr).toMatch(message)
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).not.toMatch(/^ +at /m)
      expect(readdirSync(folder).sort()).toEqual(before)
    },
    LONG,
  )
})
