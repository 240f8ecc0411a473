/**
 * The tokenizer inside a GGUF file as Hugging Face's files: byte-level BPE (`gpt2`) and SentencePiece's BPE (`llama`).
 * A `tokenizer.huggingface.json` in the file, which r1 writes, is taken as it is.
 */
import type { GgufMetadata } from '../disk/gguf.ts'
import { CheckpointError } from '../errors.ts'
import { PRE_TOKENIZERS } from './byte-level-bpe.ts'
import { addedToken, type ScoredToken, sentencePieceTokenizer } from './sentencepiece-bpe.ts'

/** Indexed by `tokenizer.ggml.token_type`. */
const KINDS: readonly ScoredToken['kind'][] = [
  'normal',
  'normal',
  'unknown',
  'control',
  'added',
  'control',
  'byte',
]

/** tokenizer.json and tokenizer_config.json; `path` names the file in errors. */
export function tokenizerFilesFromGguf(metadata: GgufMetadata, path: string): Record<string, string> {
  const own = metadata['tokenizer.huggingface.json']
  const tokenizer =
    typeof own === 'string'
      ? own
      : JSON.stringify({ ...tokenizerJson(metadata, path), post_processor: beginning(metadata) })
  const stops = stopIds(metadata)
  return {
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': `${JSON.stringify(tokenizerConfig(metadata), null, 2)}\n`,
    ...(stops.length > 0 && {
      'generation_config.json': `${JSON.stringify({ eos_token_id: stops }, null, 2)}\n`,
    }),
  }
}

/** Tokens that end a turn by their name, as llama.cpp knows them, where the template has them. */
const TURN_ENDS = ['<|im_end|>', '<|eot_id|>', '<end_of_turn>', '<|end|>']

function stopIds(metadata: GgufMetadata): number[] {
  const tokens = (metadata['tokenizer.ggml.tokens'] ?? []) as string[]
  const template = String(metadata['tokenizer.chat_template'] ?? '')
  const named = ['eos', 'eot'].flatMap((name) => {
    const id = metadata[`tokenizer.ggml.${name}_token_id`]
    return id === undefined ? [] : [Number(id)]
  })
  const ends = TURN_ENDS.filter((token) => template.includes(token)).map((token) => tokens.indexOf(token))
  return [...new Set([...named, ...ends.filter((id) => id >= 0)])]
}

function tokenizerJson(metadata: GgufMetadata, path: string): object {
  const at = (key: string) => metadata[`tokenizer.ggml.${key}`]
  const unsupported = (key: string, expected: string) =>
    new CheckpointError(at(key) === undefined ? 'missing.' : 'not supported.', {
      field: `${path}: tokenizer.ggml.${key}`,
      ...(at(key) === undefined ? {} : { value: at(key) }),
      expected,
      remedy: 'Take the model as safetensors with its tokenizer.json.',
    })
  const list = <T>(key: string): T[] => {
    const values = at(key)
    if (!Array.isArray(values)) throw unsupported(key, 'a list')
    return values as T[]
  }
  const model = at('model')
  if (model !== 'gpt2' && model !== 'llama') throw unsupported('model', 'gpt2 or llama')
  const texts = list<string>('tokens')
  const types = at('token_type') === undefined ? texts.map(() => 1) : list<number>('token_type')
  const kinds = texts.map((_, id) => KINDS[types[id] ?? 1] ?? 'normal')
  if (model === 'llama') {
    const scores = list<number>('scores')
    return sentencePieceTokenizer(
      texts.map((text, id) => ({ text, score: scores[id] ?? 0, kind: kinds[id]! })),
      { addSpacePrefix: at('add_space_prefix') !== false },
    )
  }
  const cut = PRE_TOKENIZERS[String(at('pre'))]
  if (cut === undefined) throw unsupported('pre', `one of ${Object.keys(PRE_TOKENIZERS).join(', ')}`)
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: texts.flatMap((text, id) =>
      kinds[id] === 'normal' ? [] : [addedToken(id, text, kinds[id] !== 'added')],
    ),
    normalizer: cut.normalizer,
    pre_tokenizer: cut.pre_tokenizer,
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: cut.ignoreMerges,
      vocab: Object.fromEntries(texts.map((text, id) => [text, id])),
      // Left out of the file where there are none.
      merges: at('merges') === undefined ? [] : list<string>('merges'),
    },
  }
}

/** Writes the first token of a text, where the file says so; of SentencePiece's also where it says nothing. */
function beginning(metadata: GgufMetadata): object | null {
  const writes = metadata['tokenizer.ggml.add_bos_token'] ?? metadata['tokenizer.ggml.model'] === 'llama'
  const id = metadata['tokenizer.ggml.bos_token_id']
  const token = (metadata['tokenizer.ggml.tokens'] as string[] | undefined)?.[Number(id)]
  if (writes !== true || id === undefined || token === undefined) return null
  const [text, pair] = ['A', 'B'].map((letter) => ({ Sequence: { id: letter, type_id: 0 } }))
  const first = { SpecialToken: { id: token, type_id: 0 } }
  return {
    type: 'TemplateProcessing',
    single: [first, text],
    pair: [first, text, pair],
    special_tokens: { [token]: { id: token, ids: [Number(id)], tokens: [token] } },
  }
}

function tokenizerConfig(metadata: GgufMetadata): object {
  const tokens = metadata['tokenizer.ggml.tokens'] as string[] | undefined
  const token = (name: string) => {
    const id = metadata[`tokenizer.ggml.${name}_token_id`]
    return id === undefined ? null : (tokens?.[Number(id)] ?? null)
  }
  const template = metadata['tokenizer.chat_template']
  return {
    tokenizer_class: 'PreTrainedTokenizerFast',
    bos_token: token('bos'),
    eos_token: token('eos'),
    unk_token: token('unknown'),
    pad_token: token('padding'),
    ...(typeof template === 'string' ? { chat_template: template } : {}),
    clean_up_tokenization_spaces: false,
  }
}
