/**
 * A Hugging Face folder's tokenizer (tokenizer.json, tokenizer_config.json) through @huggingface/tokenizers. Text
 * comes back as it went in: `clean_up_tokenization_spaces` is not obeyed, since a reward must read what the model
 * wrote and a transcript must encode to the ids it came from.
 */
import { Tokenizer as HuggingFaceTokenizer } from '@huggingface/tokenizers'
import { CheckpointError } from '../errors.ts'
import { PRE_TOKENIZERS, patternsIn } from './byte-level-bpe.ts'
import { POCKET_PATTERN } from './pocket-tokenizer.ts'
import { withinTime } from './time-limit.ts'

export interface Tokenizer {
  /** `specialTokens` adds the begin token and its like; templates write their own, so it is off by default. */
  encode(text: string, options?: { specialTokens?: boolean }): Int32Array
  decode(ids: Iterable<number>, options?: { skipSpecialTokens?: boolean }): string
  /** Decodes a growing sequence, for streaming. */
  decoder(options?: { skipSpecialTokens?: boolean }): IncrementalDecoder
  idOf(token: string): number | undefined
  /** The token as the vocabulary spells it. */
  tokenOf(id: number): string | undefined
  /** One more than the largest id; a model may have more rows. */
  vocabSize: number
  /** Tokens at which a response ends, that of a turn first: `eosToken`, and those that `generation_config.json` names. */
  stopIds: readonly number[]
  bosToken?: string
  eosToken?: string
  padToken?: string
  /** A Jinja template; of several, the one called default. */
  chatTemplate?: string
  /** The folder's tokenizer files and where generation ends, to be written beside a checkpoint: name to contents. */
  files: Readonly<Record<string, string>>
}

export interface IncrementalDecoder {
  /** The text that this token completes; '' while a character still lacks bytes. */
  push(id: number): string
  /** What is still held back: a character that was never finished. */
  end(): string
}

const TEMPLATE_FILE = 'chat_template.jinja'
/** Without it, `generate` of transformers does not stop at the end of the text. */
const GENERATION_FILE = 'generation_config.json'
/** Of a model folder, those that a tokenizer is read from. */
export const TOKENIZER_FILES = [
  ...['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'],
  TEMPLATE_FILE,
  GENERATION_FILE,
]

/** `files` maps file names to contents; `folder` names them in errors. */
export function tokenizerFromFiles(files: Readonly<Record<string, string>>, folder = ''): Tokenizer {
  const json = parse(files, 'tokenizer.json', folder)
  if (json === undefined)
    throw new CheckpointError('is missing.', {
      field: within(folder, 'tokenizer.json'),
      remedy: 'Copy it from where the model came from, or save the tokenizer with transformers.',
    })
  const config = parse(files, 'tokenizer_config.json', folder) ?? {}
  const special = parse(files, 'special_tokens_map.json', folder) ?? {}
  let tokenizer: HuggingFaceTokenizer
  try {
    tokenizer = new HuggingFaceTokenizer(json, { ...config, clean_up_tokenization_spaces: false })
  } catch (cause) {
    throw new CheckpointError(`is not a tokenizer: ${(cause as Error).message}.`, {
      field: within(folder, 'tokenizer.json'),
      remedy: 'The file is damaged or of a kind that @huggingface/tokenizers does not know.',
      cause,
    })
  }

  const bounded = boundedBy(json, within(folder, 'tokenizer.json'))
  const decode: Tokenizer['decode'] = (ids, { skipSpecialTokens = false } = {}) => {
    const list = Array.from(ids)
    // The library refuses an empty list.
    if (list.length === 0) return ''
    return bounded(list.length, () => tokenizer.decode(list, { skip_special_tokens: skipSpecialTokens }))
  }
  const eosToken = contentOf(config.eos_token ?? special.eos_token)
  const eosId = eosToken === undefined ? undefined : tokenizer.token_to_id(eosToken)
  const named = {
    bosToken: contentOf(config.bos_token ?? special.bos_token),
    eosToken,
    padToken: contentOf(config.pad_token ?? special.pad_token),
    chatTemplate: files[TEMPLATE_FILE] ?? templateOf(config.chat_template),
  }

  return {
    encode: (text, { specialTokens = false } = {}) =>
      Int32Array.from(
        bounded(text.length, () => tokenizer.encode(text, { add_special_tokens: specialTokens })).ids,
      ),
    decode,
    decoder: (options) => incrementalDecoder((ids) => decode(ids, options)),
    idOf: (token) => tokenizer.token_to_id(token),
    tokenOf: (id) => tokenizer.id_to_token(id),
    vocabSize: tokenizer.model!.vocab.length,
    stopIds: stopIdsOf([eosId, parse(files, GENERATION_FILE, folder)?.eos_token_id].flat(), (id) =>
      writes(named.chatTemplate, tokenizer.id_to_token(id)),
    ),
    files: {
      ...(eosId !== undefined && {
        [GENERATION_FILE]: `${JSON.stringify({ eos_token_id: eosId }, null, 2)}\n`,
      }),
      ...files,
    },
    ...Object.fromEntries(Object.entries(named).filter(([, value]) => value !== undefined)),
  }
}

/** Whether every text begins with `bosToken` where special tokens are asked for. */
export function writesFirstToken({ encode, tokenOf, bosToken }: Tokenizer): boolean {
  const [first] = encode('', { specialTokens: true })
  return bosToken !== undefined && first !== undefined && tokenOf(first) === bosToken
}

/** How an error names a file. */
const within = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)

const writes = (template = '', token: string | undefined): boolean =>
  token !== undefined && template.includes(token)

/** Each once; those that a template writes end a turn and come first. */
function stopIdsOf(found: unknown[], endsTurn: (id: number) => boolean): number[] {
  const ids = [...new Set(found.filter((id): id is number => Number.isInteger(id)))]
  return [...ids.filter(endsTurn), ...ids.filter((id) => !endsTurn(id))]
}

/** The same tokenizer with this Jinja template, in the file where transformers keeps it; null: with none at all. */
export function withChatTemplate({ files }: Tokenizer, template: string | null): Tokenizer {
  if (template !== null) return tokenizerFromFiles({ ...files, [TEMPLATE_FILE]: template })
  const { [TEMPLATE_FILE]: _, ...others } = files
  const { chat_template: former, ...config } = parse(others, 'tokenizer_config.json', '') ?? {}
  if (former === undefined) return tokenizerFromFiles(others)
  return tokenizerFromFiles({ ...others, 'tokenizer_config.json': `${JSON.stringify(config, null, 2)}\n` })
}

/**
 * Some decoders look at the token before (a leading space), so a short window is decoded with and without what is
 * new. A replacement character at the end is taken for a character whose other bytes are yet to come; after so many tokens
 * without one that is whole, it is what it is.
 */
const MOST_PENDING = 16
function incrementalDecoder(decode: (ids: number[]) => string): IncrementalDecoder {
  let window: number[] = []
  let told = 0
  const rest = () => decode(window).slice(decode(window.slice(0, told)).length)
  return {
    push(id) {
      window.push(id)
      const text = rest()
      const isPending = text === '' || text.endsWith('\uFFFD')
      if (isPending && window.length - told < MOST_PENDING) return ''
      window = window.slice(told)
      told = window.length
      return text
    },
    end() {
      const text = rest()
      window = []
      told = 0
      return text
    },
  }
}

/** The patterns of published tokenizers, which take a time that grows with the text and no faster. */
const KNOWN_PATTERNS = new Set([POCKET_PATTERN, ...patternsIn(PRE_TOKENIZERS)])
/** Whatever the pattern, a text takes less: a start, and a share for each of its characters. */
const MILLISECONDS = 2000
const CHARACTERS_A_MILLISECOND = 100

/** Runs what a tokenizer does with a text; with a regular expression that nobody knows, for a bounded time. */
function boundedBy(json: unknown, place: string): <T>(length: number, call: () => T) => T {
  const unknown = patternsIn(json).find((pattern) => !KNOWN_PATTERNS.has(pattern))
  if (unknown === undefined) return (_, call) => call()
  return (length, call) => {
    const ended = withinTime(Math.ceil(MILLISECONDS + length / CHARACTERS_A_MILLISECOND), call)
    if (ended !== undefined) return ended.result
    throw new CheckpointError(
      `cannot cut a text of ${length} characters in ${MILLISECONDS / 1000} seconds.`,
      {
        field: place,
        remedy: `Its pattern ${unknown.slice(0, 60)} tries too many ways to match; take the original tokenizer.`,
      },
    )
  }
}

type Json = Record<string, unknown>

function parse(files: Readonly<Record<string, string>>, name: string, folder: string): Json | undefined {
  const text = files[name]
  if (text === undefined) return undefined
  const wrong = (cause?: unknown) =>
    new CheckpointError('is not a JSON object.', {
      field: within(folder, name),
      remedy: 'The file is damaged; copy it again from where the model came from.',
      ...(cause === undefined ? {} : { cause }),
    })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw wrong(cause)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw wrong()
  return json as Json
}

/** A special token is written as a string or as an object with its content. */
function contentOf(token: unknown): string | undefined {
  if (typeof token === 'string') return token
  const content = (token as Json | null | undefined)?.content
  return typeof content === 'string' ? content : undefined
}

function templateOf(template: unknown): string | undefined {
  if (typeof template === 'string') return template
  if (!Array.isArray(template)) return undefined
  const named = template as { name?: unknown; template?: unknown }[]
  const found = named.find(({ name }) => name === 'default')?.template
  return typeof found === 'string' ? found : undefined
}
