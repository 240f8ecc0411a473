/** R1-Zero in a tab, in Chromium on its software adapter: it trains as the command line does, and what one keeps opens there. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { type ServerType, serve } from '@hono/node-server'
import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type TrainStep, train } from '../../src/index.ts'
import { readRunInfo } from '../../src/run/folder.ts'
import { readMetrics } from '../../src/run/metrics.ts'
import { pageRoutes } from '../../src/server/page.ts'
import { startServer } from '../../src/server/server.ts'
import { downloadedFolder, hasBrowser, NO_BROWSER, openBrowser, SOFTWARE_GPU } from '../browser.ts'

const BIN = resolve(import.meta.dirname, '../../bin/r1.mjs')
const LONG = 400_000
const STEPS = 3
const SMALL = { groupSize: 4, questionsPerStep: 2, maxTokens: 48, steps: STEPS }
const LINK = new URLSearchParams(
  Object.entries({ ...SMALL, heldOut: 2 }).map(([key, value]) => [key, String(value)]),
)

const folder = mkdtempSync(join(tmpdir(), 'r1-tab-'))
let server: ServerType
let url: string
let browser: Browser
let context: BrowserContext
let page: Page
/** What no visit may leave behind: errors in the console, requests to anywhere else. */
let complaints: string[]

if (!hasBrowser) it.skip(`the tab: ${NO_BROWSER}`)
else
  describe('the tab', { timeout: LONG }, () => {
    beforeAll(async () => {
      ;[server, url] = await servePage()
      // Builds the page where it is not.
      expect((await fetch(`${url}/train`)).status).toBe(200)
      browser = await openBrowser(SOFTWARE_GPU)
      context = await browser.newContext({ viewport: { width: 1360, height: 900 }, acceptDownloads: true })
    }, LONG)
    afterAll(async () => {
      await browser?.close()
      server?.close()
      rmSync(folder, { recursive: true, maxRetries: 10 })
    })
    beforeEach(async () => {
      complaints = []
      page = await context.newPage()
      watch(page)
    })
    afterEach(async () => {
      await page.close()
      expect(complaints).toEqual([])
    })

    it('trains three steps as the CPU does, over a pause and a reload, and what one keeps opens', async () => {
      await page.goto(`${url}/train/#${LINK}`)
      await page.getByText(/^Ready: 3 steps/).waitFor()
      // By keyboard, and one step.
      await page.getByRole('button', { name: 'One step' }).focus()
      await page.keyboard.press('Enter')
      await page.getByText(/responses of this step are done/).waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      const status = page.getByRole('status').filter({ hasText: 'Step' })
      await expect.poll(() => status.textContent()).toMatch(/Step 0 of 3.*paused/)
      await page.getByRole('button', { name: 'One step' }).click()
      await expect.poll(() => status.textContent(), { timeout: LONG }).toMatch(/Step 1 of 3.*paused.*kept/)
      expect(await page.locator('.group-now .response').count()).toBe(SMALL.groupSize)

      await page.reload()
      await expect.poll(() => status.textContent(), { timeout: LONG }).toMatch(/Step 1 of 3.*paused/)
      await page.getByRole('button', { name: 'Continue' }).click()
      await expect.poll(() => status.textContent(), { timeout: LONG }).toMatch(/Step 3 of 3.*finished/)
      await page.getByRole('button', { name: 'Likelier after the update' }).click()
      await page.locator('.tokens span[title^="ratio"]').first().waitFor()

      const run = await kept('Keep the run')
      expect(readRunInfo(run)).toMatchObject({ recipe: 'r1-zero', seed: 1, config: { grpo: SMALL } })
      const told: object[] = []
      for await (const line of readMetrics(join(run, 'metrics.jsonl')))
        if (line.evaluation === undefined) told.push(line)
      const expected: TrainStep[] = []
      // As the tab has it: the warm-up is no longer than a quarter of the run.
      const { steps, ...grpo } = { ...SMALL, warmupSteps: 0 }
      await train({ steps, grpo, evaluation: false, onStep: (step) => expected.push(step) })
      expect(told.length).toBe(STEPS)
      for (const [i, line] of told.entries())
        for (const [name, value] of Object.entries(line))
          expect(Math.abs(value - expected[i]![name]!), `${name} of step ${i + 1}`).toBeLessThan(
            1e-3 * Math.max(1, Math.abs(value)),
          )

      await opensInTheDashboard(run)
      const model = await kept('Keep the model')
      const set = ['--benchmark', 'pocket-countdown', '--limit', '2', '--samples', '1', '--json']
      const output = execFileSync(process.execPath, [BIN, 'eval', model, ...set], { cwd: folder })
      expect(JSON.parse(output.toString())).toBeInstanceOf(Object)

      await ask('Compute 3 + 4')
      await tour()
      await rewards()
      await fitsEverybody()
    })

    it('opens without a network once it was loaded', async () => {
      const fresh = await browser.newContext()
      const [own, at] = await servePage()
      try {
        const visit = await fresh.newPage()
        await visit.goto(`${at}/train/`)
        await visit.evaluate(() => navigator.serviceWorker.ready.then(() => undefined))
        own.close()
        if ('closeAllConnections' in own) own.closeAllConnections()
        await expect(fetch(at)).rejects.toThrow()
        await visit.reload()
        await visit.getByText(/^Ready: 60 steps/).waitFor()
      } finally {
        own.close()
        await fresh.close()
      }
    })

    it('plays a recorded run where there is no WebGPU', async () => {
      const plain = await openBrowser()
      try {
        const other = await plain.newPage({ viewport: { width: 390, height: 800 } })
        watch(other)
        await other.goto(`${url}/train/`)
        await other.getByText(/recorded run/).waitFor()
        await other.getByText(/^Step [1-9]/).waitFor()
        expect(await violations(other)).toEqual([])
      } finally {
        await plain.close()
      }
    })
  })

const servePage = () =>
  new Promise<[ServerType, string]>((listens) => {
    const made = serve({ fetch: pageRoutes().fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      listens([made, `http://127.0.0.1:${port}`]),
    )
  })

function watch(watched: Page, home = url): void {
  watched.setDefaultTimeout(120_000)
  watched.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  watched.on('pageerror', (error) => complaints.push(String(error)))
  watched.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(home))
      complaints.push(request.url())
  })
}

const kept = (button: string) => downloadedFolder(page, button, folder)

async function opensInTheDashboard(run: string): Promise<void> {
  const dashboard = await startServer({ models: [], runs: run, port: 0 })
  const seen = await context.newPage()
  watch(seen, dashboard.url)
  await seen.goto(`${dashboard.url}/#/runs`)
  await seen
    .getByRole('link', { name: basename(run) })
    .first()
    .click()
  await seen.locator('.chart canvas').nth(3).waitFor()
  await seen.goto(`${dashboard.url}/#/runs/${basename(run)}/rollouts/${STEPS}`)
  await seen
    .locator('.group-item')
    .nth(SMALL.questionsPerStep - 1)
    .click()
  await seen
    .locator('.response')
    .nth(SMALL.groupSize - 1)
    .waitFor()
  await seen.close()
  await dashboard.drain(0)
}

async function ask(question: string): Promise<void> {
  await page.getByRole('textbox', { name: 'Your puzzle' }).fill(question)
  await page.keyboard.press('Enter')
  await page.locator('.asked .verdict').waitFor()
}

async function tour(): Promise<void> {
  const stops = page.getByRole('region', { name: 'One step of GRPO in six stops' })
  for (const words of [
    'paper’s template',
    'drawn at random',
    'Rules score',
    'mean is',
    'likelier',
    'AdamW',
  ]) {
    await stops.locator('.stop').filter({ hasText: words }).waitFor()
    const next = stops.getByRole('button', { name: 'Next' })
    if (await next.isEnabled()) await next.click()
  }
}

async function rewards(): Promise<void> {
  const write = async (body: string) => {
    await page
      .getByRole('textbox', { name: 'Code of the reward' })
      .fill(`export const reward = {\n  name: 'own', weight: 1,\n  ${body}\n}\n`)
    await page.getByRole('button', { name: 'Use this reward' }).click()
  }
  const says = (text: RegExp) => page.locator('#reward-problem').filter({ hasText: text }).waitFor()
  await write('score( {')
  await says(/^Line [345]: /)
  await write('score: ({ text }: { text: string }) => text.lenth.x')
  await says(/^Line 3: /)
  await write('score() { for (;;) {} }')
  await says(/within 3 seconds/)
  await write('score: ({ numTokens }: { numTokens: number }): number => numTokens / 10')
  await says(/“own” counts/)
  expect(await page.locator('.rescored tbody tr').count()).toBe(SMALL.groupSize)
}

/** On a phone, in light and in dark: axe finds nothing, and nothing is wider than the screen. */
async function fitsEverybody(): Promise<void> {
  await page.setViewportSize({ width: 390, height: 800 })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await violations(page)).toEqual([])
  }
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390)
}

async function violations(at: Page): Promise<string[]> {
  await at.evaluate(axe.source)
  const { violations: found } = await at.evaluate(() =>
    (globalThis as unknown as { axe: typeof axe }).axe.run(),
  )
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`),
  )
}
