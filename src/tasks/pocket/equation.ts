/**
 * Linear equations `3 * x + 5 = 26` with small integers. Thinking undoes the addition, then tries values for x with
 * the product that is needed beside each: `26 - 5 = 21 try 3 * 6 = 18 need 21 no`.
 */
import { type RandomStream, randomStream } from '../../random.ts'
import { LARGEST_NUMBER } from '../../text/pocket-tokenizer.ts'
import { isHeldOut, type PocketFamily, type PocketProblem, type Thought } from './problem.ts'
import { apply, computed, type Speaker } from './speaker.ts'

const LARGEST_FACTOR = 12
const LARGEST_SHIFT = 20
const LARGEST_X = 12

interface Equation {
  /** `a * x op b = c` */
  a: number
  op: '+' | '-'
  b: number
  c: number
  x: number
}

export const pocketEquation: PocketFamily = {
  name: 'equation',
  draw: (random) => equationProblem(random.pick(equationSplit().training)),
  heldOut: () => equationSplit().heldOut,
}

let split: { training: Equation[]; heldOut: PocketProblem[] } | undefined

function equationSplit() {
  if (split !== undefined) return split
  const training: Equation[] = []
  const heldOut: Equation[] = []
  for (let a = 2; a <= LARGEST_FACTOR; a++)
    for (let x = 1; x <= LARGEST_X; x++)
      for (let b = 1; b <= LARGEST_SHIFT; b++)
        for (const op of ['+', '-'] as const) {
          const equation = { a, op, b, c: apply(a * x, op, b), x }
          if (equation.c < 0 || equation.c > LARGEST_NUMBER) continue
          ;(isHeldOut('equation', equationKey(equation)) ? heldOut : training).push(equation)
        }
  split = {
    training,
    heldOut: randomStream(0, 'held-out', 'equation').shuffle(heldOut).map(equationProblem),
  }
  return split
}

function equationKey({ a, op, b, c }: Omit<Equation, 'x'>): string {
  return `${a}x${op}${b}=${c}`
}

function equationProblem({ a, op, b, c, x }: Equation): PocketProblem {
  const expression = `${a} * x ${op} ${b} = ${c}`
  const inverse = op === '+' ? '-' : '+'
  const think = (speaker: Speaker, tries: number, maxTokens: number): Thought => {
    const { random, noise, say } = speaker
    const product = speaker.state(c, inverse, b)
    let text = product.text
    let answer = 1
    // Each try has nine tokens, `wait` included.
    const limit = Math.min(tries, Math.floor((maxTokens - 20) / 9))
    for (const [n, guess] of random.shuffle(X_VALUES).slice(0, Math.max(1, limit)).entries()) {
      const value = speaker.state(a, '*', guess)
      text += `${n > 0 && random.chance(noise.wait) ? say('wait') : ''}${say('try')}${value.text}${say('need')} ${product.value}`
      answer = guess
      const hit = value.value === product.value
      const saysYes = hit || random.chance(noise.falseYes)
      text += say(saysYes ? 'yes' : 'no')
      if (!saysYes) continue
      if (!random.chance(hit ? noise.check : noise.caught)) break
      const again = computed(a, '*', guess)
      const satisfied = again.value === product.value
      text += `${say('check')}${again.text}${say('need')} ${product.value}`
      text += satisfied ? say('yes') : say('no') + say('mistake')
      if (satisfied) break
    }
    return { text: text + say('so'), answer: `${answer}` }
  }
  return {
    key: equationKey({ a, op, b, c }),
    prompt: (language) => (language === 'en' ? `Solve ${expression}` : `解方程 ${expression}`),
    answer: `${x}`,
    data: { a, op, b, c },
    guess: (random: RandomStream, thinks) => ({
      text: thinks ? computed(c, inverse, b).text : '',
      answer: `${random.pick(X_VALUES)}`,
    }),
    giveUp: (speaker, tries, maxTokens) => think(speaker, tries, maxTokens),
    persist: (speaker, maxTokens, { maxTries }) => think(speaker, maxTries, maxTokens),
  }
}

const X_VALUES = Array.from({ length: LARGEST_X }, (_, i) => i + 1)
