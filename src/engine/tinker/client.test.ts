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

it('a redirect takes the key to no other server, and repeats no body', async () => {
  const seen: string[] = []
  const listen = async (respond: (url: string, response: ServerResponse) => void) => {
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['x-api-key']}`)
      respond(request.url!, response)
    })
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }
  const other = await listen((_, response) => response.end('there'))
  const first = await listen((url, response) => {
    if (url === '/here') return response.end('here')
    response.writeHead(307, { location: url.endsWith('within') ? '/here' : `${other.url}/there` }).end()
  })
  const client = createClient({ url: first.url, apiKey: 'secret', patienceSeconds: 0, operationSeconds: 1 })
  expect(Buffer.from(await client.download('within', 10)).toString()).toBe('here')
  expect(Buffer.from(await client.download('elsewhere', 10)).toString()).toBe('there')
  await expect(client.request('optim_step', {}, anything)).rejects.toThrow('optim_step: 307')
  expect(seen).toEqual([
    'GET /api/v1/within secret',
    'GET /here secret',
    'GET /api/v1/elsewhere secret',
    'GET /there undefined',
    'POST /api/v1/optim_step secret',
  ])
  for (const { server } of [first, other]) server.close()
})

it('an answer without end is refused, and not asked for again', async () => {
  let asked = 0
  const server = createServer((_, response) => {
    asked++
    const write = () => response.write(Buffer.alloc(1 << 16), (lost) => (lost ? undefined : write()))
    write()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createClient({ url, patienceSeconds: 60, operationSeconds: 60 })
  const most = 3 << 20
  await expect(client.download('archive', most)).rejects.toThrow('longer than 3 MB')
  await expect(client.request('get_info', {}, anything, { maxBytes: most })).rejects.toThrow(
    'longer than 3 MB',
  )
  expect(asked).toBe(2)
  server.closeAllConnections()
  server.close()
})
