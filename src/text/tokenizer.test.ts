import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CheckpointError } from '../errors.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { tokenizerFromFiles } from './tokenizer.ts'

const fixtures = join(import.meta.dirname, '../../test/golden/fixtures/tokenizers')

interface Golden {
  vocabSize: number
  cases: {
    text: string
    ids: number[]
    idsWithSpecialTokens: number[]
    decoded: string
    decodedWithoutSpecialTokens: string
  }[]
}

describe.each(['words', 'merges'])('%s', async (name) => {
  const folder = join(fixtures, name)
  const tokenizer = await loadTokenizer(folder)
  const golden = JSON.parse(readFileSync(join(folder, 'golden.json'), 'utf8')) as Golden

  it.each(golden.cases)('encodes and decodes $text as Python does', (expected) => {
    const ids = tokenizer.encode(expected.text)
    expect([...ids]).toEqual(expected.ids)
    expect([...tokenizer.encode(expected.text, { specialTokens: true })]).toEqual(
      expected.idsWithSpecialTokens,
    )
    expect(tokenizer.decode(ids)).toBe(expected.decoded)
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(expected.decodedWithoutSpecialTokens)
  })

  it('counts its vocabulary and knows its tokens', () => {
    expect(tokenizer.vocabSize).toBe(golden.vocabSize)
    expect(tokenizer.tokenOf(tokenizer.idOf('<|end|>')!)).toBe('<|end|>')
    expect(tokenizer.idOf('nothing of the kind')).toBeUndefined()
    expect(tokenizer.tokenOf(tokenizer.vocabSize)).toBeUndefined()
  })

  it('streams the same text, whole characters at a time', () => {
    for (const { ids, decoded } of golden.cases) {
      const decoder = tokenizer.decoder()
      const parts = ids.map((id) => decoder.push(id))
      expect(parts.join('') + decoder.end()).toBe(decoded)
      expect(parts.filter((part) => part.includes('\uFFFD'))).toEqual([])
    }
  })

  it('gives back any text that is already in NFC', () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 }).map((s) => s.normalize('NFC'))
    fc.assert(
      fc.property(text, (s) => {
        expect(tokenizer.decode(tokenizer.encode(s))).toBe(s)
      }),
    )
  })
})

describe('incremental decoding', async () => {
  const tokenizer = await loadTokenizer(join(fixtures, 'words'))

  it('holds back an unfinished character and tells it at the end', () => {
    const [first, second, ...rest] = tokenizer.encode('🙂')
    const decoder = tokenizer.decoder()
    expect([decoder.push(first!), decoder.push(second!), decoder.end()]).toEqual(['', '', '\uFFFD'])
    expect([first, second, ...rest].map((id) => decoder.push(id!)).join('')).toBe('🙂')
  })

  it('continues after broken bytes', () => {
    const [lead] = tokenizer.encode('é')
    const decoder = tokenizer.decoder()
    const parts = [lead!, ...tokenizer.encode(' try no')].map((id) => decoder.push(id))
    expect(parts.join('')).toBe('\uFFFD try no')
  })

  it('waits for sixteen tokens and no longer, so that a stream of broken bytes costs what its length does', () => {
    const [lead] = tokenizer.encode('é')
    const decoder = tokenizer.decoder()
    const parts = Array.from({ length: 40 }, () => decoder.push(lead!))
    expect(parts.flatMap((part, i) => (part === '' ? [] : [i]))).toEqual([15, 31])
    expect(parts.join('') + decoder.end()).toBe('\uFFFD'.repeat(40))
  })

  it('can leave special tokens out', () => {
    const decoder = tokenizer.decoder({ skipSpecialTokens: true })
    const parts = [...tokenizer.encode('wait<|end|> no')].map((id) => decoder.push(id))
    expect(parts).toEqual(['wait', '', ' no'])
  })
})

describe('the folder', () => {
  it('tells its special tokens, template and files', async () => {
    const words = await loadTokenizer(join(fixtures, 'words'))
    expect(words).toMatchObject({ eosToken: '<|end|>', padToken: '<|end|>' })
    expect('bosToken' in words || 'chatTemplate' in words).toBe(false)
    const merges = await loadTokenizer(join(fixtures, 'merges'))
    expect(merges.bosToken).toBe('<|begin|>')
    expect(merges.chatTemplate).toMatch(/^{% for m in messages/)
    expect(Object.keys(merges.files).sort()).toEqual([
      'generation_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
    ])
    expect(JSON.parse(words.files['generation_config.json']!)).toEqual({
      eos_token_id: words.idOf('<|end|>'),
    })
    const several = tokenizerFromFiles({ ...words.files, 'generation_config.json': '{"eos_token_id":[1,2]}' })
    expect(several.files['generation_config.json']).toBe('{"eos_token_id":[1,2]}')
    const copy = tokenizerFromFiles(merges.files)
    expect(copy.encode('some text')).toEqual(merges.encode('some text'))
    const template = tokenizerFromFiles({ ...merges.files, 'chat_template.jinja': 'own' })
    expect(template.chatTemplate).toBe('own')
  })

  it('does not tidy spaces', async () => {
    const merges = await loadTokenizer(join(fixtures, 'merges'))
    expect(merges.files['tokenizer_config.json']).toContain('"clean_up_tokenization_spaces": true')
    expect(merges.decode(merges.encode("a , b . do n't"))).toBe("a , b . do n't")
  })

  const folder = (files: Record<string, string>) => {
    const place = mkdtempSync(join(tmpdir(), 'r1-tokenizer-'))
    for (const [name, text] of Object.entries(files)) writeFileSync(join(place, name), text)
    return place
  }
  it.each([
    ['a folder that is not there', () => '/nowhere/at/all', /\/nowhere\/at\/all: cannot be read/],
    ['no tokenizer.json', () => folder({}), /tokenizer\.json: is missing\. Copy it/],
    ['JSON cut short', () => folder({ 'tokenizer.json': '{"model":' }), /tokenizer\.json: is not a JSON/],
    ['another JSON', () => folder({ 'tokenizer.json': '{"a":1}' }), /tokenizer\.json: is not a tokenizer/],
    [
      'a broken config',
      () => folder({ 'tokenizer.json': '{}', 'tokenizer_config.json': '[]' }),
      /tokenizer_config\.json: is not a JSON object/,
    ],
  ])('%s is named', async (_, make, message) => {
    const error: unknown = await loadTokenizer(make()).catch((reason) => reason)
    expect(error).toBeInstanceOf(CheckpointError)
    expect((error as Error).message).toMatch(message)
  })
})
