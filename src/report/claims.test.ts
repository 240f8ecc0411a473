import { describe, expect, it } from 'vitest'
import type { SeedStages, StageEvidence } from './claim.ts'
import { CLAIMS } from './claim-list.ts'
import { judgeClaims } from './claims.ts'
import type { QuestionFigures } from './run-summary.ts'

const stage = (
  results: Record<string, Record<string, number>>,
  steps: Record<string, number>[] = [],
  questions: Record<string, QuestionFigures> = {},
) =>
  ({
    results,
    steps: steps.map((step, i) => ({ step: i + 1, ...step })),
    questions,
  }) as unknown as StageEvidence

const zero = (base: number, trained: number): SeedStages => ({
  zero: stage({ base: { pass1: base }, trained: { pass1: trained } }),
})
const rises = CLAIMS.filter(({ claim }) => claim.startsWith('R1-Zero: accuracy rises'))
const hacked = CLAIMS.filter(({ claim }) => claim.includes('hacked'))

describe('judgeClaims', () => {
  it.each([
    [
      [zero(0.1, 0.9), zero(0.2, 0.8)],
      'base 15.0 % ± 63.6 %, R1-Zero 85.0 % ± 63.5 %',
      'holds in both seeds',
    ],
    [
      [zero(0.1, 0.9), zero(0.5, 0.4)],
      'base 30.0 % ± 254.2 %, R1-Zero 65.0 % ± 317.8 %',
      'holds in 1 of 2 seeds',
    ],
    [[zero(0.5, 0.51)], 'base 50.0 %, R1-Zero 51.0 %', 'fails (one seed)'],
    [[zero(0.1, 0.9)], 'base 10.0 %, R1-Zero 90.0 %', 'holds (one seed)'],
  ])('says what was measured and counts seeds', (seeds, measured, verdict) => {
    expect(judgeClaims(seeds, rises)).toMatchObject([{ measured, verdict }])
  })

  it('a claim that a seed says nothing of is not measured, and so is one of which a figure is none', () => {
    expect(judgeClaims([{}, zero(0.1, 0.9)], rises)).toMatchObject([
      { measured: 'base 10.0 %, R1-Zero 90.0 %', verdict: 'not measured in 1 of 2 seeds' },
    ])
    expect(judgeClaims([zero(0.1, Number.NaN)], rises)).toMatchObject([
      { measured: '', verdict: 'not measured' },
    ])
    const all = judgeClaims([{}])
    expect(all).toHaveLength(CLAIMS.length)
    expect(new Set(all.map(({ verdict }) => verdict))).toEqual(new Set(['not measured']))
  })

  it('a step that lacks a metric leaves its course unmeasured', () => {
    const scores = [1, 1, 2, 2].map((helpful) => ({ helpful }))
    const throughout = (steps: Record<string, number>[]) => ({
      dev3: stage({ trained: { pass1: 0.9 } }),
      r1: stage({ trained: { pass1: 0.9 } }),
      'preference-throughout': stage({ trained: { pass1: 0.5 } }, steps),
    })
    expect(judgeClaims([throughout(scores)], hacked)).toMatchObject([{ verdict: 'holds (one seed)' }])
    expect(judgeClaims([throughout([{}, ...scores])], hacked)).toMatchObject([{ verdict: 'not measured' }])
  })

  it.each([
    ['the same lead on each question', [0.1, 0.1, 0.1, 0.1], '+10.0 ± 0.0 points', 'holds (one seed)'],
    ['a lead by one question', [0.4, 0, 0, 0], '+10.0 ± 19.6 points', 'holds (one seed), within chance'],
  ])('%s', (_, leads, difference, verdict) => {
    const questions = (lead: readonly number[]) =>
      Object.fromEntries(lead.map((value, i) => [`q${i}`, { pass1: i / 10 + value }]))
    const stages = {
      zero: stage({ base: { pass1: 0.15 }, trained: { pass1: 0.25 } }, [], {
        base: questions([0, 0, 0, 0]),
        trained: questions(leads),
      }),
    }
    expect(judgeClaims([stages], rises)).toMatchObject([
      { measured: `base 15.0 %, R1-Zero 25.0 %, difference ${difference}`, verdict },
    ])
  })

  it.each([
    [[0, 0, 0, 0], [1, 1, 1, 2], 0.5, 'holds (one seed)'],
    [[0, 0, 0, 0], [1, 1, 1, 2], 0.9, 'fails (one seed)'],
    [[2, 2, 2, 2], [1, 1, 1, 0], 0.5, 'fails (one seed)'],
  ])('reads the course of a score, first quarter to last', (first, last, after, verdict) => {
    const stages = {
      dev3: stage({ trained: { pass1: 0.9 } }),
      r1: stage({ trained: { pass1: 0.9 } }),
      'preference-throughout': stage(
        { trained: { pass1: after } },
        [...first, ...Array(8).fill(0.7), ...last].map((helpful) => ({ helpful })),
      ),
    }
    expect(judgeClaims([stages], hacked)).toMatchObject([{ verdict }])
  })

  it.each([
    [0.4, 'holds (one seed)'],
    [0.6, 'fails (one seed)'],
  ])('compares two rewards at the same steps', (taught, verdict) => {
    const steps = (accuracies: number[]) => accuracies.map((accuracy) => ({ accuracy }))
    const stages = {
      'process-reward': stage({}, steps([...Array(6).fill(0.9), taught, taught])),
      // What comes after the eighth step is not compared.
      zero: stage({}, steps([...Array(6).fill(0), 0.5, 0.5, ...Array(8).fill(1)])),
    }
    const claims = judgeClaims([stages]).filter(({ verdict: said }) => said !== 'not measured')
    expect(claims).toMatchObject([{ verdict }])
    expect(claims[0]!.measured).toContain('R1-Zero 50.0 %')
  })

  it('each claim can hold and can fail', () => {
    const models = ['zero', 'zero-language', 'dev1', 'dev2', 'dev3', 'r1', 'ppo', 'preference-throughout']
    const attempts = ['best-of-n', 'tree-search', 'process-reward']
    const results = ['base', 'trained', 'best', 'best-of-half', 'majority', 'search']
    const students = ['one-rl', 'one-distilled', 'two-rl', 'two-distilled']
    /** Figures drawn at random until each claim was seen both ways. */
    const verdicts = new Map<string, Set<string>>()
    let state = 1
    const draw = () => {
      state = (state * 48271) % 2147483647
      return state / 2147483647
    }
    const figures = () => ({
      pass1: draw(),
      consK: draw(),
      meanTokens: draw(),
      reflectionWords: draw(),
      mixedLanguageShare: draw() / 8,
      readable: draw(),
      good: draw(),
      helpful: draw(),
      safeHarmful: draw(),
    })
    const step = () => ({
      helpful: draw(),
      accuracy: draw(),
      mixedLanguageShare: draw() / 8,
      sampleSeconds: draw(),
      scoreSeconds: 1,
      trainSeconds: 1,
    })
    for (let i = 0; i < 300; i++) {
      const stages = Object.fromEntries(
        [...models, ...students, ...attempts].map((name) => [
          name,
          stage(Object.fromEntries(results.map((result) => [result, figures()])), [step(), step()]),
        ]),
      )
      for (const { claim, verdict } of judgeClaims([stages]))
        verdicts.set(claim, (verdicts.get(claim) ?? new Set()).add(verdict))
    }
    expect(verdicts.size).toBe(CLAIMS.length + 2)
    for (const [claim, seen] of verdicts) expect(seen.size, claim).toBe(2)
  })
})
