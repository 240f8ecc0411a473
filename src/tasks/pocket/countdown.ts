/**
 * Countdown with three numbers of 1 to 12, the pocket world's main family. A try computes one expression and puts
 * the target beside its value, `try 8 + 3 = 11, 11 * 5 = 55 need 60 no`: comparing neighbouring tokens is what
 * a small model learns first, and searching rests on it.
 */
import { randomStream } from '../../random.ts'
import { LARGEST_NUMBER, splitPocketText } from '../../text/pocket-tokenizer.ts'
import { countdownPrompt } from '../countdown.ts'
import { expressionText, secondOperands, type TwoSteps, twoStepExpressions } from './expressions.ts'
import { isHeldOut, type PocketFamily, type PocketProblem, type Thought } from './problem.ts'
import { apply, computed, type Speaker } from './speaker.ts'

const LARGEST = 12
const LARGEST_TARGET = 120
/** Draws of a persistent search that fits; it gives up where the last one does not. */
const ATTEMPTS = 8

export const pocketCountdown: PocketFamily = {
  name: 'countdown',
  draw(random) {
    const { sorted, target, expressions } = random.pick(countdownSplit().training)
    return countdownProblem(random.shuffle(sorted), target, expressions)
  },
  heldOut: () => countdownSplit().heldOut,
}

interface Reachable {
  sorted: number[]
  target: number
  expressions: readonly TwoSteps[]
}

let split: { training: Reachable[]; heldOut: PocketProblem[] } | undefined

/** Every reachable target of every three numbers, once. */
function countdownSplit() {
  if (split !== undefined) return split
  const training: Reachable[] = []
  const heldOut: Reachable[] = []
  for (let a = 1; a <= LARGEST; a++)
    for (let b = a; b <= LARGEST; b++)
      for (let c = b; c <= LARGEST; c++) {
        const sorted = [a, b, c]
        const expressions = twoStepExpressions(sorted)
        for (const target of new Set(expressions.map(({ value }) => value)))
          if (target >= 1 && target <= LARGEST_TARGET)
            (isHeldOut('countdown', countdownKey(sorted, target)) ? heldOut : training).push({
              sorted,
              target,
              expressions,
            })
      }
  const random = randomStream(0, 'held-out', 'countdown')
  split = {
    training,
    heldOut: random
      .shuffle(heldOut)
      .map(({ sorted, target, expressions }) =>
        countdownProblem(random.shuffle(sorted), target, expressions),
      ),
  }
  return split
}

function countdownKey(numbers: readonly number[], target: number): string {
  return `${numbers.toSorted((a, b) => a - b).join(',')}=${target}`
}

function countdownProblem(
  numbers: number[],
  target: number,
  expressions: readonly TwoSteps[],
): PocketProblem {
  return {
    key: countdownKey(numbers, target),
    prompt: (language) => countdownPrompt({ numbers, target }, language),
    answer: expressionText(expressions.find(({ value }) => value === target)!),
    data: { numbers, target },
    guess(random, thinks) {
      const steps = random.pick(expressions)
      return { text: thinks ? bothSteps(steps) : '', answer: expressionText(steps) }
    },
    giveUp(speaker, tries, maxTokens, { keepStepShare, systematicShare }) {
      const limits = { tries, maxTokens, keepStepShare, systematicShare }
      const { text, answer } = search(speaker, expressions, target, limits)
      return { text: text + speaker.say('so'), answer }
    },
    persist(speaker, maxTokens, { maxTries, keepStepShare, systematicShare }) {
      const limits = { tries: maxTries, maxTokens, keepStepShare, systematicShare }
      let found = search(speaker, expressions, target, limits)
      for (let n = 1; n < ATTEMPTS && !found.satisfied; n++)
        found = search(speaker, expressions, target, limits)
      return { text: found.text + speaker.say('so'), answer: found.answer }
    },
  }
}

function bothSteps({ first, op, third }: TwoSteps): string {
  const [left, right] = secondOperands(first.value, op, third)
  return `${computed(first.a, first.op, first.b).text},${computed(left, op, right).text}`
}

interface SearchLimits {
  tries: number
  maxTokens: number
  keepStepShare: number
  systematicShare: number
}

/**
 * Tries expressions, none twice, until one is said to be right or a limit is reached: at random, or systematically,
 * where the next try follows from the last one and nothing earlier need be remembered.
 */
function search(
  speaker: Speaker,
  expressions: readonly TwoSteps[],
  target: number,
  { tries, maxTokens, keepStepShare, systematicShare }: SearchLimits,
): Thought & { satisfied: boolean } {
  const { random, noise, say } = speaker
  const systematic = random.chance(systematicShare)
  /** The next one stands last. */
  const untried = systematic ? expressions.toReversed() : random.shuffle(expressions)
  let text = ''
  let numTokens = 0
  let last: TwoSteps | undefined
  /** The step that the next try may keep. */
  let open: TwoSteps['first'] | undefined
  for (let n = 0; n < tries && untried.length > 0; n++) {
    const kept = open !== undefined && (systematic || random.chance(keepStepShare)) ? open : undefined
    const same = kept === undefined ? -1 : untried.findLastIndex(({ first }) => isSameStep(first, kept))
    const [steps] = untried.splice(same >= 0 ? same : untried.length - 1, 1) as [TwoSteps]

    let piece = same >= 0 ? '' : (n > 0 && random.chance(noise.wait) ? say('wait') : '') + say('try')
    let value = steps.first.value
    if (same < 0) {
      const first = speaker.state(steps.first.a, steps.first.op, steps.first.b)
      value = first.value
      piece += first.text
    }
    const [left, right] = secondOperands(value, steps.op, steps.third)
    if (apply(left, steps.op, right) > LARGEST_NUMBER) continue
    const second = speaker.state(left, steps.op, right)
    piece += `,${second.text}${say('need')} ${target}`

    const hit = second.value === target
    const saysYes = hit || random.chance(noise.falseYes)
    let satisfied = saysYes
    piece += say(saysYes ? 'yes' : 'no')
    if (saysYes && random.chance(hit ? noise.check : noise.caught)) {
      satisfied = steps.value === target
      piece += `${say('check')}${bothSteps(steps)}${say('need')} ${target}`
      piece += satisfied ? say('yes') : say('no') + say('mistake')
    }
    numTokens += splitPocketText(piece).length
    if (numTokens > maxTokens && last !== undefined) break
    text += piece
    last = { ...steps, first: { ...steps.first, value } }
    if (satisfied) return { text, answer: expressionText(last), satisfied }
    open = saysYes || value !== steps.first.value ? undefined : steps.first
  }
  return { text, answer: expressionText(last ?? expressions[0]!), satisfied: false }
}

function isSameStep(p: TwoSteps['first'], q: TwoSteps['first']): boolean {
  return p.a === q.a && p.b === q.b && p.op === q.op
}
