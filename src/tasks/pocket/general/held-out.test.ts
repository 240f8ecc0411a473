/** No held-out request in anything that is trained on, in any wording or language. */
import { describe, expect, it } from 'vitest'
import { isHeldOut } from '../problem.ts'
import { generalDemonstration } from './demonstration.ts'
import { generalProblems, readGeneral } from './families.ts'
import { preferencePair, safetyLabel } from './preferences.ts'
import { GENERAL_FAMILIES } from './problem.ts'
import { generalHeldOut, generalTask } from './task.ts'

const heldOut = GENERAL_FAMILIES.flatMap((family) => generalProblems('heldOut', family))
const training = GENERAL_FAMILIES.flatMap((family) => generalProblems('training', family))
const wordings = (problems: typeof heldOut) =>
  problems.flatMap(({ prompts }) => [...prompts.en, ...prompts.zh])
const forbidden = new Set(wordings(heldOut))

describe('held-out requests', () => {
  it('are at least 25 in each family, split by the request itself', () => {
    for (const family of GENERAL_FAMILIES) {
      expect(generalProblems('heldOut', family).length, family).toBeGreaterThanOrEqual(25)
      expect(generalProblems('training', family).length, family).toBeGreaterThanOrEqual(250)
    }
    expect(heldOut.filter(({ family, key }) => !isHeldOut(family, key))).toEqual([])
    expect(training.filter(({ family, key }) => isHeldOut(family, key))).toEqual([])
  })

  it('share no wording with another request', () => {
    const all = wordings([...heldOut, ...training])
    expect(new Set(all).size).toBe(all.length)
  })

  it('are what the held-out set asks', () => {
    const { questions } = generalHeldOut(240)
    expect(new Set(questions.map(({ id }) => id)).size).toBe(240)
    expect(questions.filter(({ prompt }) => !forbidden.has(prompt))).toEqual([])
    expect(generalHeldOut(240).questions).toEqual(questions)
    expect(generalHeldOut(12).questions).toEqual(questions.slice(0, 12))
    expect(generalHeldOut(1e6).questions).toHaveLength(heldOut.length)
  })

  const task = generalTask()
  it.each<[string, (index: number) => { prompt: string }]>([
    ['training questions', (index) => task.question(1, index)],
    ['demonstrations', (index) => generalDemonstration(1, index)],
    ['preference pairs', (index) => preferencePair(1, index)],
    ['safety labels', (index) => safetyLabel(1, index)],
  ])('are in none of 3,000 %s', (_, make) => {
    const prompts = Array.from({ length: 3000 }, (_, index) => make(index).prompt)
    expect(new Set(prompts).size).toBeGreaterThan(1500)
    expect(prompts.filter((prompt) => forbidden.has(prompt) || readGeneral(prompt) === undefined)).toEqual([])
  })

  it('are in all held-out pairs and labels', () => {
    for (let index = 0; index < 500; index++) {
      expect(forbidden.has(preferencePair(1, index, 'heldOut').prompt)).toBe(true)
      expect(forbidden.has(safetyLabel(1, index, 'heldOut').prompt)).toBe(true)
    }
  })
})
