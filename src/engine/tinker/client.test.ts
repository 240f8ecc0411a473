import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { createClient } from './client.ts'
import { anything } from './wire.ts'

it('a poll that is held longer than patience lasts is no server that is away', async () => {
  const polls: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (!request.url!.endsWith('retrieve_future')) return response.end('{"request_id":"1"}')
    polls.push(response)
    return polls.length < 4 ? undefined : response.end('{"result":true}')
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const { timeout } = AbortSignal
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms === 45_000 ? 100 : ms))
  const notes: string[] = []
  const client = createClient({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    patienceSeconds: 0.05,
    operationSeconds: 3600,
    note: (text) => notes.push(text),
  })
  const accepted = await client.submit('optim_step', {}, { json: anything })
  expect(await accepted.done()).toEqual({ result: true })
  expect(polls.length).toBeGreaterThanOrEqual(4)
  expect(notes).toEqual([])
  vi.restoreAllMocks()
  server.closeAllConnections()
  server.close()
})
