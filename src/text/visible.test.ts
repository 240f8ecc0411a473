import { expect, it } from 'vitest'
import { visible } from './visible.ts'

it.each([
  ['plain, 数学 and\n\ttabs', 'plain, 数学 and\n\ttabs'],
  ['\u001b[2Jgone', '␛[2Jgone'],
  ['\u001b]0;title\u0007', '␛]0;title␇'],
  ['\u009b31m', '�31m'],
  ['one\rtwo\u0000\u007f', 'one␍two␀␡'],
  ['txt.\u202egnp', 'txt.�gnp'],
])('%j', (text, shown) => {
  expect(visible(text)).toBe(shown)
})
