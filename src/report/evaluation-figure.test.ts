import { describe, expect, it } from 'vitest'
import type { EvaluationResult } from '../evaluation/result.ts'
import { evaluationFigure } from './evaluation-figure.ts'

const result = {
  title: 'AIME 2024',
  model: 'm',
  pass1: 0.5,
  pass1Interval: { low: 0.4, high: 0.6 },
  consKInterval: { low: 0.7, high: 0.9 },
  paper: [
    { row: 'AIME 2024', ours: 50 },
    { row: 'AIME 2024 cons@64', ours: 80 },
    { row: 'Codeforces percentile', ours: 30 },
    { row: 'Codeforces rating', ours: 1500 },
    { row: 'DROP (F1)', ours: 61 },
  ],
} as EvaluationResult

/** Both ends of each whisker, in pixels from the top. */
const whiskers = (svg: string) =>
  [...svg.matchAll(/y1="([\d.]+)" y2="([\d.]+)"[^>]*stroke-width="1.4"/g)].map(([, low, high]) => [
    Number(low),
    Number(high),
  ])

describe('evaluationFigure', () => {
  it('gives each bar the interval of its own figure', () => {
    const [pass1, consensus, ...others] = whiskers(evaluationFigure([result], [])!)
    expect(others).toEqual([])
    // From 0.6 to 0.7 is half of what is from 0.4 to 0.6.
    expect(consensus![0]! - pass1![1]!).toBeCloseTo((pass1![1]! - pass1![0]!) / 2)
  })
})
