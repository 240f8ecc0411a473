import { expect, it } from 'vitest'
import { wrapIndented } from './wrap.ts'

it('breaks long lines between words, further in than they began, and leaves the others', () => {
  const text = 'error: a sentence that is long\n\n  r1 --set grpo.lr=1  what it does\n  short     as it is'
  expect(wrapIndented(text, 22)).toBe(
    [
      ...['error: a sentence', '  that is long', ''],
      ...['  r1 --set grpo.lr=1', '    what it does', '  short     as it is'],
    ].join('\n'),
  )
})
