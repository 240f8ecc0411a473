import { expect, it } from 'vitest'
import { majorityAt, type ScoredSample, selectionCurve } from './selection.ts'

const sample = (extracted: string, correct: boolean, score: number, tokens = 10): ScoredSample => ({
  correct,
  extracted,
  tokens,
  score,
})

const questions = [
  [sample('1', false, 0.2), sample('2', true, 0.9, 20), sample('1', false, 0.3), sample('1', false, 0.1)],
  [sample('5', true, 0.5), sample('6', false, 0.4, 20), sample('5', true, 0.3), sample('6', false, 0.9)],
]

it('says what the majority and the highest score give, and what they cost', async () => {
  expect(await selectionCurve(questions, () => (a, b) => a === b)).toEqual([
    { samples: 1, majority: 0.5, best: 0.5, any: 0.5, tokens: 10 },
    // Of two answers with one vote each the earlier one wins.
    { samples: 2, majority: 0.5, best: 1, any: 1, tokens: 30 },
    { samples: 4, majority: 0.5, best: 0.5, any: 1, tokens: 50 },
  ])
})

it('reads the majority off between two rows, and at the ends', () => {
  const row = (tokens: number, majority: number) => ({ samples: 1, best: 0, any: 0, tokens, majority })
  const rows = [row(10, 0.2), row(20, 0.4), row(40, 0.8)]
  expect([5, 10, 15, 30, 99].map((tokens) => majorityAt(rows, tokens))).toEqual(
    [0.2, 0.2, 0.3, 0.6, 0.8].map((x) => expect.closeTo(x, 9)),
  )
})
