/**
 * The pictures of the page in docs/images, taken from real runs on a shipped base model:
 *
 *     npx tsx tools/screenshots.ts <runs-folder> <run to look at and to talk to>
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
const [runs, run] = parseArgs({ allowPositionals: true }).positionals
if (runs === undefined || run === undefined) throw new Error('usage: screenshots.ts <runs-folder> <run>')

const base = readRunInfo(join(runs, run)).config.model as string

const server = spawn(
  process.execPath,
  [
    ...[join(ROOT, 'bin/r1.mjs'), 'serve', `base=${basename(base)}`, `r1-zero=${join(runs, run)}`],
    ...['--runs', runs, '--port', '0', '--json'],
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
mkdirSync(OUTPUT, { recursive: true })

async function shoot(
  name: string,
  place: string,
  { theme, height = 860, width = 1360 }: { theme: 'light' | 'dark'; height?: number; width?: number },
  prepare: (page: Page) => Promise<unknown>,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme: theme })
  page.setDefaultTimeout(120_000)
  await page.goto(`${url}/#/${place}`)
  await prepare(page)
  await page.evaluate('document.fonts.ready')
  await page.mouse.move(0, 0)
  await page.evaluate('document.activeElement?.blur()')
  await page.waitForTimeout(600)
  const path = join(OUTPUT, `${name}.png`)
  await page.screenshot({ path })
  await page.close()
  console.log(`${path} ${Math.round(statSync(path).size / 1000)} kB`)
}

try {
  await shoot('curves', `runs/${run}`, { theme: 'light' }, async (page) => {
    await page.getByRole('slider', { name: 'Smoothing' }).fill('0.6')
    await page.locator('.chart canvas').nth(5).waitFor()
  })
  await shoot('rollouts', `runs/${run}/rollouts/30?order=contested`, { theme: 'dark' }, async (page) => {
    await page.locator('.group-item').nth(1).click()
    await page.getByRole('button', { name: 'Ratio to reference' }).click()
    await page.locator('.tokens span[title^="ratio"]').nth(200).waitFor()
  })
  await shoot('evaluation', `runs/${run}/evaluation`, { theme: 'light' }, (page) =>
    page.locator('.problems tbody tr').nth(5).waitFor(),
  )
  await shoot('runs', 'runs', { theme: 'light', height: 420 }, (page) =>
    page.locator('.sparkline circle').first().waitFor(),
  )
  await shoot('chat', 'chat', { theme: 'dark', height: 720 }, async (page) => {
    await page.getByRole('button', { name: 'Sampling settings' }).click()
    await page.getByRole('textbox', { name: 'Seed' }).fill('3')
    await page.getByRole('button', { name: 'Sampling settings' }).click()
    await page.getByRole('button', { name: 'Compare two models' }).click()
    await page.getByRole('textbox', { name: 'Your question' }).fill(QUESTION)
    await page.keyboard.press('Enter')
    await page.locator('.reply.done').nth(1).waitFor()
    for (const pane of await page.locator('.thinking > button').all()) await pane.click()
  })
} finally {
  await browser.close()
  server.kill()
}
