import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bootstrapInterval, consensus, evaluationFigures, type GradedSample, passAtK } from './protocol.ts'

function samples(...answers: (string | null)[]): GradedSample[] {
  return answers.map((answer, sample) => ({
    sample,
    correct: answer?.startsWith('right') ?? false,
    extracted: answer,
    reason: '',
    tokens: 10 * (sample + 1),
    thinkingTokens: sample === 0 ? null : 4,
    truncated: answer === null,
    wellFormed: answer !== null,
    reflectionWords: sample,
    mixedLanguage: sample === 0,
  }))
}

/** `right` and `right again` are one answer. */
const sameFirstWord = (a: string, b: string) => a.split(' ')[0] === b.split(' ')[0]

describe('passAtK', () => {
  it.each([
    [4, 0, 1, 0],
    [4, 1, 1, 0.25],
    [4, 1, 4, 1],
    [4, 1, 2, 0.5],
    [5, 2, 3, 0.9],
    [10, 3, 5, 1 - 21 / 252],
    [64, 64, 64, 1],
  ])('of %i responses %i right: pass@%i = %f', (total, correct, k, expected) => {
    expect(passAtK(total, correct, k)).toBeCloseTo(expected, 12)
  })

  it('is the share of k-subsets with a right response', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(9), fc.nat(8), (total, c, j) => {
        const correct = Math.min(c, total)
        const k = 1 + (j % total)
        let subsets = 0
        let hits = 0
        for (let set = 0; set < 1 << total; set++) {
          const size = set.toString(2).replaceAll('0', '').length
          if (size !== k) continue
          subsets++
          if ((set & ((1 << correct) - 1)) !== 0) hits++
        }
        expect(passAtK(total, correct, k)).toBeCloseTo(hits / subsets, 10)
      }),
    )
  })

  it('refuses more draws than there are', () => {
    expect(() => passAtK(2, 1, 3)).toThrow('pass@3 needs 3 samples')
  })
})

describe('consensus', () => {
  it.each([
    ['equal strings', ['a', 'b', 'b'], 'b', 2, false],
    ['equivalent strings', ['a', 'right', 'a', 'right again', 'right too'], 'right', 3, true],
    ['a tie goes to the answer that came first', ['a', 'right', 'right 2', 'a 2'], 'a', 2, false],
    ['a tie, the other way round', ['right', 'a', 'a 2', 'right 2'], 'right', 2, true],
    ['responses without an answer have no vote', [null, null, 'right'], 'right', 1, true],
  ])('%s', async (_, answers, answer, votes, correct) => {
    expect(await consensus(samples(...answers), sameFirstWord)).toEqual({ answer, votes, correct })
  })

  it('is null where nobody answers', async () => {
    expect(await consensus(samples(null, null), sameFirstWord)).toBeNull()
  })

  it('compares each pair of different answers at most once', async () => {
    const asked: string[] = []
    const answers = Array.from({ length: 60 }, (_, i) => `w${i % 3}`)
    await consensus(samples(...answers), (a, b) => {
      asked.push(`${a}/${b}`)
      return false
    })
    expect(asked).toEqual(['w0/w1', 'w0/w2', 'w1/w2'])
  })
})

describe('bootstrapInterval', () => {
  it('is the value where all problems agree, and the same for the same seed', () => {
    expect(bootstrapInterval([1, 1, 1], 0)).toEqual({ low: 1, high: 1 })
    const values = Array.from({ length: 30 }, (_, i) => i % 2)
    expect(bootstrapInterval(values, 3)).toEqual(bootstrapInterval(values, 3))
    expect(bootstrapInterval(values, 3)).not.toEqual(bootstrapInterval(values, 4))
  })

  it('is near the normal interval for many problems', () => {
    const values = Array.from({ length: 2000 }, (_, i) => (i % 4 === 0 ? 1 : 0))
    const { low, high } = bootstrapInterval(values, 1)
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 2000)
    expect(low).toBeCloseTo(0.25 - half, 2)
    expect(high).toBeCloseTo(0.25 + half, 2)
  })
})

describe('evaluationFigures', () => {
  it('averages over problems, then responses; missing ones are left out', async () => {
    const figures = await evaluationFigures(
      [
        { id: 'a', samples: samples('right', 'right', 'x', 'x') },
        { id: 'b', samples: samples('x', null, 'right', 'y') },
        { id: 'one response of four', samples: samples('right') },
        { id: 'none', samples: [] },
      ],
      { samples: 4, seed: 0, equivalent: () => sameFirstWord },
    )
    expect(figures).toMatchObject({
      n: 3,
      samples: 4,
      pass1: (0.5 + 0.25 + 1) / 3,
      passAt: { 1: (0.5 + 0.25 + 1) / 3, 4: 1 },
      passK: 1,
      consK: 2 / 3,
      meanTokens: 210 / 9,
      meanThinkingTokens: 4,
      formatShare: 8 / 9,
      truncatedShare: 1 / 9,
      answeredShare: 8 / 9,
    })
    expect(figures.passAt[2]).toBeCloseTo((1 - 1 / 6 + 0.5 + 1) / 3, 12)
  })

  it('has no cons@k where answers cannot be compared', async () => {
    const figures = await evaluationFigures([{ id: 'a', samples: samples('right') }], { samples: 1, seed: 0 })
    expect(figures).toMatchObject({ consK: null, consKInterval: null, pass1: 1 })
  })
})
