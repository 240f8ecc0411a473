import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { splitReasoning } from './reasoning.ts'
import { countThinkingTokens, type ReasoningStreamOptions, reasoningStream } from './reasoning-stream.ts'

function split(texts: readonly string[], options?: ReasoningStreamOptions) {
  const stream = reasoningStream(options)
  const said = { thinking: '', answer: '' }
  for (const { kind, text } of [...texts.flatMap(stream.push), ...stream.end()]) said[kind] += text
  return said
}

describe('reasoningStream', () => {
  it.each<[string, ReasoningStreamOptions, string, string]>([
    [' <think> a b </think> <answer> 42 </answer>', { answerTags: true }, 'a b', '42'],
    ['<think>\na\n</think>\n\nIt is 42.\n', {}, 'a', 'It is 42.'],
    ['a\n</think>\n\n42', { opened: true }, 'a', '42'],
    ['no thinking, x < 3 and <b>', {}, '', 'no thinking, x < 3 and <b>'],
    ['<think> cut off', {}, 'cut off', ''],
    ['<think> I write <answer> 5 </answer>', { answerTags: true }, 'I write <answer> 5 </answer>', ''],
    ['<think></think>done', {}, '', 'done'],
    ['<think>a</think>b <thin', {}, 'a', 'b <thin'],
    [
      'plan</think>The tag `<think>` opens the block, and 42 is the answer.',
      { opened: true },
      'plan',
      'The tag `<think>` opens the block, and 42 is the answer.',
    ],
    ['The tag <think> opens it.', {}, '', 'The tag <think> opens it.'],
    ['<think>a</think> <think>b</think> 42', {}, 'ab', '42'],
    ['use <answer> tags', {}, '', 'use <answer> tags'],
  ])('%j %j', (text, options, thinking, answer) => {
    expect(split([text], options)).toEqual({ thinking, answer })
    expect(split([...text], options)).toEqual({ thinking, answer })
  })

  it('however a tidy response is cut, it says what splitReasoning says of the whole', () => {
    const words = fc.string({ unit: fc.constantFrom('a', ' ', '\n', '<', '/think', '>', '='), maxLength: 12 })
    fc.assert(
      fc.property(words, words, fc.array(fc.nat(80), { maxLength: 8 }), (thought, said, cuts) => {
        const text = `<think>${thought}</think>\n${said}`
        fc.pre(!/<\/?think>/.test(thought + said))
        const at = [0, ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b), text.length]
        const texts = at.slice(1).map((end, i) => text.slice(at[i], end))
        const { thinking, answer } = splitReasoning(text)
        expect(split(texts)).toEqual({ thinking, answer })
      }),
    )
  })

  it('tells what it is sure of at once', () => {
    const stream = reasoningStream()
    expect(stream.push('<think> so')).toEqual([{ kind: 'thinking', text: 'so' }])
    expect(stream.push(' x <')).toEqual([{ kind: 'thinking', text: ' x' }])
    expect(stream.push(' 3')).toEqual([{ kind: 'thinking', text: ' < 3' }])
  })

  it('knows empty thinking from none', () => {
    const thought = (text: string) => {
      const stream = reasoningStream()
      for (const letter of text) stream.push(letter)
      return stream.hasThought
    }
    expect(['<think></think>5', '<think>', '5', ''].map(thought)).toEqual([true, true, false, false])
  })
})

it('tokens of the thinking are those up to its closing tag', () => {
  const texts = ['<think>', ' a', '</th', 'ink>', ' b']
  const tokenizer = { decoder: () => ({ push: (token: number) => texts[token]!, end: () => '' }) }
  const count = (tokens: number[], options = {}) =>
    countThinkingTokens(tokenizer, Int32Array.from(tokens), options)
  expect(count([0, 1, 2, 3, 4])).toBe(4)
  expect(count([0, 1])).toBe(2)
  expect(count([1, 4])).toBe(0)
  expect(count([1, 2, 3, 4], { opened: true })).toBe(3)
})
