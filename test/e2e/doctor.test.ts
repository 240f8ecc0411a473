/** Runs that are made ill by a command, and what `r1 doctor` says of each first. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { diagnosis } from '../../src/doctor/finding-text.ts'
import { examineRun } from '../../src/doctor/read-run.ts'
import { type Ended, settings, startR1 } from '../r1-process.ts'

const LONG = 300_000
const folder = mkdtempSync(join(tmpdir(), 'r1-doctor-'))
afterAll(() => rmSync(folder, { recursive: true }))
const r1 = (...args: string[]): Promise<Ended> => startR1(folder, args).ended

const rows = (run: string, file: string) =>
  readFileSync(join(folder, run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const SMALL = {
  'grpo.groupSize': 8,
  'grpo.questionsPerStep': 4,
  'grpo.minibatches': 1,
  'grpo.maxTokens': 96,
  'grpo.warmupSteps': 0,
  'grpo.decay': 'constant',
  'evaluation.questions': 2,
  'evaluation.samples': 1,
  'evaluation.every': 0,
  microBatchTokens: 2048,
}
const train = (run: string, values: Record<string, unknown>, ...more: string[]) =>
  r1('train', 'r1-zero', '--no-page', '--run', run, ...settings({ ...SMALL, ...values }), ...more)

const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return `./${name}`
}
const reward = (name: string, weight: number, score: string) =>
  file(`${name}.ts`, `export const reward = { name: '${name}', weight: ${weight}, score: ${score} }\n`)
const task = (name: string, verify: string, a = 'index % 90') =>
  file(
    `${name}.ts`,
    `export const task = {
  name: '${name}',
  question: (seed: number, index: number) => {
    const a = ${a}
    return { id: \`\${seed}/\${index}\`, prompt: \`Compute \${a} + 7\`, answer: \`\${a + 7}\` }
  },
  verify: ({ answer }: { answer: string }, response: string) => {
    const extracted = /<answer>\\s*(-?\\d+)\\s*<\\/answer>/.exec(response)?.[1] ?? null
    return { correct: ${verify}, extracted, reason: '' }
  },
}
`,
  )

/** The finding that comes first, and the step at which it can be known. */
const ILL: Record<string, () => { values: Record<string, unknown>; rule: string; step: number }> = {
  'a learning rate of 1': () => ({
    values: { 'grpo.steps': 2, 'grpo.learningRate': 1 },
    rule: 'update-too-large',
    step: 1,
  }),
  'a learning rate of 1e-12': () => ({
    values: { 'grpo.steps': 5, 'grpo.learningRate': 1e-12 },
    rule: 'update-too-small',
    step: 5,
  }),
  'a reward that never varies': () => ({
    values: { 'grpo.steps': 5, 'rewards.file': reward('polite', 1, '() => 0.5') },
    rule: 'constant-part',
    step: 5,
  }),
  'a limit of 8 tokens': () => ({
    values: { 'grpo.steps': 2, 'grpo.maxTokens': 8 },
    rule: 'truncation',
    step: 2,
  }),
  'a verifier that always says no': () => ({
    values: { 'grpo.steps': 1, task: task('refuses', 'false') },
    rule: 'verifier',
    step: 0,
  }),
  'a verifier that says yes to nothing': () => ({
    values: { 'grpo.steps': 1, task: task('accepts', 'extracted === answer || response === ""') },
    rule: 'verifier',
    step: 0,
  }),
  'a reward that pays for length': () => ({
    values: {
      'grpo.steps': 3,
      'rewards.file': reward('long', 1, '({ numTokens }: { numTokens: number }) => numTokens'),
    },
    rule: 'dominating-part',
    step: 3,
  }),
  'a reward that takes back what accuracy gives': () => ({
    values: {
      'grpo.steps': 3,
      'rewards.format': 0,
      'rewards.file': reward(
        'against',
        -0.9,
        'async ({ task, question, text }: any) => Number((await task.verify(question, text)).correct)',
      ),
    },
    rule: 'cancelling-parts',
    step: 3,
  }),
  'questions that are far too hard': () => ({
    values: {
      'grpo.steps': 3,
      'rewards.format': 0,
      task: task('hard', 'extracted === answer', '104_729 * (index + 1)'),
    },
    rule: 'no-signal',
    step: 3,
  }),
}

describe('an ill run', () => {
  it.each(Object.keys(ILL))(
    '%s',
    async (name) => {
      const { values, rule, step } = ILL[name]!()
      const run = name.replaceAll(' ', '-')
      const { code, stdout, stderr } = await train(run, values)
      expect(code, stderr).toBe(0)
      const { findings } = await examineRun(join(folder, run))
      const [first] = findings.filter(({ note }) => !note)
      expect(first).toMatchObject({ rule, step })
      expect(stdout).toContain(`Doctor   ${diagnosis({ findings, steps: step }).slice(0, 40)}`)
      expect(stdout).toContain(first!.title)
      // What was said while it trained is what its files say.
      expect(rows(run, 'findings.jsonl')).toEqual(JSON.parse(JSON.stringify(findings)))
    },
    LONG,
  )
})

it('r1 doctor tells people and scripts the same', async () => {
  const run = 'a-limit-of-8-tokens'
  const told = await r1('doctor', run)
  expect(told.stdout).toContain(
    'Step 2: truncation eats the reward (truncation)\n  seen     100 % of the responses',
  )
  const [finding] = JSON.parse((await r1('doctor', run, '--json')).stdout).findings
  expect(finding).toMatchObject({ rule: 'truncation', step: 2, responses: expect.any(Array) })
  const silent = await r1('doctor', run, '--off', 'truncation,never-right')
  expect(silent.stdout).toMatch(/^a-limit-of-8-tokens {2}healthy/)
})

describe('a finding', () => {
  it(
    'that is named ends the run with a checkpoint',
    async () => {
      const { code, stderr } = await train(
        'stops',
        { 'grpo.steps': 4, 'grpo.learningRate': 1 },
        '--stop-on',
        'update-too-large',
      )
      expect(code).toBe(3)
      expect(stderr).toContain('Stopped at step 1: the learning rate is too high (update-too-large).')
      expect(readFileSync(join(folder, 'stops/checkpoints/latest'), 'utf8')).toBe('step-000001\n')
    },
    LONG,
  )

  it(
    'leads back to the last checkpoint with a tenth of the learning rate, once',
    async () => {
      const values = { 'grpo.steps': 3, 'grpo.learningRate': 0.02, 'grpo.gradientClipNorm': 0 }
      const { code, stderr } = await train('returns', values, '--rollback')
      expect(code, stderr).toBe(0)
      const lines = rows('returns', 'metrics.jsonl').filter(({ evaluation }) => evaluation === undefined)
      expect(lines.map(({ step, rollback, learningRate }) => [step, rollback, learningRate])).toEqual([
        [1, 1, expect.closeTo(0.002, 6)],
        [2, undefined, expect.closeTo(0.002, 6)],
        [3, undefined, expect.closeTo(0.002, 6)],
      ])
      const { rollback } = await examineRun(join(folder, 'returns'))
      expect(rollback).toMatchObject({
        step: 0,
        finding: { rule: 'update-too-large' },
        learningRateFactor: 0.1,
      })
    },
    LONG,
  )

  it('of a name that is none is a mistake before anything is written', async () => {
    const { code, stderr } = await train('never', { 'grpo.steps': 1 }, '--stop-on', 'no-signl')
    expect(code).toBe(2)
    expect(stderr).toMatch(/doctor\.stopOn is "no-signl": there is no such rule\..*Did you mean/)
  })
})
