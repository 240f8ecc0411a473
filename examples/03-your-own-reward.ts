/**
 * A reward of your own, added to accuracy and format: a plain function of one response. This one asks for honest
 * arithmetic: the share of the equations in a response that hold. Without equations it does not apply, which is not 0.
 *
 *     npx tsx examples/03-your-own-reward.ts                                     shows it
 *     npx r1 train r1-zero --set rewards.file=examples/03-your-own-reward.ts     trains with it
 */
import type { Reward } from 'r1-ts'

const EQUATION = /(\d+) ([-+*]) (\d+) = (-?\d+)/g

function holds(a: number, operator: string, b: number, claimed: number): boolean {
  return (operator === '+' ? a + b : operator === '-' ? a - b : a * b) === claimed
}

export const reward: Reward = {
  name: 'honestArithmetic',
  weight: 0.5,
  score({ text }) {
    const equations = [...text.matchAll(EQUATION)]
    if (equations.length === 0) return null
    const right = equations.filter(([, a, operator, b, c]) =>
      holds(Number(a), operator!, Number(b), Number(c)),
    )
    return right.length / equations.length
  },
}

if (process.argv[1] === import.meta.filename) {
  const question = { id: 'example', prompt: 'Using the numbers 3, 7, 9, make 30', answer: '3 * 7 + 9' }
  const task = { name: 'example', verify: () => ({ correct: true, extracted: null, reason: 'example' }) }
  for (const text of [
    '<think> try 3 * 7 = 21, 21 + 9 = 30 yes </think>',
    '<think> try 3 * 7 = 30 yes </think>',
    'no idea',
  ])
    console.log(text, '→', await reward.score({ question, task, text, numTokens: 12, stopReason: 'stop' }))
}
