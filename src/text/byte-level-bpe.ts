/**
 * The byte-level BPE tokenizers that GGUF files name by their way of cutting text before the merges
 * (`tokenizer.ggml.pre`), in the form of tokenizer.json. The patterns are those of the models' own tokenizers.
 */

export interface PreTokenizer {
  normalizer: object | null
  pre_tokenizer: object
  /** A piece that is in the vocabulary is one token, whatever the merges. */
  ignoreMerges: boolean
}

const byteLevel = (useRegex: boolean) => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
})
const split = (pattern: string) => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
})
const sequence = (...pretokenizers: object[]) => ({ type: 'Sequence', pretokenizers })

const words = (digits: string) =>
  sequence(
    split(
      `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`,
    ),
    byteLevel(false),
  )

const gpt2: PreTokenizer = { normalizer: null, pre_tokenizer: byteLevel(true), ignoreMerges: false }
const singleDigits: PreTokenizer = {
  ...gpt2,
  // The library's Digits knows 0 to 9 only.
  pre_tokenizer: sequence(split('\\p{N}'), byteLevel(true)),
}
const llama3: PreTokenizer = { normalizer: null, pre_tokenizer: words('\\p{N}{1,3}'), ignoreMerges: true }
const qwen2: PreTokenizer = {
  normalizer: { type: 'NFC' },
  pre_tokenizer: words('\\p{N}'),
  ignoreMerges: false,
}
const deepseek: PreTokenizer = {
  normalizer: null,
  pre_tokenizer: sequence(
    split('\\p{N}{1,3}'),
    split('[一-龥぀-ゟ゠-ヿ]+'),
    split(
      '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+',
    ),
    byteLevel(false),
  ),
  ignoreMerges: false,
}

/** By GGUF's name; where several share a way of cutting, the first is the one that is written. */
export const PRE_TOKENIZERS: Readonly<Record<string, PreTokenizer>> = {
  'gpt-2': gpt2,
  smollm: singleDigits,
  starcoder: singleDigits,
  refact: singleDigits,
  'command-r': singleDigits,
  'llama-bpe': llama3,
  llama3,
  'llama-v3': llama3,
  qwen2,
  'deepseek-r1-qwen': qwen2,
  'deepseek-v3': deepseek,
}

/** GGUF's name for a tokenizer.json's way of cutting text; undefined where llama.cpp has none. */
export function preTokenizerName(json: { pre_tokenizer?: unknown; model?: unknown }): string | undefined {
  const { ignore_merges: ignoreMerges = false } = (json.model ?? {}) as { ignore_merges?: boolean }
  const cut = patterns(json.pre_tokenizer)
  return Object.entries(PRE_TOKENIZERS).find(
    ([, known]) => known.ignoreMerges === ignoreMerges && patterns(known.pre_tokenizer) === cut,
  )?.[0]
}

/** Every regular expression in a part of tokenizer.json. */
export function patternsIn(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return []
  return Object.entries(part).flatMap(([key, value]) =>
    key === 'Regex' && typeof value === 'string' ? [value] : patternsIn(value),
  )
}

/** What decides where text is cut, without the fields that do not. */
const patterns = (preTokenizer: unknown): string =>
  JSON.stringify(preTokenizer ?? null, (key, value: unknown) => {
    if ((value as { individual_digits?: boolean } | null)?.individual_digits === true) return split('\\p{N}')
    return key === 'trim_offsets' || key === 'type' || key === 'invert' ? undefined : value
  })
