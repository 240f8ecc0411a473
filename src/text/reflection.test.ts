import { describe, expect, it } from 'vitest'
import { CHINESE_REFLECTION_WORDS, countReflectionWords, REFLECTION_WORDS } from './reflection.ts'

describe('countReflectionWords', () => {
  it.each([
    ['', 0],
    ['Wait, that is wrong. WAIT! Let me check.', 4],
    ['but however,retry;error', 4],
    ['await waiter button mistaken checkers unverifyable', 0],
    ['check_sum wait2', 0],
    ['try 8 + 3 = 11 no wait 8 * 3 = 24 check yes', 2],
    ['等等，不对，让我检查一下', 3],
    ['等等等等', 2],
    ['这是错误的，错了', 2],
    ['不错，很好', 0],
    ['wait等等but', 3],
  ])('%s', (text, expected) => expect(countReflectionWords(text)).toBe(expected))

  it('counts each listed word once', () => {
    for (const word of [...REFLECTION_WORDS, ...CHINESE_REFLECTION_WORDS])
      expect([word, countReflectionWords(`(${word})`)]).toEqual([word, 1])
  })
})
