import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeEach, expect, it, vi } from 'vitest'
import { benchServeCommand } from './bench-serve.ts'

const server = createServer((_, response) => response.writeHead(503).end())
await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
afterAll(() => server.close())

let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  return () => {
    process.exitCode = undefined
    vi.restoreAllMocks()
  }
})
const bench = (url: string) =>
  benchServeCommand().parseAsync(['--url', url, '--clients', '1', '--seconds', '1', '--json'], {
    from: 'user',
  })
const { port } = server.address() as AddressInfo

// The server speaks no TLS: what comes of it tells that it was spoken to it.
it.each([
  ['http', /^HTTP 503$/],
  ['https', /SSL|TLS/],
])('speaks %s, and fails where nothing was answered', async (protocol, problem) => {
  await bench(`${protocol}://127.0.0.1:${port}/v1`)
  const { responses, problems } = JSON.parse(printed) as { responses: number; problems: object }
  expect(responses).toBe(0)
  expect(Object.keys(problems)).toEqual([expect.stringMatching(problem)])
  expect(process.exitCode).toBe(1)
})

it('refuses what is no address', async () => {
  await expect(bench('localhost:8000')).rejects.toThrow(/^--url is "localhost:8000": not an address/)
})
