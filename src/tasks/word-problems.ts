/**
 * Arithmetic word problems of one or two steps with whole numbers, generated: what a model of a hundred million
 * parameters gets right sometimes.
 */
import { hashText, type RandomStream, randomStream } from '../random.ts'
import { verifyMath } from '../verifiers/math/verify.ts'
import { mathematics } from './mathematics.ts'
import type { Question, QuestionSet, TrainingTask } from './task.ts'

const NAMES =
  'Ana Ben Carla David Emma Felix Grace Hugo Iris Jack Kira Leo Mia Noah Olga Paul Rosa Sam Tara Yusuf'.split(
    ' ',
  )
const THINGS =
  'apples books cards coins cookies flowers marbles oranges pencils shells stamps stickers'.split(' ')
const BOXES = 'bags baskets boxes jars trays'.split(' ')

interface Scene {
  random: RandomStream
  name: string
  other: string
  things: string
}

/** A sentence, what it computes with its numbers, and how many things there are after it. */
interface Told {
  text: string
  operation: string
  count: number
}

/** One more sentence; undefined where it does not fit the number. */
type Event = (count: number, scene: Scene) => Told | undefined

const BEGINNINGS: ((scene: Scene) => Told & { steps: number })[] = [
  ({ random, name, things }) => {
    const count = random.integer(3, 60)
    return { text: `${name} has ${count} ${things}.`, operation: `${count}`, count, steps: 0 }
  },
  ({ random, name, things }) => {
    const [inEach, boxes] = [random.integer(2, 12), random.integer(2, 12)]
    const text = `${name} has ${boxes} ${random.pick(BOXES)} with ${inEach} ${things} in each.`
    return { text, operation: inAnyOrder(inEach, '*', boxes), count: inEach * boxes, steps: 1 }
  },
]

const EVENTS: Event[] = [
  (count, { random, name, other }) => {
    const more = random.integer(2, 60)
    return { text: `${other} gives ${name} ${more} more.`, operation: `+${more}`, count: count + more }
  },
  (count, { random, name, things }) => {
    const more = random.integer(2, 60)
    return { text: `${name} buys ${more} more ${things}.`, operation: `+${more}`, count: count + more }
  },
  (count, { random, name, other }) => {
    if (count < 4) return undefined
    const fewer = random.integer(2, count - 1)
    return {
      text: `${name} gives ${fewer} of them to ${other}.`,
      operation: `-${fewer}`,
      count: count - fewer,
    }
  },
  (count, { random, name, things }) => {
    if (count < 4) return undefined
    const fewer = random.integer(2, count - 1)
    return { text: `Then ${name} loses ${fewer} ${things}.`, operation: `-${fewer}`, count: count - fewer }
  },
  (count, { random, name }) => {
    const [times, word] = random.pick([
      [2, 'twice'],
      [3, '3 times'],
      [4, '4 times'],
    ] as const)
    return count * times > 200
      ? undefined
      : { text: `A year later ${name} has ${word} as many.`, operation: `*${times}`, count: count * times }
  },
  (count, { random, name }) => {
    const [divisor, word] = random.pick([
      [2, 'half'],
      [3, 'a third'],
      [4, 'a quarter'],
    ] as const)
    return count % divisor !== 0 || count === divisor
      ? undefined
      : { text: `${name} keeps only ${word} of them.`, operation: `/${divisor}`, count: count / divisor }
  },
]

function wordProblem(random: RandomStream, mostSteps: number): Question {
  const [name, other] = random.shuffle(NAMES) as [string, string]
  const scene = { random, name, other, things: random.pick(THINGS) }
  const steps = random.integer(1, mostSteps)
  const beginning = random.pick(BEGINNINGS)(scene)
  const told: Told[] = [beginning]
  let { count } = beginning
  for (let step = beginning.steps; step < steps; ) {
    const next = random.pick(EVENTS)(count, scene)
    if (next === undefined) continue
    told.push(next)
    count = next.count
    step++
  }
  const sentences = told.map((sentence) => sentence.text).join(' ')
  const text = `${sentences} How many ${scene.things} does ${name} have now?`
  const data = { quantities: quantitiesOf(told) }
  return { id: `word-problems/${text}`, prompt: text, answer: `${count}`, data }
}

/** What is computed, whoever has what: two problems that say it of other people and things are the same. */
function quantitiesOf([first, second, ...rest]: readonly Told[]): string {
  const sum = second && /^(\d+)\+(\d+)$/.exec(first!.operation + second.operation)
  const begun = sum
    ? inAnyOrder(Number(sum[1]), '+', Number(sum[2]))
    : first!.operation + (second?.operation ?? '')
  return [begun, ...rest.map(({ operation }) => operation)].join('')
}

const inAnyOrder = (a: number, operator: string, b: number) => `${Math.min(a, b)}${operator}${Math.max(a, b)}`

/** One in this many. */
const HELD_OUT = 5

/** Held out by the quantities alone, so that no seed, name or thing can bring them into training. */
const isHeldOut = ({ data }: Question): boolean =>
  hashText(`word-problems/${data!.quantities}`) % HELD_OUT === 0

/** How many there are is a number: a verifier that takes `4 * 9` for it teaches a model to leave out the calculation. */
const counting = {
  ...mathematics,
  verify: ({ answer }, response) => verifyMath(response, answer, { calculated: true }),
} satisfies Partial<QuestionSet>

/** The first question from stream `index` on that is, or is not, held out. */
function find(mostSteps: number, seed: number, index: number, heldOut: boolean): Question {
  for (let attempt = 0; ; attempt++) {
    const question = wordProblem(randomStream(seed, 'word-problems', index, attempt), mostSteps)
    if (isHeldOut(question) === heldOut) return question
  }
}

export interface WordProblems extends TrainingTask {
  /** `count` different held-out problems, the same ones on every call. */
  heldOut: (count: number) => QuestionSet
}

function wordProblemsOf(name: string, mostSteps: number): WordProblems {
  return {
    name,
    question: (seed, index) => find(mostSteps, seed, index, false),
    ...counting,
    heldOut(count) {
      const questions = new Map<string, Question>()
      for (let index = 0; questions.size < count; index++) {
        const question = find(mostSteps, 0, index, true)
        questions.set(question.id, question)
      }
      return { name, questions: [...questions.values()], ...counting }
    },
  }
}

export const WORD_PROBLEMS: Readonly<Record<string, WordProblems>> = {
  'word-problems': wordProblemsOf('word-problems', 2),
  'one-step-problems': wordProblemsOf('one-step-problems', 1),
}
