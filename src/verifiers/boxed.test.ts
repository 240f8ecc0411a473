import { describe, expect, it } from 'vitest'
import { boxes } from './boxed.ts'

describe('boxes', () => {
  it.each<[string, string[]]>([
    ['so \\boxed{3}.', ['3']],
    ['\\boxed{1} and \\fbox{2} and \\boxed {3}', ['1', '2', '3']],
    ['\\boxed{\\frac{1}{2}}', ['\\frac{1}{2}']],
    ['\\boxed{a \\} b}', ['a \\} b']],
    ['\\boxed{\\boxed{3}}', ['\\boxed{3}']],
    ['\\boxed{3} then \\boxed{4', ['3']],
    ['\\boxed{}', ['']],
    ['boxed{3}', []],
    ['', []],
  ])('%s', (text, contents) => expect(boxes(text).map(({ content }) => content)).toEqual(contents))

  it('says where the box stands', () => {
    const text = 'a \\boxed{b} c'
    const [box] = boxes(text)
    expect(text.slice(box!.start, box!.end)).toBe('\\boxed{b}')
  })
})
