/** While the CPU engine trains and samples, whatever else this process does has its turns: a server's answers, a page's figures. */
import { expect, it } from 'vitest'
import { crossEntropy } from '../../src/objectives/cross-entropy.ts'
import { randomStream } from '../../src/random.ts'
import { tinyEngine } from '../tiny-model.ts'

/** A busy machine compiles graphs slowly. */
const LONG = 300_000

/** How often the event loop turns before the work is done. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let done = false
  const finished = work().finally(() => {
    done = true
  })
  let turns = 0
  for (; !done; turns++) await new Promise(setImmediate)
  await finished
  return turns
}

it(
  'a step is many runs, with a turn between any two',
  async () => {
    const engine = tinyEngine('qwen2', { microBatchTokens: 512 })
    const { integer } = randomStream(1, 'event loop')
    const data = Array.from({ length: 256 }, () => {
      const tokens = Int32Array.from({ length: 150 }, () => integer(0, 39))
      return { tokens, weights: new Float32Array(149).fill(1e-4) }
    })
    const options = { maxTokens: 100, temperature: 1, stopTokens: [] }
    const requests = data
      .slice(0, 16)
      .map(({ tokens }, seed) => ({ prompt: tokens.slice(0, 20), samples: 4, seed, options }))
    const tokens = data.reduce((sum, { weights }) => sum + weights.length, 0)
    const runs = Math.ceil(tokens / 512)
    expect(await turnsDuring(() => engine.forwardBackward(data, crossEntropy))).toBeGreaterThanOrEqual(runs)
    expect(await turnsDuring(() => engine.sample(requests))).toBeGreaterThanOrEqual(options.maxTokens)
    engine.close()
  },
  LONG,
)
