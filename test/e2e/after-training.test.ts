/** What people do with a run once it is there: fork it, compare it, score it again, put it on the hub. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { closeHubs, startHub } from '../local-hub.ts'
import { settings, startR1 } from '../r1-process.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-fork-'))
afterAll(() => {
  closeHubs()
  rmSync(folder, { recursive: true })
})
const r1 = (...args: string[]) => startR1(folder, args).ended
const read = (...path: string[]) => readFileSync(join(folder, ...path), 'utf8')

/** What the training printed. */
let told: string
beforeAll(async () => {
  const args = [
    ...['train', 'r1-zero', '--run', 'whole', '--no-page'],
    ...settings({
      'grpo.steps': 3,
      'grpo.groupSize': 4,
      'grpo.minibatches': 1,
      'grpo.questionsPerStep': 2,
      'grpo.maxTokens': 64,
      'evaluation.questions': 2,
      'evaluation.samples': 2,
      'evaluation.every': 1,
      // Every question that was asked may be asked again: a fork must continue with the same pool.
      'curriculum.fresh': 0.5,
      'curriculum.low': 0,
      'curriculum.high': 1,
      checkpointEvery: 1,
      keepCheckpoints: 3,
      microBatchTokens: 1024,
    }),
  ]
  const { code, stdout, stderr } = await startR1(folder, args, { NO_COLOR: undefined, FORCE_COLOR: '1' })
    .ended
  expect(code, stderr).toBe(0)
  told = stdout
}, LONG)

it('the training ends with what one does next, in the colours of the terminal', () => {
  expect(told).toContain('\u001b[2mtalk to both, side by side')
  expect(told).not.toContain('␛')
})

describe('r1 fork', () => {
  it(
    'with the same settings is the same run, bit for bit',
    async () => {
      const { code, stderr } = await r1('fork', 'whole@1', '--run', 'same', '--json')
      expect(code, stderr).toBe(0)
      expect(read('same', 'metrics.jsonl')).toBe(read('whole', 'metrics.jsonl'))
      const again = [...read('same', 'metrics.jsonl').matchAll(/"askedAgain":(\d)/g)].map(([, n]) =>
        Number(n),
      )
      expect(again).toHaveLength(3)
      expect(Math.max(...again)).toBeGreaterThan(0)
      for (const name of readdirSync(join(folder, 'whole/rollouts')))
        expect(read('same/rollouts', name)).toBe(read('whole/rollouts', name))
      const weights = (run: string) => readFileSync(join(folder, run, 'model/model.safetensors'))
      expect(weights('same').equals(weights('whole'))).toBe(true)
      expect(JSON.parse(read('same', 'config.json')).fork).toEqual({ run: join(folder, 'whole'), step: 1 })
      const { stdout } = await r1('diff', 'whole', 'same', '--json')
      expect(JSON.parse(stdout)).toMatchObject({ settings: [], firstDifference: null, commonSteps: 3 })
    },
    LONG,
  )

  it(
    'with another seed and reward differs from the step after the checkpoint on',
    async () => {
      writeFileSync(
        join(folder, 'short.ts'),
        "export const reward = { name: 'short', weight: 0.1, score: ({ numTokens }: { numTokens: number }) => -numTokens / 64 }",
      )
      const changes = ['--seed', '2', '--set', 'rewards.file=./short.ts']
      const { code, stderr } = await r1('fork', 'whole@2', '--run', 'other', '--json', ...changes)
      expect(code, stderr).toBe(0)
      const { stdout } = await r1('diff', 'whole', 'other', '--json')
      const diff = JSON.parse(stdout)
      expect(diff.settings).toEqual([
        { path: 'rewards.file', values: [null, './short.ts'] },
        { path: 'seed', values: [1, 2] },
      ])
      expect(diff.firstDifference.step).toBe(3)
      expect(diff.figures.find(({ key }: { key: string }) => key === 'pass1').values[0]).toMatchObject({
        value: expect.any(Number),
        interval: { low: expect.any(Number), high: expect.any(Number) },
      })
      const printed = await r1('diff', 'whole', 'other')
      expect(printed.stdout).toMatch(/First different step: 3 \(.*reward/)
    },
    LONG,
  )

  it.each([
    [['whole@7'], /whole: it has no checkpoint of step 7\. Expected one of 1, 2, 3\./],
    [['whole@1', '--set', 'lora.rank=4'], /lora is .*a checkpoint keeps its lora/],
    [['nowhere'], /nowhere: there is no run in this folder/],
  ])('%j is a mistake in one sentence', async (args, message) => {
    const { code, stderr } = await r1('fork', ...args, '--run', 'never')
    expect(code).toBe(2)
    expect(stderr).toMatch(message)
  })

  it('a setting that is newer than the run has its default', async () => {
    const info = JSON.parse(read('whole', 'config.json'))
    delete info.config.lora.frozen
    mkdirSync(join(folder, 'older'))
    writeFileSync(join(folder, 'older/config.json'), JSON.stringify(info))
    expect((await r1('fork', 'older', '--run', 'never')).stderr).toMatch(/older: it has no checkpoint/)
  })
})

describe('r1 rescore', () => {
  it(
    'says what another reward would have said of the last rollout',
    async () => {
      writeFileSync(
        join(folder, 'length.ts'),
        "export const reward = { name: 'length', weight: 1, score: ({ numTokens }: { numTokens: number }) => numTokens }",
      )
      const { stdout, stderr } = await r1('rescore', 'whole', '--reward', './length.ts', '--json')
      const result = JSON.parse(stdout)
      expect(result, stderr).toMatchObject({
        ...{ step: 3, responses: 8, groups: 2 },
        parts: { accuracy: { before: { n: 8 }, after: { n: 8 } }, length: { after: { n: 8 } } },
      })
      expect(result.changed[0]).toMatchObject({
        text: expect.any(String),
        advantage: { after: expect.any(Number) },
      })
      const alone = await r1('rescore', 'whole', '--reward', './length.ts', '--alone', '--step', '1')
      expect(alone.stdout).toContain('Step 1: 8 responses to 2 questions')
      expect(alone.stdout).toMatch(/length +after/)
    },
    LONG,
  )

  it('a missing reward is a mistake in one sentence', async () => {
    const { code, stderr } = await r1('rescore', 'whole')
    expect([code, stderr]).toEqual([2, expect.stringContaining("required option '--reward <file>'")])
  })

  it('a step that is not there is a mistake in one sentence', async () => {
    const { code, stderr } = await r1('rescore', 'whole', '--reward', './length.ts', '--step', '9')
    expect(code).toBe(2)
    expect(stderr).toMatch(/--step is 9: no responses are kept\. Expected 1 to 3\./)
  })
})

describe('r1 push', () => {
  it(
    'puts the model with its card, settings, metrics and curves into a repository',
    async () => {
      const { endpoint, pushed } = await startHub({ files: {}, token: 'hf_secret' })
      Object.assign(process.env, { HF_ENDPOINT: endpoint, HF_TOKEN: 'hf_secret' })
      const { code, stdout, stderr } = await r1('push', 'whole', 'o/n', '--json')
      expect(code, stderr).toBe(0)
      const files = [
        ...[
          'config.json',
          'generation_config.json',
          'model.safetensors',
          'tokenizer.json',
          'tokenizer_config.json',
        ],
        ...['README.md', 'figures/curves.svg', 'run/config.json', 'run/metrics.jsonl'],
      ]
      expect(JSON.parse(stdout)).toMatchObject({ repo: 'o/n', url: `${endpoint}o/n`, files })
      expect(pushed.created).toMatchObject([{ name: 'n', visibility: 'private' }])
      const weights = readFileSync(join(folder, 'whole/model/model.safetensors'))
      expect(Object.values(pushed.uploads)[0]!.equals(weights)).toBe(true)
      const card = pushed.commits[0]!.find(({ value }) => value.path === 'README.md')!
      const text = Buffer.from(card.value.content as string, 'base64').toString()
      expect(text).toMatch(/^---\nlibrary_name: transformers\n/)
      expect(text).toContain('npx r1 train r1-zero')
      expect(text).toContain('| pass@1 |')
    },
    LONG,
  )

  it('a run without a model has nothing to push', async () => {
    const { code, stderr } = await r1('push', 'nowhere', 'o/n')
    expect([code, stderr]).toEqual([2, expect.stringContaining('there is no run in this folder')])
  })
})
