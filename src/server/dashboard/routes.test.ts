import {
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRun, openRun, rolloutsPath } from '../../run/folder.ts'
import { pocketTokenizerFiles } from '../../text/pocket-tokenizer.ts'
import { tokenizerFromFiles } from '../../text/tokenizer.ts'
import type { RolloutGroupDetails, RolloutList, RunDetails, RunRow, RunSeries, TokenWindow } from './api.ts'
import { openRolloutIndex } from './rollout-index.ts'
import { dashboardRoutes } from './routes.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-dashboard-'))
const runs = join(root, 'runs')
const app = dashboardRoutes({ runs, evaluations: join(root, 'evaluations') })
const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())

async function get<T>(path: string): Promise<T> {
  const response = await app.request(path)
  expect(response.status, path).toBe(200)
  return (await response.json()) as T
}

function row(group: number, sample: number, right: boolean, text: string) {
  const tokens = Array.from(tokenizer.encode(text))
  return {
    group,
    sample,
    question: `q/${group}`,
    prompt: `Using the numbers ${group}, 2, make 3`,
    answer: '1 + 2',
    text,
    stopReason: sample === 1 ? 'length' : 'stop',
    rewards: { accuracy: Number(right), format: 1 },
    reward: Number(right) + 1,
    advantage: right ? 1 : -1,
    tokens,
    logprobs: tokens.map((_, i) => -i / 10),
  }
}

beforeAll(async () => {
  const run = await createRun(join(runs, 'one'), {
    recipe: 'r1-zero',
    version: '0.1.0',
    seed: 1,
    created: '2026-11-24T10:00:00.000Z',
    config: { model: 'pocket-base', task: 'pocket-countdown', grpo: { steps: 3, groupSize: 2 } },
    sources: { 'grpo.steps': '--set' },
  })
  run.log({ step: 0, evaluation: { pass1: 0.25 } })
  for (const step of [1, 2]) {
    run.log({ step, reward: 1, accuracy: step / 4, meanTokens: 9 })
    run.logTiming({ step, sampleSeconds: 2, tokensPerSecond: 100 })
    await run.writeRollouts(step, [
      row(0, 0, true, ' <think> try 1 + 2 = 3 </think> <answer> 1 + 2 </answer>'),
      row(0, 1, false, ' <think> try 2 * 2 = 4'),
      row(step, 0, false, ' <think> 试 2 * 2 = 4 wait wait 不 no no </think> <answer> 2 * 2 </answer>'),
      row(step, 1, false, ' <answer> 7 </answer>'),
    ])
  }
  await run.writeResponses('base', [row(0, 0, false, ' <answer> 9 </answer>')])
  await run.writeEvaluation('base', { pass1: 0.25, samples: 1 })
  run.close()
  mkdirSync(join(runs, 'broken'))
  writeFileSync(join(runs, 'broken/config.json'), 'no JSON')
})
afterAll(() => rmSync(root, { recursive: true }))

describe('runs', () => {
  it('are listed with how far they are, the broken ones with what is wrong', async () => {
    const [broken, one] = await get<RunRow[]>('/runs')
    expect(one).toMatchObject({
      ...{ id: 'one', step: 2, steps: 3, status: 'stopped', secondsLeft: null },
      latest: { accuracy: 0.5, meanTokens: 9 },
      heldOut: { pass1: 0.25 },
      base: { pass1: 0.25, samples: 1 },
      updated: expect.stringMatching(/^20\d\d-/),
    })
    expect(broken).toMatchObject({
      id: 'broken',
      status: 'broken',
      problem: expect.stringContaining('not describe a run'),
    })
  })

  it('tell their settings and where responses are kept', async () => {
    const details = await get<RunDetails>('/runs/one')
    expect(details.sources).toEqual({ evaluations: ['base'], steps: [1, 2] })
    expect(details.settings).toContainEqual({ path: 'grpo.steps', value: 3, source: '--set' })
  })

  it('tell how long they will take while they run, and how to continue one that stopped', async () => {
    const run = await openRun(join(runs, 'one'))
    const [, running] = await get<RunRow[]>('/runs')
    // One step of 2 s is left.
    expect(running).toMatchObject({ status: 'running', secondsLeft: 2 })
    run.close()
    const other = dashboardRoutes({ runs, evaluations: '', resumeCommand: (folder) => `again ${folder}` })
    const details = (await (await other.request('/runs/one')).json()) as RunDetails
    expect(details.resume).toBe(`again ${join(runs, 'one')}`)
  })

  it('give their curves, and nothing where nothing is new', async () => {
    const series = await get<RunSeries>('/runs/one/series?keys=accuracy,sampleSeconds,pass1')
    expect(series.steps).toEqual({ x: [1, 2], series: { accuracy: { mean: [0.25, 0.5] } } })
    expect(series.timing.series.sampleSeconds!.mean).toEqual([2, 2])
    expect(series.evaluations).toEqual({ x: [0], series: { pass1: { mean: [0.25] } } })
    const known = await app.request(`/runs/one/series?known=${encodeURIComponent(series.version)}`)
    expect(known.status).toBe(204)
  })

  it.each([
    '/runs/none',
    '/runs/..%2F..%2Fetc',
    '/runs/one/rollouts/..%2F..%2Fconfig',
    '/runs/one/rollouts/9',
    '/runs/one/rollouts/a%00b',
    '/evaluations/a%00b',
    '/evaluations/a%00b/responses?problem=x',
    '/elsewhere',
    '/runs/%',
    '/runs/%E0%A4%A',
  ])('%s is nowhere', async (path) => {
    const response = await new Hono().route('/api', app).request(`/api${path}`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } })
  })
})

describe('a damaged run', () => {
  const info = {
    recipe: 'x',
    version: '1',
    seed: 1,
    created: '2026-11-24T10:00:00.000Z',
    config: {},
    sources: {},
  }
  const damaged: [string, Record<string, string>, string][] = [
    [
      'null for a line of metrics',
      { 'metrics.jsonl': 'null\n3\n[]\n{"step":1,"evaluation":3}\n' },
      'stopped',
    ],
    ['null for a lock', { '.lock-x-1': 'null' }, 'stopped'],
    ['a lock of nonsense', { '.lock-x-1': '{"pid":"1","host":3}' }, 'stopped'],
    ['null for settings', { 'config.json': 'null' }, 'broken'],
    ['settings that are null', { 'config.json': JSON.stringify({ ...info, config: null }) }, 'broken'],
    ['a list of settings', { 'config.json': JSON.stringify({ ...info, config: [] }) }, 'broken'],
    ['no date', { 'config.json': JSON.stringify({ ...info, created: 'x' }) }, 'broken'],
    [
      'null for where settings come from',
      { 'config.json': JSON.stringify({ ...info, sources: null }) },
      'broken',
    ],
    ['null for its end', { 'finished.json': 'null' }, 'finished'],
    ['nonsense for an evaluation', { 'evaluations/base.json': '{' }, 'stopped'],
    [
      'settings nested deep',
      {
        'config.json': JSON.stringify(info).replace(
          '{}',
          `{"a":${'{"b":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
        ),
      },
      'stopped',
    ],
  ]

  it.each(damaged)('with %s hides no other', async (name, files, status) => {
    const folder = join(runs, 'damaged')
    mkdirSync(join(folder, 'evaluations'), { recursive: true })
    writeFileSync(join(folder, 'config.json'), JSON.stringify(info))
    for (const [path, text] of Object.entries(files)) writeFileSync(join(folder, path), text)
    const rows = await get<RunRow[]>('/runs')
    expect(rows.find(({ id }) => id === 'one')).toMatchObject({ step: 2, status: 'stopped' })
    expect(
      rows.find(({ id }) => id === 'damaged'),
      name,
    ).toMatchObject({ status })
    await get('/runs/damaged')
    await get('/runs/damaged/series')
    rmSync(folder, { recursive: true })
  })

  it('with lines that are no responses shows the others', async () => {
    const folder = join(runs, 'damaged')
    mkdirSync(join(folder, 'rollouts'), { recursive: true })
    writeFileSync(join(folder, 'config.json'), JSON.stringify(info))
    const lines = ['null', '{', '{"group":0,"text":"x","rewards":null}', JSON.stringify(row(1, 0, true, 'x'))]
    writeFileSync(rolloutsPath(folder, 1), `${lines.join('\n')}\n`)
    const { groups } = await get<RolloutList>('/runs/damaged/rollouts/1')
    expect(groups.map(({ group }) => group)).toEqual([1])
    rmSync(folder, { recursive: true })
  })
})

describe('links', () => {
  it('a run may be one', async () => {
    symlinkSync(join(runs, 'one'), join(runs, 'linked'))
    expect((await get<RunRow[]>('/runs')).map(({ id }) => id)).toContain('linked')
    expect((await get<RolloutList>('/runs/linked/rollouts/1')).groups).toHaveLength(2)
    rmSync(join(runs, 'linked'))
  })

  it('that lead out of a run are not served', async () => {
    const outside = join(root, 'outside')
    mkdirSync(join(outside, 'deep'), { recursive: true })
    for (const name of [
      'config.json',
      'metrics.jsonl',
      'rollouts/000001.jsonl',
      'evaluations/base.jsonl',
      'evaluations/base.json',
    ])
      writeFileSync(join(outside, basename(name)), readFileSync(join(runs, 'one', name)))
    const folder = join(runs, 'leading-out')
    for (const inner of ['rollouts', 'evaluations', 'model'])
      mkdirSync(join(folder, inner), { recursive: true })
    const link = (name: string, path: string) => symlinkSync(join(outside, name), join(folder, path))
    link('config.json', 'config.json')
    expect((await get<RunRow[]>('/runs')).find(({ id }) => id === 'leading-out')).toMatchObject({
      status: 'broken',
      recipe: null,
    })
    rmSync(join(folder, 'config.json'))
    writeFileSync(join(folder, 'config.json'), readFileSync(join(outside, 'config.json')))
    link('metrics.jsonl', 'metrics.jsonl')
    link('000001.jsonl', 'rollouts/000001.jsonl')
    link('base.jsonl', 'evaluations/base.jsonl')
    link('base.json', 'evaluations/base.json')
    link('config.json', 'finished.json')
    link('.', 'stage')
    expect((await get<RunRow[]>('/runs')).map(({ id }) => id)).not.toContain('leading-out:stage')
    expect(await get('/runs/leading-out')).toMatchObject({
      ...{ status: 'finished', step: null, seconds: null, results: {} },
      sources: { evaluations: [], steps: [] },
    })
    expect((await get<RunSeries>('/runs/leading-out/series')).rows).toBe(0)
    for (const source of ['1', 'base'])
      expect((await app.request(`/runs/leading-out/rollouts/${source}`)).status).toBe(404)
    rmSync(folder, { recursive: true })
  })
})

describe('rollouts', () => {
  const groups = async (query: string) =>
    (await get<RolloutList>(`/runs/one/rollouts/1?${query}`)).groups.map(({ group }) => group)

  it('are found by kind, order and text', async () => {
    expect(await groups('')).toEqual([0, 1])
    expect(await groups('filter=right')).toEqual([0])
    expect(await groups('filter=mixed')).toEqual([1])
    expect(await groups('order=hardest')).toEqual([1, 0])
    expect(await groups('order=longest')).toEqual([1, 0])
    expect(await groups('search=WAIT')).toEqual([1])
    expect(await groups('search=nowhere')).toEqual([])
    expect(await groups('from=1')).toEqual([1])
  })

  it('show a group with its rewards, and its tokens as text', async () => {
    const { responses } = await get<RolloutGroupDetails>('/runs/one/rollouts/1/0')
    expect(responses).toMatchObject([
      { right: true, truncated: false, rewards: { accuracy: 1, format: 1 }, advantage: 1, hasLogprobs: true },
      { right: false, truncated: true, hasReference: false },
    ])
    const tokens = await get<TokenWindow>('/runs/one/rollouts/1/0/0/tokens')
    expect(tokens.pieces.join('')).toBe(responses[0]!.text)
    expect(tokens.logprobs.slice(0, 3)).toEqual([0, -0.1, -0.2])
    const part = await get<TokenWindow>('/runs/one/rollouts/1/0/0/tokens?offset=2&limit=3')
    expect(part).toMatchObject({ total: tokens.total, offset: 2, logprobs: [-0.2, -0.3, -0.4] })
    expect((await get<RolloutGroupDetails>('/runs/one/rollouts/base/0')).responses).toHaveLength(1)
  })

  it.each(['?from=-1', '?from=0.5', '?limit=many', '/0/0/tokens?offset=-5'])(
    '%s makes no sense',
    async (query) => {
      const response = await app.request(`/runs/one/rollouts/1${query}`)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({
        error: { message: expect.stringMatching(/^\w+ is ".*": .*at least 0/) },
      })
    },
  )

  it('follow a question through the run', async () => {
    const response = await app.request('/runs/one/questions?id=q%2F0')
    const lines = (await response.text())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as Record<string, unknown>)
    expect(lines.filter(({ source }) => source !== undefined).map(({ source }) => source)).toEqual([
      'base',
      '1',
      '2',
    ])
    expect(lines.at(-1)).toEqual({ searched: 3, of: 3 })
  })
})

it('a file whose last line was torn is read to its end', async () => {
  const folder = join(runs, 'torn')
  mkdirSync(join(folder, 'rollouts'), { recursive: true })
  writeFileSync(join(folder, 'config.json'), readFileSync(join(runs, 'one/config.json')))
  writeFileSync(join(folder, 'metrics.jsonl'), '{"step":1,"accuracy":0.5}\n{"step":2,"accu')
  const lines = [row(0, 0, true, ' 1'), row(1, 0, false, ' 2')].map((line) => JSON.stringify(line))
  writeFileSync(rolloutsPath(folder, 2), lines.join('\n').slice(0, -5))
  // A look takes a bounded time, which on a busy machine may end before the file.
  await expect.poll(async () => (await get<RunSeries>('/runs/torn/series')).read).toBe(1)
  await expect
    .poll(() => get<RolloutList>('/runs/torn/rollouts/2'))
    .toMatchObject({ read: 1, total: 1, next: null })
  expect((await app.request('/runs/torn/rollouts/2/99')).status).toBe(404)
  const trace = await (await app.request('/runs/torn/questions?id=q%2F1')).text()
  expect(trace).toBe('{"searched":1,"of":1}\n')
})

it('a rollout file of gigabytes is looked at where it is asked for', async () => {
  const path = rolloutsPath(join(runs, 'one'), 3)
  writeFileSync(path, '')
  // A line of 30 MB, then a hole of 3 GB inside another line: an index that read on would have to cross it.
  const file = openSync(path, 'r+')
  const bulk = { ...row(0, 0, true, ' <answer> 1 </answer>'), padding: 'x'.repeat(30_000_000) }
  writeSync(file, `${JSON.stringify(bulk)}\n${JSON.stringify(row(1, 0, false, ' no'))}\n`)
  truncateSync(path, 3_000_000_000)
  let list: RolloutList
  do list = await get<RolloutList>('/runs/one/rollouts/3?limit=2')
  while (list.groups.length === 0)
  expect(list.read).toBeLessThan(0.5)
})

it('a group is listed once all its responses are indexed', async () => {
  const index = openRolloutIndex(rolloutsPath(join(runs, 'one'), 1))
  const known: number[] = []
  do known.push(index.groups.length)
  while ((await index.advance(0)) < 1)
  expect(known).toEqual([0, 0, 0, 1])
  expect(index.groups.map(({ marks }) => marks.length)).toEqual([2, 2])
})

describe('a run beside another', () => {
  const root = mkdtempSync(join(tmpdir(), 'r1-fork-page-'))
  const page = dashboardRoutes({ runs: root, evaluations: join(root, 'evaluations') })
  afterAll(() => rmSync(root, { recursive: true }))
  const info = {
    recipe: 'r1-zero',
    version: '0',
    seed: 1,
    created: '2026-11-24T10:00:00.000Z',
    config: {},
    sources: {},
  }
  const ask = async (path: string) => (await page.request(path)).json()

  it('has its findings, and the run that it was forked from', async () => {
    const finding = {
      ...{ rule: 'truncation', title: 'truncation eats the reward', measure: 'truncatedShare', step: 2 },
      ...{ evidence: 'e', cause: 'c', remedy: 'r', responses: [{ step: 2, group: 0, sample: 1 }] },
    }
    const origin = await createRun(join(root, 'origin'), info)
    origin.logFinding(finding)
    origin.close()
    const fork = await createRun(join(root, 'fork'), {
      ...info,
      fork: { run: join(root, 'origin'), step: 1 },
    })
    fork.close()
    expect(await ask('/runs/origin/findings')).toEqual({ findings: [finding] })
    expect(await ask('/runs/fork/findings')).toEqual({ findings: [] })
    expect(await ask('/runs/fork')).toMatchObject({ fork: { run: 'origin', step: 1 } })
    expect(await ask('/runs/origin')).toMatchObject({ fork: null })
    rmSync(join(root, 'origin'), { recursive: true })
    expect(await ask('/runs/fork')).toMatchObject({ fork: null })
  })
})
