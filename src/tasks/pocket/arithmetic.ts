/**
 * Sums and differences of three or four numbers, `12 + 45 - 8 + 31`. Thinking adds tens and ones apart and writes each
 * partial sum; a direct guess is near but rarely right.
 */
import { type RandomStream, randomStream } from '../../random.ts'
import { LARGEST_NUMBER } from '../../text/pocket-tokenizer.ts'
import { isHeldOut, type PocketFamily, type PocketProblem } from './problem.ts'
import { apply, computed, type State } from './speaker.ts'

const SMALLEST_TERM = 2
const LARGEST_TERM = 99
const NUM_HELD_OUT = 512
/** Share of direct guesses that are right. */
const LUCKY_SHARE = 0.08

interface Term {
  op: '+' | '-'
  size: number
}

export const pocketArithmetic: PocketFamily = {
  name: 'arithmetic',
  draw(random) {
    for (;;) {
      const terms = drawTerms(random)
      if (!isHeldOut('arithmetic', arithmeticKey(terms))) return arithmeticProblem(terms)
    }
  },
  heldOut() {
    if (heldOut === undefined) {
      const random = randomStream(0, 'held-out', 'arithmetic')
      const found = new Map<string, PocketProblem>()
      while (found.size < NUM_HELD_OUT) {
        const terms = drawTerms(random)
        const key = arithmeticKey(terms)
        if (isHeldOut('arithmetic', key) && !found.has(key)) found.set(key, arithmeticProblem(terms))
      }
      heldOut = [...found.values()]
    }
    return heldOut
  },
}

let heldOut: PocketProblem[] | undefined

function drawTerms(random: RandomStream): Term[] {
  const terms: Term[] = [{ op: '+', size: random.integer(SMALLEST_TERM, LARGEST_TERM) }]
  const numTerms = random.integer(3, 4)
  let sum = terms[0]!.size
  while (terms.length < numTerms) {
    const term: Term = {
      op: random.pick(['+', '-'] as const),
      size: random.integer(SMALLEST_TERM, LARGEST_TERM),
    }
    const next = apply(sum, term.op, term.size)
    if (next < 0 || next > LARGEST_NUMBER) continue
    terms.push(term)
    sum = next
  }
  return terms
}

/** The signed terms in order of size: a sum in another order is the same problem. */
function arithmeticKey(terms: readonly Term[]): string {
  return terms
    .map(({ op, size }) => (op === '+' ? size : -size))
    .sort((a, b) => a - b)
    .join(',')
}

function arithmeticProblem(terms: readonly Term[]): PocketProblem {
  const expression = terms.map(({ op, size }, i) => (i === 0 ? `${size}` : `${op} ${size}`)).join(' ')
  const result = terms.reduce((sum, { op, size }) => apply(sum, op, size), 0)
  const steps = smallSteps(terms)
  return {
    key: arithmeticKey(terms),
    prompt: (language) => (language === 'en' ? `Compute ${expression}` : `计算 ${expression}`),
    answer: `${result}`,
    data: { terms },
    guess: (random, thinks) => ({
      text: thinks ? partialSums(terms[0]!.size, steps.slice(0, 1), computed).text : '',
      answer: `${random.chance(LUCKY_SHARE) ? result : near(result, random)}`,
    }),
    giveUp(speaker, tries) {
      const { text, value } = partialSums(terms[0]!.size, steps.slice(0, tries), speaker.state)
      return { text: text + speaker.say('so'), answer: `${value}` }
    },
    persist(speaker) {
      const { noise, random, say } = speaker
      let { text, value } = partialSums(terms[0]!.size, steps, speaker.state)
      if (random.chance(noise.check)) {
        const again = partialSums(terms[0]!.size, steps, computed)
        text += `${random.chance(noise.wait) ? say('wait') : ''}${say('check')}${again.text}`
        text += say(again.value === value ? 'yes' : 'mistake')
        value = again.value
      }
      return { text: text + say('so'), answer: `${value}` }
    },
  }
}

/** Tens and ones of every term after the first, apart. */
function smallSteps(terms: readonly Term[]): Term[] {
  return terms.slice(1).flatMap(({ op, size }) => {
    const ones = size % 10
    return [
      { op, size: size - ones },
      { op, size: ones },
    ].filter((step) => step.size > 0)
  })
}

function partialSums(start: number, steps: readonly Term[], state: State): { text: string; value: number } {
  let text = ''
  let value = start
  for (const [i, { op, size }] of steps.entries()) {
    let statement = state(value, op, size)
    // A slip must not lead the rest of the sum out of the world's numbers.
    if (!staysInside(statement.value, steps.slice(i + 1))) statement = computed(value, op, size)
    text += `${i === 0 ? '' : ','}${statement.text}`
    value = statement.value
  }
  return { text, value }
}

function staysInside(value: number, steps: readonly Term[]): boolean {
  let sum = value
  for (const { op, size } of steps) {
    sum = apply(sum, op, size)
    if (sum < 0 || sum > LARGEST_NUMBER) return false
  }
  return true
}

/** A wrong result such as a hasty reader gives: a digit off, a carry lost. */
function near(result: number, random: RandomStream): number {
  for (;;) {
    const wrong = result + random.pick([-20, -11, -10, -9, -3, -2, -1, 1, 2, 3, 9, 10, 11, 20])
    if (wrong >= 0 && wrong <= LARGEST_NUMBER) return wrong
  }
}
