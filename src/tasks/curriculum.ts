/**
 * A pool of questions that remembers how often each was solved and asks again those whose groups have a signal: questions that
 * are right sometimes (R1 §2.2.1; DAPO, arXiv 2503.14476 §3.2, has the same aim and throws away what it has sampled).
 *
 * Of the questions of a rollout, a share `fresh` is new; the others are drawn from those of the pool whose pass rate is
 * within the bounds, all with the same chance, none twice in a rollout. Where there are too few, new ones take their place. The
 * gradient is then, in expectation, fresh · E[g] + (1 − fresh) · E[g | pass rate within the bounds], over the task's own
 * questions; docs/curriculum.md has what follows from it.
 */
import { randomStream } from '../random.ts'
import type { AskedQuestion } from './task.ts'

export interface CurriculumOptions {
  /** Share of new questions; at 1 there is no pool. */
  fresh: number
  /** Pass rates that are asked again, both ends included. */
  low: number
  high: number
}

/** What a pool knows of a question. */
export interface PooledQuestion {
  /** The task's number for it. */
  index: number
  /** Responses, older ones counting half as much with each time that it was asked again. */
  asked: number
  /** The right ones of them. */
  solved: number
}

export interface PoolState {
  /** The next new question. */
  next: number
  questions: PooledQuestion[]
}

export interface Pool {
  /** Question `place` of the run. */
  question(place: number): AskedQuestion
  /** How many of the responses to a question of this rollout were right. */
  record(id: string, asked: number, solved: number): void
  /** The rollout is over: what it recorded counts from now on. */
  endRollout(): void
  /** As of the last rollout that is over. */
  state(): PoolState
  /** Of the rollout at hand: questions that were asked before, and those within the bounds to choose from. */
  figures(): { askedAgain: number; questionsInBand: number }
}

export function createPool(
  question: (index: number) => AskedQuestion,
  seed: number,
  { fresh, low, high }: CurriculumOptions,
  { next, questions }: PoolState = { next: 0, questions: [] },
): Pool {
  const known = new Map(questions.map((one) => [one.index, { ...one }]))
  /** Of the rollout at hand. */
  let upcoming = next
  let drawn = new Map<string, number>()
  let again = 0
  const results: { index: number; asked: number; solved: number }[] = []

  const inBand = () =>
    [...known.values()].filter(({ asked, solved }) => solved >= low * asked && solved <= high * asked)

  function draw(place: number): number {
    const random = randomStream(seed, 'curriculum', place)
    const taken = new Set(drawn.values())
    const choice = random.chance(fresh) ? [] : inBand().filter(({ index }) => !taken.has(index))
    if (choice.length === 0) return upcoming++
    again++
    return random.pick(choice).index
  }

  return {
    question(place) {
      const index = draw(place)
      const asked = question(index)
      drawn.set(asked.question.id, index)
      return asked
    },
    record(id, asked, solved) {
      const index = drawn.get(id)
      if (index !== undefined) results.push({ index, asked, solved })
    },
    endRollout() {
      for (const { index, asked, solved } of results.splice(0)) {
        const before = known.get(index) ?? { asked: 0, solved: 0 }
        known.set(index, { index, asked: before.asked / 2 + asked, solved: before.solved / 2 + solved })
      }
      next = upcoming
      drawn = new Map()
      again = 0
    },
    state: () => ({ next, questions: [...known.values()] }),
    figures: () => ({ askedAgain: again, questionsInBand: inBand().length }),
  }
}
