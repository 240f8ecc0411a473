import { expect, it, vi } from 'vitest'
import { serveRewardsCommand } from './serve-rewards.ts'

const serve = (...args: string[]) =>
  serveRewardsCommand().parseAsync(['--port', '0', '--json', ...args], { from: 'user' })

it.each(['overlong', 'cosineLength'])('%s asks for the length it goes by', async (name) => {
  await expect(serve('--reward', name)).rejects.toThrow(
    new RegExp(`^--max-tokens: ${name} must be told how long`),
  )
})

it('serves rewards by length', async () => {
  const printed = new Promise<string>((told) => {
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      told(String(text))
      return true
    })
  })
  const named = ['--reward', 'cosineLength', '--reward', 'overlong=0.5', '--max-tokens', '10']
  const ended = serve(...named)
  const { url, rewards } = JSON.parse(await printed) as { url: string; rewards: string[] }
  vi.restoreAllMocks()
  expect(rewards).toEqual(['cosineLength', 'overlong'])
  const response = await fetch(`${url}/reward`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      completions: ['\\boxed{2}', '\\boxed{2}'],
      answer: ['2', '2'],
      completion_ids: [[1, 2, 3, 4, 5], Array(9).fill(1)],
    }),
  })
  const { parts } = (await response.json()) as { parts: Record<string, number>[] }
  expect(parts.map(({ overlong }) => overlong)).toEqual([0, -0.5])
  expect(parts[0]!.cosineLength).toBeCloseTo(0.75, 9)
  vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  process.emit('SIGTERM')
  await ended
  vi.restoreAllMocks()
})
