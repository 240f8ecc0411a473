/** The page beside a training: there from the second line on, and gone with the training, however that ends. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { settings, startR1 } from '../r1-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'r1-live-page-'))
const children: { kill(signal: NodeJS.Signals): boolean }[] = []
afterAll(() => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

const TINY = settings({
  'grpo.steps': 400,
  'grpo.questionsPerStep': 2,
  'grpo.minibatches': 1,
  'grpo.groupSize': 2,
  'grpo.maxTokens': 16,
  'evaluation.questions': 2,
  'evaluation.samples': 1,
  'evaluation.every': 0,
})

function train(...more: string[]) {
  const run = startR1(folder, ['train', 'r1-zero', ...TINY, ...more])
  children.push(run.child)
  let written = ''
  run.child.stdout!.on('data', (chunk) => {
    written += chunk
  })
  return { ...run, lines: () => written.split('\n') }
}
const answers = (url: string) =>
  fetch(`${new URL(url).origin}/api/runs`).then(
    async (response) => (await response.json()) as { id: string; status: string }[],
    () => undefined,
  )

/** Processes that serve this run's page. */
const pagesOf = (run: string): string[] =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`dashboard ${join(folder, run)}`) || line.includes(`dashboard ${run} `))

it('shows the run while it trains, and ends when the training is killed', async () => {
  const { child, ended, lines } = train()
  await expect.poll(() => lines().length, { timeout: 120_000 }).toBeGreaterThan(2)
  const [, url] = /^Watch it learn at (http:\/\/127\.0\.0\.1:\d+\/#\/runs\/\S+)$/.exec(lines()[1]!)!
  await expect.poll(() => answers(url!), { timeout: 120_000 }).toMatchObject([{ status: 'running' }])
  const [run] = (await answers(url!))!
  expect(url!.endsWith(`/#/runs/${run!.id}`)).toBe(true)
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => answers(url!), { timeout: 120_000 }).toBeUndefined()
}, 300_000)

it('ends, too, where the training is killed before the page is there', async () => {
  const { child, ended, lines } = train('--run', 'short-lived')
  await expect.poll(() => lines().length, { timeout: 120_000, interval: 5 }).toBeGreaterThan(2)
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => pagesOf('short-lived'), { timeout: 120_000 }).toEqual([])
}, 300_000)

it('--no-page serves none', async () => {
  const { child, ended, lines } = train('--no-page', '--run', 'other')
  await expect.poll(() => lines().length, { timeout: 120_000 }).toBeGreaterThan(4)
  child.kill('SIGKILL')
  await ended
  expect(lines().join('\n')).not.toContain('http')
}, 300_000)
