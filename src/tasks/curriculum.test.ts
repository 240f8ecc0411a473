import { describe, expect, it } from 'vitest'
import { createPool, type Pool, type PoolState } from './curriculum.ts'

const task = { name: 't', verify: () => ({ correct: true, extracted: null, reason: '' }) }
const question = (index: number) => ({ task, question: { id: `q${index}`, prompt: '?', answer: 'a' } })
const open = (fresh: number, state?: PoolState) =>
  createPool(question, 1, { fresh, low: 0.25, high: 0.75 }, state)

/** A rollout of four questions; question i is right i times of four, modulo 5. */
function rollout(pool: Pool, number: number): string[] {
  const ids = [0, 1, 2, 3].map((i) => pool.question(number * 4 + i).question.id)
  for (const id of ids) pool.record(id, 4, Number(id.slice(1)) % 5)
  pool.endRollout()
  return ids
}

describe('createPool', () => {
  it('asks new questions in order while nothing is known, and always where all are to be fresh', () => {
    expect(rollout(open(0), 0)).toEqual(['q0', 'q1', 'q2', 'q3'])
    const fresh = open(1)
    expect([rollout(fresh, 0), rollout(fresh, 1)].flat()).toEqual(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `q${i}`),
    )
  })

  it('asks again what has a signal, no question twice in a rollout, and then new ones', () => {
    const pool = open(0)
    rollout(pool, 0)
    const ids = rollout(pool, 1)
    // q1, q2 and q3 are right one, two and three times of four; q0 is never right.
    expect([...ids].sort()).toEqual(['q1', 'q2', 'q3', 'q4'])
    for (let i = 2; i < 9; i++) {
      const later = rollout(pool, i)
      expect(new Set(later).size).toBe(4)
      expect(
        later.filter((id) => ['q0', 'q4', 'q5', 'q9'].includes(id) && pool.figures().questionsInBand > 4),
      ).toEqual([])
    }
  })

  it('draws each question of the band with the same chance', () => {
    const questions = Array.from({ length: 10 }, (_, index) => ({ index, asked: 4, solved: 2 }))
    const counts = new Map<string, number>()
    for (let i = 0; i < 500; i++) {
      const pool = open(0.5, { next: 100, questions })
      const { id } = pool.question(i).question
      counts.set(id, (counts.get(id) ?? 0) + 1)
    }
    // 250 are expected to be new, and 25 of each of the ten; five standard deviations.
    expect(Math.abs(counts.get('q100')! - 250)).toBeLessThan(5 * Math.sqrt(125))
    for (let i = 0; i < 10; i++) expect(Math.abs(counts.get(`q${i}`)! - 25)).toBeLessThan(25)
  })

  it('forgets by half each time that a question is asked again', () => {
    const pool = open(0)
    rollout(pool, 0)
    rollout(pool, 1)
    expect(pool.state().questions.find(({ index }) => index === 2)).toEqual({ index: 2, asked: 6, solved: 3 })
  })

  it('continues from its state as if it had never stopped, whatever was drawn of a rollout that was cut short', () => {
    const whole = open(0.3)
    const first = [0, 1, 2].map((i) => rollout(whole, i))
    const state = JSON.parse(JSON.stringify(whole.state()))
    whole.question(12)
    expect(JSON.parse(JSON.stringify(whole.state()))).toEqual(state)
    const resumed = open(0.3, state)
    const again = open(0.3)
    expect([0, 1, 2].map((i) => rollout(again, i))).toEqual(first)
    expect([3, 4, 5].map((i) => rollout(resumed, i))).toEqual([3, 4, 5].map((i) => rollout(again, i)))
  })
})
