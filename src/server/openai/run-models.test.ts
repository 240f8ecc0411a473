/** The dashboard's chat: models of runs, opened when they are asked. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRun } from '../../run/folder.ts'
import { type RunningServer, startServer } from '../server.ts'
import { type RunModels, runModels } from './run-models.ts'

const POCKET = resolve(import.meta.dirname, '../../../models/pocket-base')
const root = mkdtempSync(join(tmpdir(), 'r1-run-models-'))
let models: RunModels
let server: RunningServer
beforeAll(async () => {
  for (const [name, created] of [
    ['old', '2026-11-24T10:00:00.000Z'],
    ['new', '2026-11-25T10:00:00.000Z'],
    ['without-weights', '2026-11-26T10:00:00.000Z'],
  ] as const) {
    const info = { recipe: 'r1-zero', version: '0', seed: 1, created, config: { model: 'pocket-base' } }
    ;(await createRun(join(root, name), { ...info, sources: {} })).close()
    if (name !== 'without-weights') cpSync(POCKET, join(root, name, 'model'), { recursive: true })
  }
  models = runModels(root)
  server = await startServer({ models: [], runs: root, runModels: models, port: 0 })
}, 300_000)
afterAll(async () => {
  await server.drain(0)
  models.close()
  rmSync(root, { recursive: true })
})

const chat = async (model: string) => {
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, max_tokens: 4, messages: [{ role: 'user', content: 'Compute 3 + 4' }] }),
  })
  return { status: response.status, body: (await response.json()) as { model?: string } }
}

it('are listed, newest first, with what they know', async () => {
  const { data } = (await (await fetch(`${server.url}/v1/models`)).json()) as {
    data: { id: string; abilities: object }[]
  }
  expect(data.map(({ id }) => id)).toEqual(['pocket-base', 'new', 'old'])
  expect(data[1]!.abilities).toMatchObject({ summary: expect.stringContaining('puzzles') })
})

it('answer one after the other, and nobody else does', async () => {
  for (const id of ['new', 'old', 'pocket-base', 'new'])
    expect(await chat(id)).toMatchObject({ status: 200, body: { model: id } })
  expect((await chat('without-weights')).status).toBe(404)
}, 300_000)
