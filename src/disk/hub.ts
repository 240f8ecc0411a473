/**
 * Fetches a model from the Hugging Face hub, or from a server that speaks its protocol: the files that r1 reads, at one
 * commit, each checked against the size and hash that the hub lists. Files wait in a folder beside the target until all
 * are there; a later call continues with them. `hub-dataset.ts` fetches data sets by the same way. `hub-push.ts` uploads.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import {
  datasetInfo,
  downloadFile,
  HubApiError,
  type ListFileEntry,
  listFiles,
  modelInfo,
} from '@huggingface/hub'
import { CheckpointError, ConfigError } from '../errors.ts'
import { isHubName } from './hub-name.ts'
import { replaceFile, syncFolder } from './replace-file.ts'

export interface PullOptions {
  /** owner/name */
  repo: string
  /** What the repository is; a model by default. */
  type?: 'model' | 'dataset'
  /** A branch, tag or commit. */
  revision?: string
  /** Exactly these files, instead of those of a model folder. */
  files?: readonly string[]
  /** The folder to make. */
  output: string
  endpoint?: string
  token?: string | undefined
  signal?: AbortSignal
  /** Called now and then with the bytes that are there, of all that are wanted. */
  onProgress?: (done: number, total: number, file: string) => void
  /** Seconds before the first new try after a cut connection; each next one waits twice as long. */
  retrySeconds?: number
}

export interface Pulled {
  repo: string
  /** The commit. */
  revision: string
  folder: string
  files: readonly string[]
  bytes: number
}

const TRIES = 5
/** DeepSeek-V3 has 178; a list without an end is no model's. */
const MOST_FILES = 10_000
/** One answer of the hub about a model: a page of a thousand files takes half a megabyte. */
const LARGEST_LIST = 50_000_000
/** Says in the folder what was fetched. */
const RECORD = '.pulled.json'
const MODEL_FILE =
  /^(config\.json|generation_config\.json|tokenizer\.json|tokenizer_config\.json|special_tokens_map\.json|chat_template\.jinja|model\.safetensors\.index\.json|model(-\d+-of-\d+)?\.safetensors|README\.md|LICENSE.*)$/

/** Which hub, and who asks it, as HF_ENDPOINT and HF_TOKEN say. */
export function hubAccess({ HF_ENDPOINT, HF_TOKEN }: NodeJS.ProcessEnv = process.env) {
  return { ...(HF_ENDPOINT && { endpoint: HF_ENDPOINT }), ...(HF_TOKEN && { token: HF_TOKEN }) }
}

export const pullModel = (options: PullOptions): Promise<Pulled> =>
  pullFiles(options, (entries) => modelFiles(options.repo, options.files, entries))

/** `choose` gets all files of the repository and gives those that are wanted. */
export async function pullFiles(
  options: PullOptions,
  choose: (entries: ListFileEntry[]) => ListFileEntry[],
): Promise<Pulled> {
  const { repo, type = 'model', output, signal, onProgress } = options
  const hub = hubOf(options)
  const asked = { ...hub.access, name: repo, revision: options.revision ?? 'main' }
  const { sha: revision } = await hub.ask(async () =>
    type === 'model'
      ? await modelInfo({ ...asked, additionalFields: ['sha'] })
      : await datasetInfo({ ...asked, additionalFields: ['sha'] }),
  )
  // It becomes part of a path.
  if (!/^[0-9a-f]{40}$/.test(revision))
    throw new CheckpointError('the hub names no commit.', {
      field: repo,
      value: revision,
      expected: '40 hexadecimal digits',
      remedy: 'Check HF_ENDPOINT.',
    })
  const known = await readRecord(output)
  if (known?.repo === repo && known.revision === revision && sameFiles(known.files, options.files))
    return known
  if (existsSync(output))
    throw new ConfigError('is there already.', {
      field: output,
      remedy: 'Name another folder with --output, or remove it.',
    })
  const wanted = choose(
    await hub.ask(() =>
      listed(repo, listFiles({ ...hub.access, repo: { type, name: repo }, revision, recursive: true })),
    ),
  )
  const total = wanted.reduce((sum, { size }) => sum + size, 0)
  const beside = join(dirname(resolve(output)), `.${basename(output)}.${revision.slice(0, 12)}.partial`)
  await mkdir(beside, { recursive: true })
  let before = 0
  for (const entry of wanted) {
    await fetchFile(join(beside, entry.path), entry, { ...options, revision }, hub, (done) =>
      onProgress?.(before + done, total, entry.path),
    )
    signal?.throwIfAborted()
    before += entry.size
  }
  const pulled = { repo, revision, folder: output, files: wanted.map(({ path }) => path), bytes: total }
  await replaceFile(join(beside, RECORD), `${JSON.stringify(pulled, null, 2)}\n`)
  await rename(beside, output)
  await syncFolder(dirname(resolve(output)))
  return pulled
}

/** What a folder that was pulled says of itself. */
export async function readRecord(folder: string): Promise<Pulled | undefined> {
  const text = await readFile(join(folder, RECORD), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : { ...(JSON.parse(text) as Pulled), folder }
}

const sameFiles = (there: readonly string[], asked: readonly string[] | undefined) =>
  asked === undefined || [...asked].sort().join('\n') === [...there].sort().join('\n')

async function listed(repo: string, files: AsyncIterable<ListFileEntry>): Promise<ListFileEntry[]> {
  const entries: ListFileEntry[] = []
  for await (const entry of files) {
    if (entry.type === 'file' && isSafe(entry.path) && Number.isSafeInteger(entry.size) && entry.size >= 0)
      entries.push(entry)
    if (entries.length > MOST_FILES)
      throw new CheckpointError(`lists more than ${MOST_FILES} files.`, {
        field: repo,
        remedy: 'Take another repository.',
      })
  }
  return entries
}

function modelFiles(
  repo: string,
  asked: readonly string[] | undefined,
  entries: readonly ListFileEntry[],
): ListFileEntry[] {
  const gguf = entries.filter(({ path }) => path.endsWith('.gguf')).map(({ path }) => path)
  if (asked !== undefined)
    return asked.map((path) => {
      const found = entries.find((entry) => entry.path === path)
      if (found !== undefined) return found
      throw new ConfigError('there is no such file.', {
        field: `${repo}/${path}`,
        expected: `one of ${entries
          .slice(0, 20)
          .map((entry) => entry.path)
          .join(', ')}`,
      })
    })
  const wanted = entries.filter(({ path }) => MODEL_FILE.test(path))
  if (wanted.some(({ path }) => path.endsWith('.safetensors'))) return wanted
  throw new CheckpointError('has no model.safetensors.', {
    field: repo,
    remedy:
      gguf.length > 0
        ? `Choose a file with --file: ${gguf.slice(0, 12).join(', ')}.`
        : 'Take another repository of the model.',
  })
}

/** A path that stays inside the folder on every system. */
const isSafe = (path: string) =>
  !path.split('/').some((part) => part === '..' || part === '.' || part === '') && !/[\\:\0]/.test(path)

type Hub = ReturnType<typeof hubOf>

/** The hub that is asked, and a way to ask it. */
export function hubOf({
  repo,
  type = 'model',
  endpoint = 'https://huggingface.co',
  token,
  revision,
  signal,
}: Pick<PullOptions, 'repo' | 'type' | 'endpoint' | 'token' | 'revision' | 'signal'>) {
  if (!isHubName(repo))
    throw new ConfigError(`is not the name of a ${type}.`, { field: repo, expected: 'owner/name' })
  const hubUrl = endpoint.replace(/\/+$/, '')
  const access = {
    hubUrl,
    ...(token === undefined ? {} : { accessToken: token }),
    fetch: fetchAtMost(LARGEST_LIST),
  }
  function fetchAtMost(bytes: number): typeof fetch {
    return async (url, init) =>
      atMost(bytes, await fetch(url, { ...init, ...(signal === undefined ? {} : { signal }) }))
  }
  /** Calls the hub; what the user can mend becomes one sentence. */
  async function ask<T>(call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (cause) {
      const status = cause instanceof HubApiError ? cause.statusCode : undefined
      const place = { field: revision === undefined ? repo : `${repo} at ${revision}`, cause }
      if (status === 401 || status === 403)
        throw new ConfigError(
          token === undefined
            ? 'is not there, or not for everybody.'
            : 'is not there, or not for this token.',
          {
            ...place,
            remedy: `Check the name; for a gated or private model accept its terms at ${hubUrl}/${repo} and set HF_TOKEN.`,
          },
        )
      if (status === 404)
        throw new ConfigError('is not there.', {
          ...place,
          remedy: `Check owner, name and revision at ${hubUrl}.`,
        })
      if (status !== undefined)
        throw new CheckpointError(`the hub answered with status ${status}.`, {
          ...place,
          remedy: 'Try again later.',
        })
      if (cause instanceof TypeError && /access token/.test(cause.message))
        throw new ConfigError('is not an access token.', {
          field: 'HF_TOKEN',
          expected: 'a token that starts with hf_',
        })
      if (cause instanceof TypeError)
        throw new CheckpointError(`cannot be reached (${reason(cause)}).`, {
          field: hubUrl,
          remedy: 'Check the connection; HF_ENDPOINT names another hub.',
          cause,
        })
      throw cause
    }
  }
  return { access, ask, fetchAtMost }
}

/** The same response, whose body fails after this many bytes: the library holds some bodies in memory as a whole. */
function atMost(bytes: number, response: Response): Response {
  if (response.body === null) return response
  let arrived = 0
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      arrived += chunk.length
      if (arrived > bytes) controller.error(new Error(`more than the announced ${bytes} bytes`))
      else controller.enqueue(chunk)
    },
  })
  const { status, statusText, headers, url } = response
  const bounded = new Response(response.body.pipeThrough(counted), { status, statusText, headers })
  return Object.defineProperty(bounded, 'url', { value: url })
}

/** What went wrong, in a few words. A failed fetch has it in its cause; a stream of the library only as text. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause as { code?: string; message?: string } | undefined
  return (cause?.code ?? cause?.message ?? error.message).replace(/\.$/, '')
}

/** Fetches the missing part of a file. A file under its own name is whole and checked. */
async function fetchFile(
  path: string,
  entry: ListFileEntry,
  { repo, type = 'model', revision, signal, retrySeconds = 1 }: PullOptions & { revision: string },
  hub: Hub,
  onBytes: (done: number) => void,
): Promise<void> {
  const { size } = entry
  if (existsSync(path)) return onBytes(size)
  await mkdir(dirname(path), { recursive: true })
  const partial = `${path}.part`
  const there = await stat(partial).then(
    (info) => info.size,
    () => 0,
  )
  if (there > size) await rm(partial)
  const hash = expectedHash(entry)
  let done = there > size ? 0 : there
  if (done > 0) for await (const chunk of createReadStream(partial)) hash.update(chunk as Buffer)
  const file = await open(partial, 'a')
  try {
    for (let failures = 0; done < size; ) {
      const start = done
      try {
        const blob = await hub.ask(() =>
          downloadFile({
            ...hub.access,
            fetch: hub.fetchAtMost(size),
            repo: { type, name: repo },
            revision,
            path: entry.path,
          }),
        )
        if (blob === null || blob.size !== size)
          throw changed(repo, entry, `${blob?.size ?? 'no'} bytes`, `${size}`)
        const body = done === 0 ? blob : blob.slice(done)
        for await (const chunk of body.stream()) {
          signal?.throwIfAborted()
          if (done + chunk.length > size) throw changed(repo, entry, `more than ${size} bytes`, `${size}`)
          await file.writeFile(chunk)
          hash.update(chunk)
          done += chunk.length
          onBytes(done)
        }
        if (done < size) throw new Error('the connection ended early')
      } catch (cause) {
        signal?.throwIfAborted()
        if (cause instanceof ConfigError || isFinal(cause)) throw cause
        failures = done > start ? 1 : failures + 1
        if (failures >= TRIES) throw cut(repo, entry, done, cause)
        await setTimeout(
          1000 * retrySeconds * 2 ** (failures - 1),
          undefined,
          signal === undefined ? {} : { signal },
        )
      }
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const found = hash.digest()
  if (done !== size || found !== hash.expected) {
    await rm(partial)
    throw changed(repo, entry, `${hash.name} ${found}`, hash.expected)
  }
  await rename(partial, path)
}

const isFinal = (error: unknown) => error instanceof CheckpointError && error.details.expected !== undefined

/** The hub lists the SHA-256 of large files, and of small ones the id that git gives them. */
function expectedHash({ oid, lfs, size }: ListFileEntry) {
  const name = lfs === undefined ? 'sha1' : 'sha256'
  const hash = createHash(name)
  if (lfs === undefined) hash.update(`blob ${size}\0`)
  return {
    name,
    expected: lfs?.oid ?? oid ?? '',
    update: (chunk: Uint8Array) => void hash.update(chunk),
    digest: () => hash.digest('hex'),
  }
}

const changed = (repo: string, { path }: ListFileEntry, found: string, expected: string) =>
  new CheckpointError(`came with ${found}.`, {
    field: `${repo}/${path}`,
    expected,
    remedy: 'It was damaged on the way and has been thrown away; pull again.',
  })

const cut = (repo: string, { path, size }: ListFileEntry, done: number, cause: unknown) =>
  new CheckpointError(`given up after ${TRIES} tries at byte ${done} of ${size} (${reason(cause)}).`, {
    field: `${repo}/${path}`,
    remedy: 'Pull again to continue from there.',
    cause,
  })
