import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endsInLoop, loopWatch } from './loops.ts'

const times = (n: number, ...piece: number[]) => Array.from({ length: n }, () => piece).flat()
const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

describe('endsInLoop', () => {
  it.each<[string, number[], boolean]>([
    ['nothing', [], false],
    ['one word a hundred times', times(100, 7), true],
    ['one word thirty times', times(30, 7), false],
    ['a clause of twenty tokens six times', [...count(100, 150), ...times(6, ...count(0, 20))], true],
    ['the same five times', times(5, ...count(0, 20)), false],
    ['a loop that was left', [...times(100, 7), 8], false],
    ['a loop in the middle of a word', [...times(10, ...count(0, 20)), 0, 1, 2], true],
    ['searching: near repeats', count(0, 40).flatMap((i) => [1, 2, 3, i, 4, 5]), false],
  ])('%s', (_, tokens, expected) => expect(endsInLoop(tokens)).toBe(expected))

  it('holds for any piece said often enough, whatever came before', () => {
    const token = fc.integer({ min: 0, max: 5 })
    const pieces = fc.array(token, { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(token), pieces, (before, piece) =>
        endsInLoop([...before, ...times(Math.max(6, Math.ceil(96 / piece.length)), ...piece)]),
      ),
    )
  })
})

it('is noticed soon after it has begun', () => {
  const watch = loopWatch()
  const tokens = [...count(100, 160), ...times(50, 1, 2, 3)]
  const at = tokens.findIndex(watch)
  expect(at).toBeGreaterThan(60)
  expect(at).toBeLessThan(60 + 96 + 16)
})
