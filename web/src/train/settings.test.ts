import { describe, expect, it } from 'vitest'
import { onPolicy } from '../../../src/recipes/presets/pocket.ts'
import { DEFAULTS, fromQuery, grpoSettings, SLIDERS, toQuery } from './settings.ts'

describe('the settings of the tab', () => {
  it('are those of the preset on-policy where nothing is changed', () => {
    expect(grpoSettings(DEFAULTS)).toMatchObject(onPolicy.grpo)
  })

  it('come back from a link', () => {
    const changed = { ...DEFAULTS, groupSize: 4, klWeight: 0, learningRate: 5e-5, maxTokens: 48, seed: 3 }
    expect(fromQuery(new URLSearchParams(toQuery(changed)))).toEqual(changed)
    expect(toQuery(DEFAULTS)).toBe('')
  })

  it.each([
    'groupSize=1',
    'groupSize=3.5',
    'steps=0',
    'temperature=0',
    'klWeight=x',
    'maxTokens=4000',
    'heldOut=',
    'no=1',
  ])('are the defaults where a link says %s', (query) =>
    expect(fromQuery(new URLSearchParams(query))).toEqual(DEFAULTS),
  )

  it('have their defaults among the sliders’ values', () => {
    for (const { key, values } of SLIDERS) expect(values, key).toContain(DEFAULTS[key])
  })
})
