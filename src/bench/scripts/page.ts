/**
 * The page's first paint of a run of 100,000 steps and of a rollout file of gigabytes, on a server just started:
 *
 *     npx tsx src/bench/scripts/page.ts [gigabytes]
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openBrowser } from '../../../test/browser.ts'
import { writeLongRollouts, writeLongRun } from '../../../test/long-run.ts'
import { rolloutsPath } from '../../run/folder.ts'
import { startServer } from '../../server/server.ts'

const gigabytes = Number(process.argv[2] ?? 2)
const TOKENS = 8000
const folder = mkdtempSync(join(tmpdir(), 'r1-page-bench-'))
const runs = join(folder, 'runs')
const run = join(runs, 'long')
const browser = await openBrowser()
try {
  await writeLongRun(run, 100_000)
  writeLongRollouts(run, 100_000, 1, TOKENS)
  const bytesAGroup = statSync(rolloutsPath(run, 100_000)).size
  writeLongRollouts(run, 100_000, Math.ceil((gigabytes * 1e9) / bytesAGroup), TOKENS)
  const size = statSync(rolloutsPath(run, 100_000)).size

  const paint = async (what: string, place: string, shown: string) => {
    // A server of its own each time: nothing is known of any file.
    const server = await startServer({ models: [], runs, port: 0 })
    // The page itself is built and in the browser's cache.
    const page = await browser.newPage()
    await page.goto(`${server.url}/#/evaluations`)
    const before = process.memoryUsage.rss()
    const started = performance.now()
    await page.goto(`${server.url}/#/${place}`)
    await page.locator(shown).first().waitFor({ timeout: 120_000 })
    const milliseconds = performance.now() - started
    console.log(
      `${what}: ${(milliseconds / 1000).toFixed(2)} s to the first paint, ${Math.round((process.memoryUsage.rss() - before) / 1e6)} MB more memory`,
    )
    await page.close()
    await server.drain(1)
  }
  await paint('list of runs', 'runs', '.run-item')
  await paint('curves of 100,000 steps', 'runs/long', '.chart canvas')
  await paint(`rollouts of ${(size / 1e9).toFixed(1)} GB`, 'runs/long/rollouts/100000', '.group-item')
} finally {
  await browser.close()
  rmSync(folder, { recursive: true })
}
process.exit(0)
