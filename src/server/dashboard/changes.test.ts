import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ConfigError } from '../../errors.ts'
import { createRun } from '../../run/folder.ts'
import type { RunRow } from './api.ts'
import type { ChangesOptions } from './changes.ts'
import { dashboardRoutes } from './routes.ts'

const root = mkdtempSync(join(tmpdir(), 'r1-changes-'))
beforeAll(async () => {
  const info = { recipe: 'r1-zero', version: '0', seed: 1, created: '2026-11-24T10:00:00.000Z' }
  ;(await createRun(join(root, 'one'), { ...info, config: {}, sources: {} })).close()
})
afterAll(() => rmSync(root, { recursive: true }))

const app = (changes?: ChangesOptions) =>
  dashboardRoutes({ runs: root, evaluations: '', ...(changes && { changes }) })
const send = async (method: string, path: string, body: unknown, changes?: ChangesOptions) => {
  const response = await app(changes).request(path, { method, body: JSON.stringify(body) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

it('keeps notes and tags with the run', async () => {
  const notes = { text: 'a larger rate', tags: ['sweep'] }
  expect(await send('PUT', '/runs/one/notes', notes, { mayWrite: true })).toEqual({
    status: 200,
    body: notes,
  })
  const [row] = (await (await app().request('/runs')).json()) as RunRow[]
  expect(row!.notes).toEqual(notes)
})

it.each<[string, string, unknown, ChangesOptions, number, RegExp]>([
  ['PUT', '/runs/one/notes', { text: '', tags: [] }, { mayWrite: false }, 403, /--api-key/],
  ['PUT', '/runs/none/notes', { text: '', tags: [] }, { mayWrite: true }, 404, /no such run/],
  ['PUT', '/runs/one/notes', { text: 3, tags: [] }, { mayWrite: true }, 422, /^text: /],
  ['PUT', '/runs/one/notes', { text: '', tags: [''] }, { mayWrite: true }, 422, /^tags\.0: /],
  ['POST', '/trainings', { preset: 'pocket', seed: 1, set: [] }, { mayWrite: true }, 403, /--allow-training/],
  ['POST', '/runs/one/stop', {}, { mayWrite: true }, 403, /--allow-training/],
  ['POST', '/runs/one/resume', {}, { mayWrite: true }, 403, /--allow-training/],
])('%s %s of %j is refused', async (method, path, given, changes, status, message) => {
  const answer = await send(method, path, given, changes)
  expect(answer.status).toBe(status)
  expect((answer.body.error as { message: string }).message).toMatch(message)
})

it('starts, stops and resumes where it may, and tells what is wrong', async () => {
  const done: unknown[] = []
  const trainings = {
    presets: ['pocket', 'quick'],
    async start(training: object) {
      if ('preset' in training && training.preset === 'none')
        throw new ConfigError('there is no such preset.')
      done.push(training)
      return 'two'
    },
    stop: async (folder: string) => void done.push(`stop ${folder}`),
    resume: async (folder: string) => void done.push(`resume ${folder}`),
  }
  const may = { mayWrite: true, trainings }
  const training = { preset: 'quick', seed: 2, set: ['grpo.groupSize=8'] }
  expect((await send('POST', '/trainings', training, may)).body).toEqual({ id: 'two' })
  for (const verb of ['stop', 'resume'])
    expect((await send('POST', `/runs/one/${verb}`, {}, may)).status).toBe(200)
  expect(done).toEqual([training, `stop ${join(root, 'one')}`, `resume ${join(root, 'one')}`])
  expect(await send('POST', '/trainings', { ...training, preset: 'none' }, may)).toMatchObject({
    status: 422,
    body: { error: { message: 'there is no such preset.' } },
  })
  const abilities = await (await app(may).request('/abilities')).json()
  expect(abilities).toEqual({ notes: true, training: true, presets: ['pocket', 'quick'], reward: false })
})
