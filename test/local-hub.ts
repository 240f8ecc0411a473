/** A local server that plays the Hugging Face hub for the repository `o/n`, a model or a data set. */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const LARGE = /safetensors|bin|gguf/
export const hashOf = (name: string, ...parts: (string | Buffer)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(name)).digest('hex')

export interface Behaviour {
  files: Record<string, Buffer>
  type?: 'model' | 'dataset'
  /** Sends something else than it lists. */
  sent?: Record<string, Buffer>
  /** The commit that it names. */
  sha?: string
  /** Announces the size that it lists, and sends the whole of what it has. */
  whole?: boolean
  /** The token that it wants. */
  token?: string
  /** How often a file's body is cut after this many bytes. */
  cuts?: { times: number; after: number }
}

const servers: { close(): void }[] = []
/** The hub, and what was asked of it. */
export async function startHub({
  files,
  type = 'model',
  sent = {},
  sha = COMMIT,
  whole = false,
  token,
  cuts = { times: 0, after: 0 },
}: Behaviour) {
  let left = cuts.times
  const ranges: string[] = []
  let requests = 0
  const json = (response: ServerResponse, status: number, value: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests++
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname)
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, { error: 'Invalid credentials' })
    if (path === `/api/${type}s/o/n/revision/main`)
      return json(response, 200, { _id: '1', id: 'o/n', sha, tags: [] })
    if (path === `/api/${type}s/o/n/tree/${COMMIT}`)
      return json(
        response,
        200,
        Object.entries(files).map(([name, data]) => ({
          type: 'file',
          path: name,
          size: data.length,
          oid: hashOf('sha1', `blob ${data.length}\0`, data),
          ...(LARGE.test(name)
            ? { lfs: { oid: hashOf('sha256', data), size: data.length, pointerSize: 130 } }
            : {}),
        })),
      )
    const name = path.replace(`${type === 'dataset' ? '/datasets' : ''}/o/n/resolve/${COMMIT}/`, '')
    const data = sent[name] ?? files[name]
    if (data === undefined) return json(response, 404, { error: 'Repository not found' })
    if (whole && request.headers.range !== 'bytes=0-0')
      return response.writeHead(200, { etag: '"x"' }).end(data)
    const announced = files[name]?.length ?? data.length
    const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? '') ?? []
    if (from !== undefined && to !== '0') ranges.push(`${name} ${from}-${to}`)
    const [start, end] = [Number(from ?? 0), Math.min(Number(to ?? data.length - 1), data.length - 1)]
    response.writeHead(from === undefined ? 200 : 206, {
      etag: '"x"',
      'content-length': end + 1 - start,
      'content-range': `bytes ${start}-${end}/${whole ? announced : data.length}`,
    })
    if (end - start > cuts.after && left > 0) {
      left--
      return response.write(data.subarray(start, start + cuts.after), () =>
        setTimeout(() => response.destroy(), 20),
      )
    }
    return response.end(data.subarray(start, end + 1))
  }
  const server = createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  servers.push({ close: () => server.close().closeAllConnections() })
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ranges,
    requests: () => requests,
  }
}

export function closeHubs(): void {
  for (const server of servers.splice(0)) server.close()
}
