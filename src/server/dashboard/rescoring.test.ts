import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { createRun } from '../../run/folder.ts'
import type { RescoredResponses, RewardFile, ServerAbilities } from './api.ts'
import type { Rescoring } from './rescoring.ts'
import { dashboardRoutes } from './routes.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-rescoring-'))
afterAll(() => rmSync(root, { recursive: true }))
const info = { recipe: 'r1-zero', version: '0', seed: 1, created: '2026-11-24T10:00:00.000Z' }
;(await createRun(join(root, 'runs/one'), { ...info, config: {}, sources: {} })).close()

const file = join(root, 'short.ts')
const rescore = vi.fn<Rescoring['rescore']>()
const app = (rescoring?: Rescoring) =>
  dashboardRoutes({
    runs: join(root, 'runs'),
    evaluations: '',
    changes: { mayWrite: true, rescoring },
  })
let served: ReturnType<typeof app>
const get = async <T>(path: string) => (await (await served.request(path)).json()) as T
const put = async (body: unknown) =>
  await served.request('/reward', { method: 'PUT', body: JSON.stringify(body) })

beforeEach(() => {
  writeFileSync(file, 'first')
  rescore.mockReset().mockImplementation(async (_, { step }) => ({ step }) as never)
  served = app({ file, rescore })
})

it('scores by the file each time that it changes, and not again before', async () => {
  const path = '/runs/one/rescored/3'
  const [one, same] = await Promise.all([get<RescoredResponses>(path), get<RescoredResponses>(path)])
  expect(one).toEqual({ step: 3, alone: false, version: expect.any(String), rescored: { step: 3 } })
  expect(same).toEqual(one)
  expect((await served.request(`${path}?known=${one.version}`)).status).toBe(204)
  expect(rescore.mock.calls).toEqual([[join(root, 'runs/one'), { step: 3, alone: false }]])
  writeFileSync(file, 'second')
  const again = await served.request(`${path}?known=${one.version}&alone=true`)
  expect(((await again.json()) as RescoredResponses).version).not.toBe(one.version)
  expect(rescore.mock.lastCall).toEqual([join(root, 'runs/one'), { step: 3, alone: true }])
})

it('says what is wrong with the file, and asks no second time', async () => {
  rescore.mockRejectedValue(new ConfigError('exports no `reward`.', { field: 'short.ts' }))
  for (let i = 0; i < 2; i++)
    expect(await get('/runs/one/rescored/3')).toMatchObject({ problem: 'short.ts: exports no `reward`.' })
  expect(rescore).toHaveBeenCalledTimes(1)
})

it('shows the file, and saves what is written on the page where nobody else has changed it', async () => {
  const shown = await get<RewardFile>('/reward')
  expect(shown).toEqual({ path: file, code: 'first', version: expect.any(String) })
  expect((await served.request(`/reward?known=${shown.version}`)).status).toBe(204)
  expect((await put({ code: 'mine', version: shown.version })).status).toBe(200)
  expect(readFileSync(file, 'utf8')).toBe('mine')
  const late = await put({ code: 'late', version: shown.version })
  expect(late.status).toBe(409)
  expect(await late.json()).toEqual({
    error: { message: `${file} has changed since it was read.` },
  })
  expect(readFileSync(file, 'utf8')).toBe('mine')
})

it('saves where a link leads', async () => {
  const link = join(root, 'link.ts')
  symlinkSync(file, link)
  served = app({ file: link, rescore })
  const { version } = await get<RewardFile>('/reward')
  expect((await put({ code: 'through', version })).status).toBe(200)
  expect(readFileSync(file, 'utf8')).toBe('through')
})

it('a file that is gone is told', async () => {
  rmSync(file)
  const response = await served.request('/reward')
  expect([response.status, await response.json()]).toEqual([
    422,
    { error: { message: `${file}: no such file.` } },
  ])
})

it('is refused by a server that was started without a file', async () => {
  expect(await get<ServerAbilities>('/abilities')).toMatchObject({ reward: true })
  served = app()
  expect(await get<ServerAbilities>('/abilities')).toMatchObject({ reward: false })
  for (const answer of [
    await served.request('/reward'),
    await served.request('/runs/one/rescored/3'),
    await put({ code: 'mine', version: '' }),
  ]) {
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('--reward')
  }
  expect(readFileSync(file, 'utf8')).toBe('first')
})
