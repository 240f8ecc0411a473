/**
 * Keeps the questions a model solves sometimes: where all G responses of a group are right or all wrong, every
 * advantage is zero and nothing is learnt (R1 §2.2.1).
 */
import { DataError } from '../errors.ts'
import { readRows } from './file-rows.ts'

export interface PassRateRange {
  /** Both ends included. */
  low: number
  high: number
}

export interface PassRateSelection<T> {
  kept: T[]
  tooHard: T[]
  tooEasy: T[]
  /** Questions without a measured rate; they are not among the kept. */
  unknown: T[]
}

export function selectByPassRate<T extends { id: string }>(
  questions: readonly T[],
  passRates: ReadonlyMap<string, number>,
  { low, high }: PassRateRange,
): PassRateSelection<T> {
  const selection: PassRateSelection<T> = { kept: [], tooHard: [], tooEasy: [], unknown: [] }
  for (const question of questions) {
    const rate = passRates.get(question.id)
    if (rate === undefined) selection.unknown.push(question)
    else if (rate < low) selection.tooHard.push(question)
    else if (rate > high) selection.tooEasy.push(question)
    else selection.kept.push(question)
  }
  return selection
}

/** Reads the `{id, passRate, …}` rows that `r1 eval` writes beside its results; null where every request failed. */
export async function readPassRates(path: string): Promise<Map<string, number>> {
  const rates = new Map<string, number>()
  for await (const { place, value } of readRows(path)) {
    const { id, passRate } = value
    if (passRate === null) continue
    if ((typeof id !== 'string' && typeof id !== 'number') || typeof passRate !== 'number')
      throw new DataError('not a pass rate.', { field: place, expected: '{"id": …, "passRate": 0 to 1}' })
    rates.set(String(id), passRate)
  }
  return rates
}
