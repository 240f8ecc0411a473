/**
 * The pictures of the page in docs/images, taken from real runs on a shipped base model, and with --every each view in light, in dark
 * and on a phone, to be looked at:
 *
 *     npx tsx tools/screenshots.ts <runs-folder> <run to look at and to talk to> [--other <run beside it>] [--every <folder>]
 *
 * Evaluations are those of ./evaluations.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import type { Page } from 'playwright-core'
import { readRunInfo } from '../src/run/folder.ts'
import { openBrowser } from '../test/browser.ts'

const ROOT = resolve(import.meta.dirname, '..')
const OUTPUT = join(ROOT, 'docs/images')
const QUESTION = 'Using the numbers 5, 6, 10, make 1'
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { other: { type: 'string' }, every: { type: 'string' } },
})
const [runs, run] = positionals
if (runs === undefined || run === undefined)
  throw new Error('usage: screenshots.ts <runs-folder> <run> [--other <run>] [--every <folder>]')

const { model: base, grpo } = readRunInfo(join(runs, run)).config as {
  model: string
  grpo: { steps: number }
}
const { steps } = grpo

interface View {
  name: string
  place: string
  /** How docs/images has it. */
  docs?: { way: 'light' | 'dark'; height: number }
  prepare: (page: Page) => Promise<unknown>
}

const WAYS = {
  light: { width: 1360, colorScheme: 'light' },
  dark: { width: 1360, colorScheme: 'dark' },
  phone: { width: 390, colorScheme: 'light' },
} as const

const shown = (selector: string) => (page: Page) => page.locator(selector).first().waitFor()

async function askTwo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sampling settings' }).click()
  await page.getByRole('textbox', { name: 'Seed' }).fill('3')
  await page.getByRole('button', { name: 'Sampling settings' }).click()
  await page.getByRole('button', { name: 'Compare two models' }).click()
  await page.getByRole('textbox', { name: 'Your question' }).fill(QUESTION)
  await page.keyboard.press('Enter')
  await page.locator('.reply.done').nth(1).waitFor()
}

const VIEWS: readonly View[] = [
  {
    name: 'runs',
    place: '#/runs',
    docs: { way: 'light', height: 420 },
    prepare: (page) => page.locator('.sparkline circle').first().waitFor({ state: 'attached' }),
  },
  {
    name: 'new-run',
    place: '#/runs',
    prepare: (page) => page.getByRole('button', { name: 'New run' }).click(),
  },
  {
    name: 'curves',
    place: `#/runs/${run}`,
    docs: { way: 'light', height: 860 },
    async prepare(page) {
      await page.getByRole('slider', { name: 'Smoothing' }).fill('0.6')
      await page.locator('.chart canvas').nth(5).waitFor()
    },
  },
  {
    name: 'rollouts',
    place: `#/runs/${run}/rollouts/${Math.ceil(steps / 2)}?order=contested`,
    docs: { way: 'dark', height: 860 },
    async prepare(page) {
      await page.locator('.group-item').nth(1).click()
      await page.getByRole('button', { name: 'Ratio to reference' }).click()
      await page.locator('.tokens span[title^="ratio"]').nth(200).waitFor()
    },
  },
  {
    name: 'evaluation',
    place: `#/runs/${run}/evaluation`,
    docs: { way: 'light', height: 860 },
    prepare: (page) => page.locator('.problems tbody tr').nth(5).waitFor(),
  },
  { name: 'settings', place: `#/runs/${run}/settings`, prepare: shown('.tabs') },
  ...(values.other === undefined
    ? []
    : [
        {
          name: 'compare-curves',
          place: `#/runs/${run},${values.other}`,
          prepare: (page: Page) => page.locator('.chart canvas').nth(5).waitFor(),
        },
        {
          name: 'compare-settings',
          place: `#/runs/${run},${values.other}/settings`,
          prepare: shown('table'),
        },
      ]),
  { name: 'evaluations', place: '#/evaluations', prepare: shown('h1, h2') },
  {
    name: 'evaluation-problems',
    place: '#/evaluations',
    async prepare(page) {
      await page.locator('td a').first().click()
      await page.locator('.back').waitFor()
    },
  },
  { name: 'chat-empty', place: '#/chat', prepare: shown('.greeting .example') },
  {
    name: 'chat',
    place: '#/chat',
    docs: { way: 'dark', height: 720 },
    prepare: askTwo,
  },
  {
    // A recorded run, since this browser has no GPU.
    name: 'tab',
    place: 'train/',
    docs: { way: 'light', height: 960 },
    async prepare(page) {
      // The held-out problems have been answered a second time.
      await page.getByText(/^Step [6-9]/).waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
    },
  },
]

const server = spawn(
  process.execPath,
  [
    ...[join(ROOT, 'bin/r1.mjs'), 'serve', `base=${basename(base)}`, `r1-zero=${join(runs, run)}`],
    ...['--runs', runs, '--port', '0', '--allow-training', '--json'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
)
const [line] = (await once(createInterface(server.stdout), 'line')) as [string]
const { url } = JSON.parse(line) as { url: string }
await fetch(url)
// Graphs are compiled at their first use, which is not to be in the picture.
for (const model of ['base', 'r1-zero'])
  await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, seed: 3, messages: [{ role: 'user', content: QUESTION }] }),
  })
const browser = await openBrowser()

async function shoot(
  { place, prepare }: View,
  way: keyof typeof WAYS,
  path: string,
  height: number | 'whole',
): Promise<void> {
  const { width, colorScheme } = WAYS[way]
  const page = await browser.newPage({
    viewport: { width, height: height === 'whole' ? 860 : height },
    colorScheme,
  })
  page.setDefaultTimeout(120_000)
  await page.goto(`${url}/${place}`)
  await prepare(page)
  await page.evaluate('document.fonts.ready')
  await page.mouse.move(0, 0)
  await page.evaluate('document.activeElement?.blur()')
  await page.waitForTimeout(600)
  await page.screenshot({ path, fullPage: height === 'whole' })
  await page.close()
  console.log(`${path} ${Math.round(statSync(path).size / 1000)} kB`)
}

try {
  for (const view of VIEWS) {
    if (values.every !== undefined) {
      mkdirSync(values.every, { recursive: true })
      for (const way of Object.keys(WAYS) as (keyof typeof WAYS)[])
        await shoot(view, way, join(values.every, `${view.name}-${way}.png`), 'whole')
    } else if (view.docs !== undefined)
      await shoot(view, view.docs.way, join(OUTPUT, `${view.name}.png`), view.docs.height)
  }
} finally {
  await browser.close()
  server.kill()
}
