/** From nothing to a model that learned, in two minutes: `npx tsx examples/04-train.ts` (`STEPS=3` for a glance). */
import { sample, train } from 'r1-ts'

const training = train({
  model: 'pocket-base',
  task: 'pocket-countdown',
  steps: Number(process.env.STEPS ?? 60),
})
for await (const { step, steps, accuracy = 0, meanTokens } of training)
  console.log(`${step}/${steps}  right ${(100 * accuracy).toFixed(0)} %  ${meanTokens.toFixed(0)} tokens`)

const { model, base, trained } = await training
console.log(`held-out problems: ${base?.pass1.toFixed(3)} before, ${trained?.pass1.toFixed(3)} after`)
console.log(await sample(model, 'Using the numbers 3, 7, 9, make 30'))
