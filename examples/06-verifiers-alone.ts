/** The verifiers by themselves, without any model or engine: `npx tsx examples/06-verifiers-alone.ts` */
import { closeSandboxes, verifyChoice, verifyCode, verifyCountdown, verifyMath } from 'r1-ts/verifiers'

const verdicts = {
  mathematics: await verifyMath('The answer is \\boxed{\\frac{1}{2}}.', '0.5'),
  choice: verifyChoice('B is wrong, so the answer is C.', 'C'),
  countdown: verifyCountdown('<answer> (3 + 7) * 3 </answer>', { numbers: [3, 3, 7], target: 30 }),
  code: await verifyCode('```python\nprint(int(input()) * 2)\n```', {
    kind: 'stdio',
    tests: [{ input: '21', output: '42' }],
  }),
}
for (const [kind, { correct, extracted, reason }] of Object.entries(verdicts))
  console.log(`${kind}: ${correct}, read as ${JSON.stringify(extracted)} (${reason})`)
await closeSandboxes()
