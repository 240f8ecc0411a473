/** Files that a stranger could hand to r1 to end it, fill its memory or keep it busy. */
import assert from 'node:assert/strict'
import {
  closeSync,
  createWriteStream,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { readCsv } from '../../src/disk/csv.ts'
import { openGguf } from '../../src/disk/gguf.ts'
import { readJsonl } from '../../src/disk/jsonl.ts'
import { openSafetensors } from '../../src/disk/safetensors.ts'
import { readModelConfig } from '../../src/engine/embedded/model-folder.ts'
import { UserError } from '../../src/errors.ts'
import { compileChatTemplate } from '../../src/text/chat-template.ts'
import { loadTokenizer } from '../../src/text/load-tokenizer.ts'
import type { Attack } from './attack.ts'

const HOLDS = 'One sentence that names the file, within seconds, and not more than 700 MB of memory.'
const LARGEST_RSS = 700e6

/** A folder for one attack, and what must become of it. */
function file(
  name: string,
  quick: boolean,
  message: RegExp,
  attack: (folder: string) => Promise<unknown>,
): Attack {
  return {
    name,
    holds: HOLDS,
    quick,
    seconds: 60,
    heapMb: 512,
    async run() {
      const folder = mkdtempSync(join(tmpdir(), 'r1-attack-'))
      try {
        const error: unknown = await attack(folder).then(
          () => undefined,
          (reason: unknown) => reason,
        )
        assert.ok(error instanceof UserError, `not a sentence: ${error}`)
        assert.match(error.message, message)
        const { maxRSS } = process.resourceUsage()
        assert.ok(maxRSS * 1024 < LARGEST_RSS, `${Math.round(maxRSS / 1024)} MB of memory`)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}

function sparse(path: string, start: string | Buffer, bytes: number): string {
  const handle = openSync(path, 'w')
  writeSync(handle, Buffer.from(start))
  ftruncateSync(handle, bytes)
  closeSync(handle)
  return path
}

async function readAll(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of rows);
}

/** A gzip file of `chunk` again and again. */
async function packed(path: string, chunk: Buffer, times: number): Promise<string> {
  const chunks = Readable.from(
    (function* () {
      for (let i = 0; i < times; i++) yield chunk
    })(),
  )
  await pipeline(chunks, createGzip(), createWriteStream(path))
  return path
}

function model(folder: string, config: Record<string, unknown>, tokenizer: unknown = {}): string {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...LLAMA, ...config }))
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizer))
  return folder
}
const LLAMA = {
  model_type: 'llama',
  vocab_size: 32,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
}

function header(length: bigint, json = ''): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64LE(length)
  return Buffer.concat([bytes, Buffer.from(json)])
}

const ggufHead = (tensors: bigint, pairs: bigint) =>
  Buffer.concat([
    Buffer.from('GGUF'),
    Buffer.from([3, 0, 0, 0]),
    header(tensors),
    header(pairs),
    Buffer.alloc(256, 0xff),
  ])

const round = (body: string) => `{% for a in range(100000) %}${body}{% endfor %}`
const template = (source: string) => async () => compileChatTemplate({ chat_template: source })([])

const tokenizer = (pattern: string) => ({
  version: '1.0',
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
  post_processor: null,
  decoder: null,
  model: { type: 'BPE', vocab: { a: 0, b: 1 }, merges: [] },
})

export const attacks: Attack[] = [
  file('a line of 600 MB', true, /line is longer than 256 MB/, (folder) =>
    readAll(readJsonl(sparse(join(folder, 'a.jsonl'), '{"a":"', 600e6))),
  ),
  file('a gzip file without an end', false, /unpacks to more than 200 times/, async (folder) =>
    readAll(readJsonl(await packed(join(folder, 'a.jsonl.gz'), Buffer.alloc(1 << 20, '\n'), 300))),
  ),
  file('a gzip file of one line', false, /unpacks to more than 200 times/, async (folder) =>
    readAll(readJsonl(await packed(join(folder, 'a.jsonl.gz'), Buffer.alloc(1 << 20, 'a'), 300))),
  ),
  file('a CSV file of 3 GB', true, /larger than 256 MB/, (folder) =>
    readCsv(sparse(join(folder, 'a.csv'), 'a,b\n', 3e9)),
  ),
  file('a device without an end', false, /larger than 256 MB/, () => readCsv('/dev/zero')),
  file('a configuration of a billion layers', true, /num_hidden_layers/, (folder) =>
    readModelConfig(model(folder, { num_hidden_layers: 1e9 })),
  ),
  file(
    'a configuration of a terabyte beside small weights',
    true,
    /the weights beside it hold 1\./,
    (folder) => {
      model(folder, { vocab_size: 100_000_000, hidden_size: 4096 })
      const json = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
      writeFileSync(
        join(folder, 'model.safetensors'),
        Buffer.concat([header(BigInt(json.length), json), Buffer.alloc(4)]),
      )
      return readModelConfig(folder)
    },
  ),
  file('a configuration of 3 GB', false, /larger than 256 MB/, (folder) => {
    sparse(join(folder, 'config.json'), '{', 3e9)
    return readModelConfig(folder)
  }),
  file('a safetensors header of 2^63 bytes', true, /claims \d+ bytes/, (folder) =>
    openSafetensors(sparse(join(folder, 'a.safetensors'), header(1n << 63n), 1000)),
  ),
  file('a safetensors header nested a million deep', false, /header|dtype/, (folder) => {
    const json = `{"a":${'['.repeat(1e6)}${']'.repeat(1e6)}}`
    writeFileSync(join(folder, 'a.safetensors'), header(BigInt(json.length), json))
    return openSafetensors(join(folder, 'a.safetensors'))
  }),
  file('a GGUF file of 2^60 tensors', true, /not a whole GGUF file/, (folder) => {
    writeFileSync(join(folder, 'a.gguf'), ggufHead(1n << 60n, 1n))
    return openGguf(join(folder, 'a.gguf'))
  }),
  file('a GGUF file of strings without an end', false, /not a whole GGUF file/, (folder) => {
    writeFileSync(join(folder, 'a.gguf'), ggufHead(1n, 1000n))
    return openGguf(join(folder, 'a.gguf'))
  }),
  file('a Git LFS pointer for weights', true, /Git LFS pointer.*git lfs pull/, (folder) => {
    writeFileSync(join(folder, 'model.safetensors'), LFS)
    return openSafetensors(folder)
  }),
  file('a Git LFS pointer for a tokenizer', true, /tokenizer\.json: a Git LFS pointer/, (folder) => {
    writeFileSync(join(folder, 'tokenizer.json'), LFS)
    return loadTokenizer(folder)
  }),
  file('a tokenizer whose pattern explodes', true, /tokenizer\.json: cannot cut a text/, async (folder) => {
    const loaded = await loadTokenizer(model(folder, {}, tokenizer('^(a|aa)+$')))
    loaded.encode(`${'a'.repeat(60)}b`)
  }),
  file(
    'a tokenizer whose pattern grows with a power',
    false,
    /tokenizer\.json: cannot cut a text/,
    async (folder) => {
      const loaded = await loadTokenizer(model(folder, {}, tokenizer('a*a*a*a*a*c')))
      loaded.encode('a'.repeat(5000))
    },
  ),
  file('a template that loops forever', true, /more than \d+ steps/, template(round(round(round(''))))),
  file(
    'a template that doubles a text forever',
    false,
    /more than \d+ steps/,
    template(`{% set n = namespace(x='ab') %}${round('{% set n.x = n.x ~ n.x %}')}`),
  ),
  file(
    'a template that nests a list forever',
    true,
    /nests without end/,
    template(`{% set n = namespace(x=[1]) %}${round('{% set n.x = [n.x, n.x] %}')}{{ n.x | tojson }}`),
  ),
]

const LFS = `version https://git-lfs.github.com/spec/v1
oid sha256:${'0'.repeat(64)}
size 123456789
`
