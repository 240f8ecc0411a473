/**
 * A proxy that does to requests what networks and servers do now and then: fails them, loses their answers, sends them
 * twice, delays them, or refuses connections for a while. What happens to a request is drawn from a seed and its number.
 */
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { randomStream } from '../src/random.ts'

export interface FaultyProxy {
  url: string
  /** How often each thing happened. */
  counts: Record<'failed' | 'lost' | 'duplicated' | 'delayed' | 'refused', number>
  /** Nobody is reached for so long. */
  refuse(milliseconds: number): void
  close(): Promise<void>
}

/** `rate` is the share of requests that each of the first four happens to. */
export async function startFaultyProxy(target: string, rate: number, seed = 1): Promise<FaultyProxy> {
  const counts = { failed: 0, lost: 0, duplicated: 0, delayed: 0, refused: 0 }
  let number = 0
  let until = 0
  const server = createServer(async (incoming, outgoing) => {
    const body = await whole(incoming)
    if (performance.now() < until) {
      counts.refused++
      return outgoing.socket?.destroy()
    }
    const draw = randomStream(seed, 'fault', number++).uniform()
    const fault = (['failed', 'lost', 'duplicated', 'delayed'] as const)[Math.floor(draw / rate)]
    if (fault !== undefined) counts[fault]++
    if (fault === 'failed') return void outgoing.writeHead(503).end('{"detail": "try later"}')
    if (fault === 'delayed') await sleep(200)
    if (fault === 'duplicated') await forward(target, incoming, body)
    const answer = await forward(target, incoming, body)
    if (fault === 'lost') return outgoing.socket?.destroy()
    outgoing.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    refuse(milliseconds) {
      until = performance.now() + milliseconds
    },
    async close() {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

interface Answer {
  status: number
  headers: Record<string, string>
  body: Buffer
}

function forward(target: string, { method, url, headers }: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { host: _, connection: __, ...rest } = headers
    const outgoing = request(new URL(url!, target), { method: method!, headers: rest }, async (response) => {
      resolve({
        status: response.statusCode!,
        headers: { 'content-type': response.headers['content-type'] ?? '' },
        body: await whole(response),
      })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of message) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
