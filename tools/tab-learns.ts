/**
 * Does the tab learn in ten minutes? R1-Zero on the built page, in Chromium with a clean profile on its software adapter: minutes,
 * held-out accuracy before and after, as the page has it and of the kept model on the CPU, and seconds a step beside the CPU engine.
 * Fails where held-out accuracy is not twice the base's.
 *
 *     npx tsx tools/tab-learns.ts [setting=value of the page's link ...]
 */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { serve } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import { Hono } from 'hono'
import { build } from 'vite'
import { openModel } from '../src/loading/local-model.ts'
import { percent } from '../src/measures/format.ts'
import { mean } from '../src/measures/statistics.ts'
import { evaluate } from '../src/recipes/evaluate.ts'
import { train } from '../src/recipes/train.ts'
import { downloadedFolder, openBrowser, SOFTWARE_GPU } from '../test/browser.ts'
import { fromQuery, grpoSettings, TEN_MINUTES, toQuery } from '../web/src/train/settings.ts'

const MINUTES = 10
const HELD_OUT = { questions: 128, samples: 4 }

const settings = fromQuery(
  new URLSearchParams([
    // The first of a name counts.
    ...process.argv.slice(2).map((setting) => setting.split('=') as [string, string]),
    ...Object.entries(TEN_MINUTES).map(([key, value]): [string, string] => [key, String(value)]),
  ]),
)
const folder = mkdtempSync(join(tmpdir(), 'r1-tab-learns-'))

interface Evaluation {
  step: number
  evaluation: { pass1: number }
}
interface Timing {
  sampleSeconds: number
  scoreSeconds: number
  trainSeconds: number
}

/** The run and the model that the page keeps, and the minutes since it was opened. */
async function trainInTheTab() {
  const site = join(folder, 'site')
  await build({
    configFile: resolve(import.meta.dirname, '../web/train/vite.config.ts'),
    logLevel: 'error',
    build: { outDir: site },
  })
  const server = serve({
    fetch: new Hono().get('*', serveStatic({ root: site })).fetch,
    port: 0,
    hostname: '127.0.0.1',
  })
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const browser = await openBrowser(SOFTWARE_GPU)
  try {
    const page = await browser.newPage({ acceptDownloads: true })
    page.setDefaultTimeout(120_000)
    const started = performance.now()
    await page.goto(`http://127.0.0.1:${port}/#${toQuery(settings)}`)
    await page.getByText(/^Ready: /).waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    const status = page.getByRole('status').filter({ hasText: 'Step' })
    let before = ''
    for (;;) {
      await page.waitForTimeout(1000)
      const minutes = (performance.now() - started) / 60_000
      const said = ((await status.textContent()) ?? '').split(' · ')
      const figures = said.filter((part) => /^Step|held out$/.test(part)).join(', ')
      if (figures !== before) console.log(`${minutes.toFixed(1)} min  ${figures}`)
      before = figures
      if (said.includes('finished')) break
      if (minutes > MINUTES) throw new Error(`it is not done after ${MINUTES} minutes.`)
    }
    const minutes = (performance.now() - started) / 60_000
    return {
      minutes,
      run: await downloadedFolder(page, 'Keep the run', folder),
      model: await downloadedFolder(page, 'Keep the model', folder),
    }
  } finally {
    await browser.close()
    server.close()
  }
}

const rows = <Row>(path: string) =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)

async function heldOutAccuracy(path: string): Promise<number> {
  const model = await openModel(path)
  const { pass1 } = await evaluate(model, 'pocket-countdown', { ...HELD_OUT, maxTokens: settings.maxTokens })
  model.engine.close()
  return pass1
}

try {
  const { minutes, run, model } = await trainInTheTab()
  const onThePage = rows<Evaluation | { evaluation: undefined }>(join(run, 'metrics.jsonl')).flatMap((row) =>
    row.evaluation === undefined ? [] : [row.evaluation.pass1],
  )
  const inTheTab = rows<Timing>(join(run, 'timing.jsonl')).map(
    ({ sampleSeconds, scoreSeconds, trainSeconds }) => sampleSeconds + scoreSeconds + trainSeconds,
  )
  const here: number[] = []
  const { steps, ...grpo } = grpoSettings(settings)
  const trained = await train({
    ...{ steps, grpo, evaluation: false },
    onStep: ({ seconds }) => void here.push(seconds),
  })
  trained.model.engine.close()
  const [before, after] = [await heldOutAccuracy('pocket-base'), await heldOutAccuracy(model)]
  const { questions, samples } = HELD_OUT
  console.log(`
${minutes.toFixed(1)} minutes from the opening of the page to its last figure, ${settings.steps} steps.
Held out, on the page (${settings.heldOut} problems): ${onThePage.map((pass1) => percent(pass1)).join(' → ')}
Held out, the kept model on the CPU (${questions} problems, ${samples} responses each): ${percent(before)} → ${percent(after)}
Seconds a step, the first (which compiles) left out: ${mean(inTheTab.slice(1)).toFixed(1)} in the tab, ${mean(here.slice(1)).toFixed(2)} on the CPU engine`)
  if (onThePage.at(-1)! < 2 * onThePage[0]! || after < 2 * before) process.exitCode = 1
} finally {
  rmSync(folder, { recursive: true, maxRetries: 10 })
}
