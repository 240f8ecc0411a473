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

export interface Pushed {
  created: Record<string, unknown>[]
  /** Large files by their SHA-256. */
  uploads: Record<string, Buffer>
  commits: { key: string; value: Record<string, unknown> }[][]
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
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
  const pushed: Pushed = { created: [], uploads: {}, commits: [] }
  /** What uploads ask, in order; false where it is another request. */
  async function upload(request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> {
    if (request.method !== 'POST' && request.method !== 'PUT') return false
    const body = await bytesOf(request)
    if (request.method === 'PUT') {
      pushed.uploads[path.replace('/upload/', '')] = body
      response.writeHead(200).end()
    } else if (path === '/api/repos/create') {
      const known = pushed.created.length > 0
      pushed.created.push(JSON.parse(body.toString()))
      json(
        response,
        known ? 409 : 200,
        known ? { error: 'You already created this model' } : { url: 'x', id: '1' },
      )
    } else if (path === '/api/models/o/n/preupload/main') {
      const asked = JSON.parse(body.toString()) as { files: { path: string }[] }
      const uploadMode = (name: string) => (LARGE.test(name) ? 'lfs' : 'regular')
      json(response, 200, {
        files: asked.files.map(({ path: name }) => ({ path: name, uploadMode: uploadMode(name) })),
      })
    } else if (path === '/o/n.git/info/lfs/objects/batch') {
      const { objects } = JSON.parse(body.toString()) as { objects: { oid: string; size: number }[] }
      const href = (oid: string) => `http://${request.headers.host}/upload/${oid}`
      json(response, 200, {
        transfer: 'basic',
        objects: objects.map((object) => ({ ...object, actions: { upload: { href: href(object.oid) } } })),
      })
    } else if (path === '/api/models/o/n/commit/main') {
      pushed.commits.push(
        body
          .toString()
          .split('\n')
          .map((line) => JSON.parse(line)),
      )
      json(response, 200, { success: true, commitOid: COMMIT, commitUrl: 'x', hookOutput: '' })
    } else return false
    return true
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    requests++
    const path = decodeURIComponent(new URL(request.url!, 'http://x').pathname)
    // Storage is asked by addresses that are secret themselves.
    const stores = request.method === 'PUT'
    if (!stores && token !== undefined && request.headers.authorization !== `Bearer ${token}`)
      return json(response, 401, { error: 'Invalid credentials' })
    if (await upload(request, response, path)) return
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
    pushed,
    requests: () => requests,
  }
}

export function closeHubs(): void {
  for (const server of servers.splice(0)) server.close()
}
