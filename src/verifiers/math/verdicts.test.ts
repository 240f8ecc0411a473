/** Several hundred answers judged by hand, by kind, in test/math-verdicts.txt. */
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { closeSymbolicWorker } from './symbolic.ts'
import { verifyMath } from './verify.ts'

interface Case {
  gold: string
  prediction: string
  expected: boolean
}

const file = new URL('../../../test/math-verdicts.txt', import.meta.url)
const kinds: { kind: string; cases: Case[] }[] = []
for (const line of readFileSync(file, 'utf8').split('\n')) {
  const [gold = '', prediction, expected] = line.replaceAll('⏎', '\n').split(' ||| ')
  if (line.startsWith('## ')) kinds.push({ kind: line.slice(3), cases: [] })
  else if (prediction !== undefined)
    kinds.at(-1)!.cases.push({ gold, prediction, expected: expected === '1' })
}

afterAll(closeSymbolicWorker)

describe('answers judged by hand', () => {
  it.each(kinds)('$kind', { timeout: 120_000 }, async ({ cases }) => {
    const wrong: Case[] = []
    for (const row of cases) {
      const { correct } = await verifyMath(row.prediction, row.gold, { timeLimitMs: 60_000 })
      if (correct !== row.expected) wrong.push(row)
    }
    expect(cases.length).toBeGreaterThan(10)
    expect(wrong).toEqual([])
  })
})
