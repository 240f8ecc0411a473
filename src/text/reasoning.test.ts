import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastAnswerTag, splitReasoning, statedAnswer } from './reasoning.ts'

describe('splitReasoning', () => {
  it.each([
    ['R1-Zero form', '<think> a b </think> <answer> 1 + 2 </answer>', 'a b', '1 + 2', true],
    ['R1 form', '<think>\na\n</think>\n\nSo it is **3**.', 'a', 'So it is **3**.', true],
    ['opening tag in the template', 'a\n</think>\n\n3', 'a', '3', true],
    ['empty thinking', '<think>\n\n</think>\n\n3', '', '3', true],
    ['truncated thinking', '<think> a b', 'a b', '', false],
    ['truncated answer', '<think>a</think> <answer> 1 +', 'a', '1 +', false],
    ['no tags', ' 3 ', null, '3', true],
    ['answer only', 'so <answer>3</answer>.', null, '3', true],
    ['last answer wins', '<think>a</think><answer>1</answer> no <answer>2</answer>', 'a', '2', true],
    [
      'an answer quoted in the thinking does not count',
      '<think><answer>1</answer></think>2',
      '<answer>1</answer>',
      '2',
      true,
    ],
    ['nested', '<think>a<think>b</think>c</think>d', 'abc', 'd', true],
    ['repeated', '<think>a</think>x<think>b</think>y', 'axb', 'y', true],
    ['reopened and truncated', '<think>a</think> <think>b', 'a', '', false],
    [
      'the opening tag as a word of the answer',
      'a</think>The tag `<think>` opens it, and 42 is the answer.',
      'a',
      'The tag `<think>` opens it, and 42 is the answer.',
      true,
    ],
    ['forgotten closing tag', '<think> a <answer>3</answer>', 'a', '3', false],
    ['text before the thinking', 'Sure! <think>a</think>b', 'a', 'b', true],
    ['nested answer tags', '<answer> <answer>3</answer> </answer>', null, '3', true],
    ['stray closing answer tag', '<think>a</think> 3 </answer>', 'a', '3', true],
    ['empty', '', null, '', true],
  ])('%s', (_, text, thinking, answer, complete) => {
    expect(splitReasoning(text)).toEqual({ thinking, answer, complete })
  })

  it('gives back what was put in, for any text without tags', () => {
    const part = fc.string({ unit: 'grapheme' }).filter((s) => !/<\/?(think|answer)>/.test(s))
    fc.assert(
      fc.property(part, part, (thinking, answer) => {
        const expected = { thinking: thinking.trim(), answer: answer.trim(), complete: true }
        expect(splitReasoning(`<think>${thinking}</think><answer>${answer}</answer>`)).toEqual(expected)
        expect(splitReasoning(`${thinking}</think>${answer}`)).toEqual(expected)
      }),
    )
  })

  it('never leaves a closing tag in either part, nor an opening one in the thinking', () => {
    const piece = fc.constantFrom('<think>', '</think>', '<answer>', '</answer>', 'x', ' ')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const { thinking, answer } = splitReasoning(pieces.join(''))
        expect(`${thinking ?? ''}${answer}`).not.toContain('</think>')
        expect(thinking ?? '').not.toContain('<think>')
      }),
    )
  })
})

describe('lastAnswerTag', () => {
  it.each([
    ['<answer> 1 </answer> <answer> 2 </answer>', '2'],
    ['<answer> 1 </answer> <answer> 2', '1'],
    ['</answer> <answer> 2', null],
    ['no tag', null],
  ])('%s', (text, expected) => expect(lastAnswerTag(text)).toBe(expected))
})

describe('statedAnswer', () => {
  it.each([
    ['<think> a </think> The answer is 7.', '7'],
    ['a </think> So the answer is: 3.5. Good luck.', '3.5'],
    ['</think> 答案是 ( 8 + 3 ) * 5。', '( 8 + 3 ) * 5'],
    ['</think> 答案是：7\nThe answer is 8', '8'],
    ['</think>\r\nThe answer is 7\r\nGood luck', '7'],
    ['<think> The answer is 7. </think> It is 7.', null],
    ['<think> The answer is 7.', null],
    ['The answer is 7.', null],
    ['</think> The answer is 7. <answer> 8', null],
    ['</think> The answer is .', null],
    ['', null],
  ])('%j', (text, expected) => expect(statedAnswer(text)).toBe(expected))

  it('takes long text', () => {
    expect(statedAnswer(`</think>${'the answer is '.repeat(200_000)}\r7`)).toMatch(/7$/)
  })
})
