import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRun, type RunInfo } from '../run/folder.ts'
import { accuracyChart, curvesSvg, lengthChart } from './curves.ts'
import { reportHtml } from './html-report.ts'
import { resultsTable, writeRunReport } from './run-report.ts'
import { findRuns, type RunSummary, readRunSummary } from './run-summary.ts'
import { runTranscripts } from './run-transcripts.ts'

let root: string
let folder: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'r1-report-'))
  folder = join(root, 'one')
})
afterEach(() => rmSync(root, { recursive: true }))

const info: RunInfo = {
  recipe: 'r1-zero',
  version: '0.1.0',
  seed: 1,
  created: '2026-11-23T10:00:00.000Z',
  config: { steps: 2, grpo: { groupSize: 8 } },
  sources: { steps: 'default', 'grpo.groupSize': '--set' },
}

async function makeRun(): Promise<void> {
  const run = await createRun(folder, info)
  run.log({ step: 0, evaluation: { pass1: 0.2, consK: 0.4, samples: 16, meanTokens: 50 } })
  run.log({ step: 1, accuracy: 0.3, meanTokens: 60, kl: 0.001, note: 'text is passed over' })
  run.log({ step: 2, accuracy: 0.5, meanTokens: 80, kl: 0.002 })
  run.log({ step: 2, evaluation: { pass1: 0.6, consK: 0.7, samples: 16, meanTokens: 85 } })
  await run.writeEvaluation('base', { pass1: 0.2, passK: 0.9, samples: 16, meanTokens: 50 })
  await run.writeEvaluation('trained', { pass1: 0.6, passK: 0.95, samples: 16, meanTokens: 85 })
  await run.finish({ seconds: 200 })
  run.close()
}

describe('readRunSummary', () => {
  it('gathers what the folder says', async () => {
    await makeRun()
    expect(await readRunSummary(folder)).toEqual({
      folder,
      info: {
        ...info,
        made: { commit: expect.any(String), machine: expect.stringMatching(/cores of .*Node/) },
      },
      status: 'finished',
      steps: [
        { step: 1, accuracy: 0.3, meanTokens: 60, kl: 0.001 },
        { step: 2, accuracy: 0.5, meanTokens: 80, kl: 0.002 },
      ],
      evaluations: [
        { step: 0, pass1: 0.2, consK: 0.4, samples: 16, meanTokens: 50 },
        { step: 2, pass1: 0.6, consK: 0.7, samples: 16, meanTokens: 85 },
      ],
      results: {
        base: { pass1: 0.2, passK: 0.9, samples: 16, meanTokens: 50 },
        trained: { pass1: 0.6, passK: 0.95, samples: 16, meanTokens: 85 },
      },
      finished: { seconds: 200 },
    } satisfies RunSummary)
    expect(findRuns(root)).toEqual([folder])
    expect(findRuns(folder)).toEqual([folder])
    expect(findRuns(join(root, 'none'))).toEqual([])
  })

  it('reads a run that has only begun', async () => {
    ;(await createRun(folder, info)).close()
    expect(await readRunSummary(folder)).toMatchObject({
      status: 'stopped',
      steps: [],
      evaluations: [],
      results: {},
    })
  })
})

describe('writeRunReport', () => {
  it('writes Markdown and figures that come out the same again', async () => {
    await makeRun()
    const { markdown, curves, summary } = await writeRunReport(folder, {
      subtitle: 'pocket base',
      transcripts: [
        {
          question: 'q',
          answer: 'a',
          responses: [{ name: 'base', text: 't', correct: false, numTokens: 1 }],
        },
      ],
    })
    const text = readFileSync(markdown, 'utf8')
    expect(text).toContain('# r1-zero\n\nseed 1, 2 steps, 3 min 20 s, finished, r1-ts 0.1.0, 2026-11-23\n')
    expect(text).toContain('| pass@16 | 90.0 % | 95.0 % |')
    expect(text).toContain('**base: wrong, 1 tokens**')
    expect(text).toContain('| 2 | – | 50.0 % | – | 80 | 0.002 | – | – | – |')
    expect(text).toContain('| grpo.groupSize | 8 | --set |')
    for (const name of ['accuracy', 'length', 'curves'])
      expect(existsSync(join(folder, 'figures', `${name}.svg`))).toBe(true)
    const svg = readFileSync(curves, 'utf8')
    expect(svg).toMatch(/^<svg [\s\S]*cons@16[\s\S]*<\/svg>\n$/)
    expect(curvesSvg([summary], { subtitle: 'pocket base' })).toBe(svg)
    expect(resultsTable(summary).rows[0]).toEqual(['pass@1', '20.0 %', '60.0 %'])
  })

  it('is possible before the first step', async () => {
    ;(await createRun(folder, info)).close()
    const { markdown } = await writeRunReport(folder)
    expect(readFileSync(markdown, 'utf8')).toContain('0 steps, stopped')
  })
})

describe('reportHtml', () => {
  it('is one file: figures and tables in it, nothing outside, and no word of a model as markup', async () => {
    await makeRun()
    const rows = (text: string, reward: number) => [
      { sample: 0, question: 'q', prompt: '1 < 2?', answer: 'yes', text, reward, tokens: [1, 2] },
    ]
    mkdirSync(join(folder, 'evaluations'), { recursive: true })
    for (const [name, text] of [
      ['base', '<script>alert(1)</script>'],
      ['trained', 'yes & no'],
    ] as const)
      writeFileSync(
        join(folder, 'evaluations', `${name}.jsonl`),
        `${JSON.stringify(rows(text, Number(name === 'trained'))[0])}\n`,
      )
    const html = reportHtml(await readRunSummary(folder), await runTranscripts(folder, 3))
    expect(html.match(/<svg /g)).toHaveLength(2)
    expect(html).toContain('90.0 %')
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(html).toContain('yes &amp; no')
    expect(html).not.toMatch(/<script|<img|<link|src=|@import|url\((?!#)/)
  })
})

describe('curves', () => {
  const summary = (shift: number): RunSummary => ({
    folder: '',
    info,
    status: 'finished',
    steps: [1, 2, 3].map((step) => ({ step, accuracy: 0.1 * step + shift, meanTokens: 10 * step })),
    evaluations: [],
    results: {},
    finished: undefined,
  })

  it('show the mean and the range of several runs', () => {
    const [series] = accuracyChart([summary(0), summary(0.2)]).series
    expect(series!.points.map(([, y]) => Number(y.toFixed(6)))).toEqual([0.2, 0.3, 0.4])
    expect(series!.band!.map((point) => point.map((value) => Number(value.toFixed(6))))).toEqual([
      [1, 0.1, 0.3],
      [2, 0.2, 0.4],
      [3, 0.3, 0.5],
    ])
  })

  it('leave out steps that not every run has reached', () => {
    const short = { ...summary(0), steps: summary(0).steps.slice(0, 2) }
    expect(lengthChart([summary(0), short]).series[0]!.points).toEqual([
      [1, 10],
      [2, 20],
    ])
  })
})
