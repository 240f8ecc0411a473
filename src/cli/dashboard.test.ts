import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { dashboardCommand } from './dashboard.ts'

const runs = mkdtempSync(join(tmpdir(), 'r1-dashboard-'))
afterAll(() => rmSync(runs, { recursive: true }))

it('--json says where it listens', async () => {
  const printed = new Promise<string>((told) => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      told(String(text))
      return true
    })
  })
  const ended = dashboardCommand().parseAsync([runs, '--port', '0', '--json'], { from: 'user' })
  const { url, ...rest } = JSON.parse(await printed) as { url: string }
  vi.restoreAllMocks()
  expect(rest).toEqual({ runs, pid: process.pid })
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  process.emit('SIGTERM')
  await ended
  vi.restoreAllMocks()
})

it.each([
  [['--reward', 'gone.ts'], /--reward is "gone\.ts": no such file/],
  [['--reward', 'gone.ts', '--host', '0.0.0.0'], /--reward: everybody .* could run programs.*--api-key/],
  [['--allow-training', '--host', '0.0.0.0'], /--allow-training: everybody .* could run programs/],
])('%j is refused', async (flags, message) => {
  const started = dashboardCommand().parseAsync([runs, '--port', '0', ...flags], { from: 'user' })
  await expect(started).rejects.toThrow(message)
})
