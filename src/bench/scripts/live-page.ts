/**
 * What the page beside a training costs: its processor seconds in the time of a step, with nobody looking and with a browser at the
 * curves, and the seconds of a step without the page, in turns. Linux, since it reads /proc.
 *
 *     npx tsx src/bench/scripts/live-page.ts [rounds] [steps]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import { openBrowser } from '../../../test/browser.ts'
import { settings, startR1 } from '../../../test/r1-process.ts'
import { percent } from '../../measures/format.ts'
import { mean } from '../../measures/statistics.ts'

const [rounds = 3, steps = 8] = process.argv.slice(2).map(Number)
const READERS = { none: 'no page', nobody: 'page, nobody looking', browser: 'page, a browser at the curves' }
const TICKS = 100
const folder = mkdtempSync(join(tmpdir(), 'r1-live-page-'))

/** Behind the program's name, which may hold anything: state, parent, …, user and system ticks. */
const stat = (pid: number | string) =>
  readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
const processorSeconds = (pid: number) => (Number(stat(pid)[11]) + Number(stat(pid)[12])) / TICKS
const childrenOf = (parent: number) =>
  readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && Number(stat(pid)[1]) === parent
    } catch {
      return false
    }
  })

/** As soon as the page answers. */
async function look(browser: Browser, link: string): Promise<void> {
  const page = await browser.newPage()
  while ((await page.goto(link).catch(() => null)) === null) await setTimeout(200)
}

/** Seconds of a step, and of the page's processor time in a step. The first step, which compiles, counts for neither. */
async function train(name: string, reader: keyof typeof READERS): Promise<{ step: number; page: number }> {
  const few = settings({ 'grpo.steps': steps, 'evaluation.questions': 8, 'evaluation.samples': 1 })
  const beside = reader === 'none' ? ['--no-page'] : []
  const { child, ended } = startR1(folder, [
    'train',
    'r1-zero',
    '--preset',
    'on-policy',
    '--run',
    `runs/${name}`,
    ...few,
    ...beside,
  ])
  const browser = reader === 'browser' ? await openBrowser() : undefined
  const seen: { at: number; spent: number }[] = []
  let text = ''
  child.stdout!.on('data', (chunk) => {
    const url = /http\S+/.exec(text)?.[0]
    text += chunk
    const link = /http\S+/.exec(text)?.[0]
    if (url === undefined && link !== undefined && browser !== undefined) void look(browser, link)
    const done = text.match(/^ *\d+\/\d+ /gm)?.length ?? 0
    if (done === seen.length) return
    const [page] = reader === 'none' ? [] : childrenOf(child.pid!)
    seen.push({ at: performance.now(), spent: page === undefined ? 0 : processorSeconds(Number(page)) })
  })
  const { code, stderr } = await ended
  await browser?.close()
  if (code !== 0) throw new Error(stderr)
  const [first, last] = [seen[0]!, seen.at(-1)!]
  return {
    step: (last.at - first.at) / 1000 / (seen.length - 1),
    page: (last.spent - first.spent) / (seen.length - 1),
  }
}

try {
  const all = Object.fromEntries(
    Object.keys(READERS).map((reader) => [reader, [] as { step: number; page: number }[]]),
  )
  for (let round = 1; round <= rounds; round++)
    for (const reader of Object.keys(READERS) as (keyof typeof READERS)[])
      all[reader]!.push(await train(`${reader}-${round}`, reader))
  for (const [reader, label] of Object.entries(READERS)) {
    const step = mean(all[reader]!.map((one) => one.step))
    const page = mean(all[reader]!.map((one) => one.page))
    const share =
      reader === 'none'
        ? ''
        : `; the page took ${page.toFixed(2)} s of processor time in it, ${percent(page / step)}`
    console.log(`${label}: ${step.toFixed(2)} s a step${share}`)
  }
} finally {
  rmSync(folder, { recursive: true })
}
