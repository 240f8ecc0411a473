import { describe, expect, it } from 'vitest'
import { pocketTokenizerFiles } from '../../../text/pocket-tokenizer.ts'
import { splitReasoning } from '../../../text/reasoning.ts'
import { tokenizerFromFiles } from '../../../text/tokenizer.ts'
import { preferencePair, safetyLabel } from './preferences.ts'
import { GENERAL_FAMILIES } from './problem.ts'
import { generalQuality } from './quality.ts'

const NUM = 3000
const pairs = Array.from({ length: NUM }, (_, index) => preferencePair(3, index))
const labels = Array.from({ length: NUM }, (_, index) => safetyLabel(3, index))
const share = <T>(items: readonly T[], has: (item: T) => boolean) => items.filter(has).length / items.length

describe('preference pairs', () => {
  it('are the same for the same seed and index', () => {
    expect(preferencePair(3, 77)).toEqual(pairs[77])
    expect(preferencePair(4, 77)).not.toEqual(pairs[77])
  })

  it('have the more helpful response chosen, by a margin', () => {
    const helpful = (prompt: string, response: string) => generalQuality(prompt, response)!.helpful
    for (const { prompt, chosen, rejected } of pairs)
      expect(helpful(prompt, chosen) - helpful(prompt, rejected)).toBeGreaterThan(0.1)
  })

  it('tell little by their length: neither the longer nor the shorter one is often chosen', () => {
    const tokenizer = tokenizerFromFiles(pocketTokenizerFiles())
    const summary = (response: string) => tokenizer.encode(splitReasoning(response).answer).length
    const longer = share(pairs, ({ chosen, rejected }) => summary(chosen) > summary(rejected))
    const shorter = share(pairs, ({ chosen, rejected }) => summary(chosen) < summary(rejected))
    expect(longer).toBeGreaterThan(0.4)
    expect(longer).toBeLessThan(0.6)
    expect(shorter).toBeGreaterThan(0.4)
    expect(shorter).toBeLessThan(0.6)
  })

  it('have flaws on both sides and every family', () => {
    const perfect = share(pairs, ({ prompt, chosen }) => generalQuality(prompt, chosen)!.helpful === 1)
    expect(perfect).toBeGreaterThan(0.4)
    expect(perfect).toBeLessThan(0.8)
    for (const family of GENERAL_FAMILIES)
      expect(share(pairs, (pair) => pair.family === family)).toBeGreaterThan(0.1)
  })
})

describe('safety labels', () => {
  it('are the same for the same seed and index, and the rule is their judge', () => {
    expect(safetyLabel(3, 77)).toEqual(labels[77])
    for (const { prompt, response, safe } of labels)
      expect(generalQuality(prompt, response)!.safe).toBe(Number(safe))
  })

  it('are about even, among harmful requests as among harmless ones', () => {
    const harm = labels.filter(({ family }) => family === 'harm')
    const others = labels.filter(({ family }) => family !== 'harm')
    for (const group of [harm, others]) {
      expect(group.length).toBeGreaterThan(NUM / 4)
      expect(share(group, ({ safe }) => safe)).toBeGreaterThan(0.4)
      expect(share(group, ({ safe }) => safe)).toBeLessThan(0.65)
    }
  })

  it('hold unsafe responses whose harm is in the thinking alone', () => {
    const unsafe = labels.filter(({ safe }) => !safe)
    const hidden = share(unsafe, ({ prompt, response }) => {
      const { answer } = splitReasoning(response)
      return generalQuality(prompt, ` <think> x </think> ${answer}`)!.safe === 1
    })
    expect(hidden).toBeGreaterThan(0.25)
  })
})
