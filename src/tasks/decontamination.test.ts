import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { benchmarkIndex, normalizedWords } from './decontamination.ts'

const TEN = 'one two three four five six seven eight nine ten'

function find(benchmark: string, training: string, n = 10) {
  const index = benchmarkIndex(n)
  index.add('bench:1', benchmark)
  return index.find(training)
}

describe('benchmarkIndex', () => {
  it.each([
    ['the same text', TEN, TEN, true],
    ['ten words inside longer texts', `a b ${TEN} c`, `x ${TEN} y z`, true],
    [
      'case and punctuation do not matter',
      TEN,
      'ONE, two. Three (four) five-six "seven": eight; nine — ten!',
      true,
    ],
    ['nine words in a row are not ten', `a ${TEN} b`, `${TEN.replace(' ten', '')} eleven twelve`, false],
    ['ten words with one between', TEN, TEN.replace('five', 'five and'), false],
    ['LaTeX by its words', 'Find $\\frac{a}{b}$ if a is 1 and b is 2 then stop', 'find \\dfrac{a}{b}', false],
    ['Chinese by its characters', '小明有十二个苹果他吃了三个', '问：小明有十二个苹果，他吃了四个', true],
    ['full-width forms', 'ＡＢＣ　１２３ d e f g h i j k', 'abc 123 d e f g h i j k', true],
  ])('%s', (_, benchmark, training, overlaps) => {
    expect(find(benchmark, training) !== null).toBe(overlaps)
  })

  it('compares texts below n words whole', () => {
    expect(find('What is 2 + 2?', 'what is 2+2')).toEqual({ source: 'bench:1', overlap: 'what is 2 2' })
    expect(find('What is 2 + 2?', 'what is 2+2 or 3')).toBeNull()
    expect(find('', '')).toBeNull()
  })

  it('says where and what', () => {
    expect(find(`a b ${TEN} c`, `x y ${TEN} z`)).toEqual({ source: 'bench:1', overlap: TEN })
  })

  it('agrees with comparing every run of words', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }).map((list) => list.join(' '))
    fc.assert(
      fc.property(words, words, fc.integer({ min: 2, max: 8 }), (benchmark, training, n) => {
        const runs = (text: string) => {
          const list = normalizedWords(text)
          if (list.length < n) return list.length === 0 ? [] : [`whole ${list.join(' ')}`]
          return list.slice(n - 1).map((_, i) => list.slice(i, i + n).join(' '))
        }
        const shared = runs(training).some((run) => runs(benchmark).includes(run))
        expect(find(benchmark, training, n) !== null).toBe(shared)
      }),
      { numRuns: 500 },
    )
  })
})
