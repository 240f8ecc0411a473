import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGguf } from '../disk/gguf.ts'
import { PRE_TOKENIZERS, preTokenizerName } from './byte-level-bpe.ts'
import { tokenizerFilesFromGguf } from './gguf-tokenizer.ts'
import { loadTokenizer } from './load-tokenizer.ts'

const FIXTURES = join(import.meta.dirname, '../../test/golden/fixtures')

describe("SentencePiece's BPE from its scores", async () => {
  const tokenizer = await loadTokenizer(join(FIXTURES, 'gguf/spm.gguf'))
  const golden = JSON.parse(readFileSync(join(FIXTURES, 'gguf/spm.json'), 'utf8')) as {
    cases: { text: string; ids: number[]; decoded: string }[]
  }
  it.each(golden.cases)('$text', ({ text, ids, decoded }) => {
    expect(Array.from(tokenizer.encode(text))).toEqual(ids)
    expect(tokenizer.decode(ids)).toBe(decoded)
  })
})

it('an added token is found inside text', async () => {
  const tokenizer = await loadTokenizer(join(FIXTURES, 'gguf/spm.gguf'))
  const ids = Array.from(tokenizer.encode('wait <think> the cat'))
  expect(ids).toContain(tokenizer.idOf('<think>'))
  expect(tokenizer.decode(ids)).toContain('<think>')
})

it('byte-level BPE: special tokens, and any text comes back', async () => {
  const tokenizer = await loadTokenizer(join(FIXTURES, 'gguf/llama-tiny.gguf'))
  expect(tokenizer.eosToken).toBe('<|end|>')
  expect(Array.from(tokenizer.encode('<|begin|>'))).toEqual([0])
  for (const text of ['The cat 123', ' a  b!']) expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
})

it('every way of cutting text is recognised again', () => {
  for (const [name, { pre_tokenizer, ignoreMerges }] of Object.entries(PRE_TOKENIZERS)) {
    const found = preTokenizerName({ pre_tokenizer, model: { ignore_merges: ignoreMerges } })
    expect(PRE_TOKENIZERS[found!], name).toBe(PRE_TOKENIZERS[name])
  }
  expect(preTokenizerName({ pre_tokenizer: { type: 'Whitespace' } })).toBeUndefined()
  const digits = { type: 'Digits', individual_digits: true }
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true }
  expect(preTokenizerName({ pre_tokenizer: { type: 'Sequence', pretokenizers: [digits, bytes] } })).toBe(
    'smollm',
  )
})

it('an unknown kind of tokenizer is named', async () => {
  const file = await openGguf(join(FIXTURES, 'gguf/llama-tiny.gguf'))
  await file.close()
  const made = (changes: object) => () => tokenizerFilesFromGguf({ ...file.metadata, ...changes }, 'a.gguf')
  expect(made({ 'tokenizer.ggml.pre': 'tekken' })).toThrow(
    /a\.gguf: tokenizer\.ggml\.pre is "tekken": not supported\. Expected one of gpt-2/,
  )
  expect(made({ 'tokenizer.ggml.model': 'bert' })).toThrow(
    /model is "bert": not supported\. Expected gpt2 or llama/,
  )
  expect(made({ 'tokenizer.ggml.tokens': undefined })).toThrow(/tokenizer\.ggml\.tokens: missing\./)
})
