import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openGguf } from '../disk/gguf.ts'
import { PRE_TOKENIZERS, preTokenizerName } from './byte-level-bpe.ts'
import { tokenizerFilesFromGguf } from './gguf-tokenizer.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { tokenizerFromFiles } from './tokenizer.ts'

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

it('where a response ends: at the end of a turn first, then at the end of a text', async () => {
  const file = await openGguf(join(FIXTURES, 'gguf/llama-tiny.gguf'))
  await file.close()
  const tokens = [...(file.metadata['tokenizer.ggml.tokens'] as string[]), '<end_of_turn>']
  const types = [...(file.metadata['tokenizer.ggml.token_type'] as number[]), 3]
  const made = (more: object) => {
    const changes = { 'tokenizer.ggml.tokens': tokens, 'tokenizer.ggml.token_type': types, ...more }
    return tokenizerFromFiles(tokenizerFilesFromGguf({ ...file.metadata, ...changes }, 'a.gguf'))
  }
  const turn = tokens.length - 1
  expect(made({}).stopIds).toEqual([1])
  expect(made({ 'tokenizer.ggml.eot_token_id': turn }).stopIds).toEqual([1, turn])
  const template = '{{ messages[0].content }}<end_of_turn>'
  expect(made({ 'tokenizer.chat_template': template }).stopIds).toEqual([turn, 1])
})

it('the first token of a text, where the file says that there is one', async () => {
  const file = await openGguf(join(FIXTURES, 'gguf/llama-tiny.gguf'))
  await file.close()
  const begins = (changes: object) => {
    const files = tokenizerFilesFromGguf({ ...file.metadata, ...changes }, 'a.gguf')
    const { encode } = tokenizerFromFiles(files)
    expect(encode('a').length).toBe(1)
    return encode('a', { specialTokens: true })[0] === 0
  }
  expect(begins({})).toBe(false)
  expect(begins({ 'tokenizer.ggml.add_bos_token': true })).toBe(true)
})
