import { describe, expect, it } from 'vitest'
import { MEASURES, measureOf } from './measures.ts'

describe('measures', () => {
  it('have a label, and a sentence that says what they are', () => {
    for (const [key, { label, explanation }] of Object.entries(MEASURES)) {
      expect(label, key).not.toBe('')
      expect(explanation, key).toMatch(/^\S.*\.$/)
    }
  })

  it('name k where it is known', () => {
    expect(measureOf('consK').label).toBe('cons@k')
    expect(measureOf('consK', 64).label).toBe('cons@64')
    expect(measureOf('passK', 1).label).toBe('pass@1')
  })

  it('of one kind of question say which', () => {
    const { label, format } = measureOf('pass1:pocket-countdown')
    expect([label, format(0.5)]).toEqual(['pass@1: pocket countdown', '50.0 %'])
  })

  it('of a key that is not declared read as words, a property of every object included', () => {
    expect(measureOf('myOwnReward').label).toBe('my own reward')
    expect(measureOf('constructor').label).toBe('constructor')
  })

  it('write each unit its own way', () => {
    const written = (key: string, value: number) => measureOf(key).format(value)
    expect(written('reward', 1)).toBe('1.00')
    expect(written('meanTokens', 1234.5)).toBe('1,235')
    expect(written('meanTokens', 7.25)).toBe('7.25')
    expect(written('learningRate', 3e-6)).toBe('3e-6')
    expect(written('sampleSeconds', 2.5)).toBe('2.5 s')
    expect(written('pass1', Number.NaN)).toBe('–')
  })
})
