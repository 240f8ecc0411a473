/** A training loop without a model: each step depends on all before it, as weights do. Run by kill-and-resume.test.ts. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hashText } from '../../src/random.ts'
import { createRun, openRun } from '../../src/run/folder.ts'

const [folder, steps] = process.argv.slice(2) as [string, string]
const info = {
  recipe: 'loop',
  version: '0',
  seed: 1,
  created: '2026-11-30T10:00:00.000Z',
  config: {},
  sources: {},
}
const run = existsSync(join(folder, 'config.json')) ? await openRun(folder) : await createRun(folder, info)
const { checkpoint, skipped } = await run.resume()
for (const { message } of skipped) console.error(message)
const step0 = checkpoint?.step ?? 0
let weights = checkpoint ? readFileSync(join(checkpoint.folder, 'weights'), 'utf8').slice(0, 10) : '0'
console.log('ready')

for (let step = step0 + 1; step <= Number(steps); step++) {
  weights = String(hashText(`${weights}/${step}`)).padStart(10, '0')
  run.log({ step, weights, reward: step / 7 })
  await run.writeRollouts(step, [{ step, weights }])
  if (step % 5 === 0) run.log({ step, evaluation: { weights } })
  if (step % 2 === 0)
    await run.saveCheckpoint({
      step,
      state: { step },
      keep: 2,
      write: async (to) => writeFileSync(join(to, 'weights'), weights.repeat(20_000)),
    })
}
await run.finish({ weights })
run.close()
