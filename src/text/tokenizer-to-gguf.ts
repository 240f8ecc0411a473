/**
 * A tokenizer.json as the metadata of a GGUF file: byte-level BPE (`gpt2`) and SentencePiece's BPE (`llama`). A file
 * can only name llama.cpp's own ways of cutting text; where a tokenizer has another one, the whole tokenizer.json goes
 * along for readers that want it, as r1 does, and `exact` is false.
 */
import type { GgufValue } from '../disk/write-gguf.ts'
import { CheckpointError } from '../errors.ts'
import { preTokenizerName } from './byte-level-bpe.ts'
import { type Tokenizer, writesFirstToken } from './tokenizer.ts'

interface TokenizerJson {
  added_tokens?: { id: number; content: string; special: boolean }[]
  normalizer?: unknown
  pre_tokenizer?: unknown
  model: {
    type?: string
    vocab: Record<string, number>
    merges?: (string | [string, string])[]
    unk_token?: string | null
    byte_fallback?: boolean
    ignore_merges?: boolean
  }
}

const TYPES = { normal: 1, unknown: 2, control: 3, added: 4, unused: 5, byte: 6 } as const

export interface GgufTokenizer {
  metadata: Map<string, GgufValue>
  /** Whether llama.cpp cuts text as the tokenizer does. */
  exact: boolean
}

/** `rows` are those of the embedding, which may be more than the tokenizer's tokens. */
export function ggufTokenizer(tokenizer: Tokenizer, rows: number): GgufTokenizer {
  const text = tokenizer.files['tokenizer.json']!
  const json = JSON.parse(text) as TokenizerJson
  const { vocab, merges = [], byte_fallback: sentencePiece = false, unk_token: unknown } = json.model
  if (json.model.type !== undefined && json.model.type !== 'BPE')
    throw new CheckpointError('llama.cpp has no such tokenizer.', {
      field: 'tokenizer.json: model.type',
      value: json.model.type,
      expected: 'BPE',
      remedy: 'Export the model as safetensors.',
    })
  const tokens = Array.from({ length: rows }, (_, id) => `[PAD${id}]`)
  const types = new Int32Array(rows).fill(TYPES.unused)
  for (const [token, id] of Object.entries(vocab)) {
    tokens[id] = token
    const byte = sentencePiece && /^<0x[0-9A-F]{2}>$/.test(token)
    types[id] = token === unknown ? TYPES.unknown : byte ? TYPES.byte : TYPES.normal
  }
  for (const { id, content, special } of json.added_tokens ?? []) {
    tokens[id] = content
    if (types[id] !== TYPES.unknown) types[id] = special ? TYPES.control : TYPES.added
  }
  const pairs = merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')))
  const name = preTokenizerName(json)
  const own: [string, GgufValue][] = sentencePiece
    ? [
        ['model', 'llama'],
        ['pre', 'default'],
        ['scores', scoresOf(tokens, pairs)],
        ['add_space_prefix', JSON.stringify(json.normalizer ?? null).includes('"Prepend"')],
      ]
    : [
        ['model', 'gpt2'],
        ['pre', name ?? (json.model.ignore_merges ? 'llama-bpe' : 'gpt-2')],
        ['merges', pairs],
      ]
  const exact = sentencePiece || name !== undefined
  const { bosToken, eosToken, padToken, chatTemplate } = tokenizer
  const special = { bos: bosToken, eos: eosToken, padding: padToken, unknown: unknown ?? undefined }
  const named = Object.entries(special).map(([key, token]) => [
    key,
    token === undefined ? undefined : tokenizer.idOf(token),
  ])
  const endOfTurn = tokenizer.stopIds.find((id) => tokenizer.tokenOf(id) !== eosToken)
  const ids = [...named, ['eot', endOfTurn] as const].flatMap(([key, id]): [string, GgufValue][] =>
    id === undefined ? [] : [[`${key}_token_id`, { uint32: id as number }]],
  )
  const entries: [string, GgufValue][] = [
    ...own,
    ['tokens', tokens],
    ['token_type', types],
    ...ids,
    // Templates write their own first token.
    ['add_bos_token', chatTemplate === undefined && writesFirstToken(tokenizer)],
  ]
  return {
    exact,
    metadata: new Map<string, GgufValue>([
      ...entries.map(([key, value]): [string, GgufValue] => [`tokenizer.ggml.${key}`, value]),
      ...(chatTemplate === undefined ? [] : [['tokenizer.chat_template', chatTemplate] as const]),
      ...(exact ? [] : [['tokenizer.huggingface.json', text] as const]),
    ]),
  }
}

/** The earlier a token is merged, the better its score; what is never merged has the worst. */
function scoresOf(tokens: readonly string[], merges: readonly string[]): Float32Array {
  const ranks = new Map<string, number>()
  merges.forEach((merge, rank) => {
    const token = merge.replace(' ', '')
    if (!ranks.has(token)) ranks.set(token, rank)
  })
  return Float32Array.from(tokens, (token) => -(ranks.get(token) ?? merges.length))
}
