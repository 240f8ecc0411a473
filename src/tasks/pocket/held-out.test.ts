/** No held-out problem in the corpus or in training questions, by what the texts say and not by how they were made. */
import { describe, expect, it } from 'vitest'
import { CORPUS_DEFAULTS } from './config.ts'
import { corpusDocument, POCKET_FAMILIES } from './corpus.ts'
import { isHeldOut } from './problem.ts'
import { pocketHeldOut, pocketTask } from './task.ts'

const FAMILIES = ['countdown', 'arithmetic', 'equation'] as const
const documents = Array.from({ length: 50_000 }, (_, index) => corpusDocument(CORPUS_DEFAULTS, 7, index))

describe.each(FAMILIES)('held-out %s problems', (family) => {
  const heldOut = POCKET_FAMILIES[family].heldOut().map(({ prompt }) => parseProblem(`${prompt('en')}.`))
  const forbidden = new Set(heldOut)

  it('are at least 400, all different, and the same on every call', () => {
    expect(forbidden.size).toBe(heldOut.length)
    expect(heldOut.length).toBeGreaterThanOrEqual(400)
    expect(heldOut.filter((key) => !isHeldOut(family, key))).toEqual([])
    const { questions } = pocketHeldOut(family)
    expect(questions.map(({ prompt }) => parseProblem(`${prompt}.`))).toEqual(heldOut.slice(0, 256))
    expect(pocketHeldOut(family).questions).toEqual(questions)
  })

  it('are in none of 50,000 documents', () => {
    const seen = new Set(documents.filter((d) => d.family === family).map(({ text }) => parseProblem(text)))
    expect(seen.size).toBeGreaterThan(3000)
    expect([...seen].filter((key) => forbidden.has(key) || isHeldOut(family, key))).toEqual([])
  })

  it('are in none of 20,000 training questions', () => {
    const task = pocketTask(family)
    const asked = Array.from({ length: 20_000 }, (_, i) => parseProblem(`${task.question(1, i).prompt}.`))
    expect(new Set(asked).size).toBeGreaterThan(3000)
    expect(asked.filter((key) => forbidden.has(key) || isHeldOut(family, key))).toEqual([])
  })
})

const COUNTDOWN = /(?:numbers|用数字) (\d+), (\d+), (\d+)(?:, make| 算出) (\d+)\./
const SUM = /(?:Compute|计算) ((?:\d+ [-+] )+\d+)\./
const EQUATION = /(?:Solve|解方程) (\d+) \* x ([-+]) (\d+ = \d+)\./

function parseProblem(text: string): string {
  const ascending = (numbers: number[]) => numbers.sort((a, b) => a - b).join(',')
  const countdown = COUNTDOWN.exec(text)
  if (countdown !== null) {
    const [a, b, c, target] = countdown.slice(1).map(Number) as [number, number, number, number]
    return `${ascending([a, b, c])}=${target}`
  }
  const sum = SUM.exec(text)
  if (sum !== null) return ascending(sum[1]!.replaceAll('- ', '-').match(/-?\d+/g)!.map(Number))
  const equation = EQUATION.exec(text)
  if (equation !== null) return `${equation[1]}x${equation[2]}${equation[3]!.replaceAll(' ', '')}`
  throw new Error(`no problem found in ${text}`)
}
