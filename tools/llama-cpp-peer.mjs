/**
 * Decoding in llama.cpp, for `r1 bench --peer`: tokens/s of `batch` sequences that continue for `count` tokens each.
 *
 *     node tools/llama-cpp-peer.mjs FOLDER '{"path": "model.gguf", "prompt": [1, 2], "count": 32, "batches": [1, 16]}'
 *
 * FOLDER is where node-llama-cpp is installed. Prints {"llamaCpp": version, "tokensPerSecond": {"1": …, "16": …}}.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, asked] = process.argv.slice(2)
const { path, prompt, count, batches, rounds } = JSON.parse(asked)
const entry = createRequire(join(resolve(folder), 'package.json')).resolve('node-llama-cpp')
const { getLlama } = await import(pathToFileURL(entry).href)
const { version } = JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8'))
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' })
const model = await llama.loadModel({ modelPath: path })
const tokensPerSecond = {}
for (const batch of batches) {
  const context = await model.createContext({
    contextSize: prompt.length + count + 8,
    sequences: batch,
    batchSize: Math.max(512, batch),
    threads: { ideal: availableParallelism(), min: availableParallelism() },
  })
  const sequences = Array.from({ length: batch }, () => context.getSequence())
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < rounds; round++) {
    // The first token of each comes with the prompt, the rest are timed.
    let ready = 0
    let begin
    const begun = new Promise((resolve) => {
      begin = resolve
    })
    let started = 0
    await Promise.all(
      sequences.map(async (sequence) => {
        await sequence.clearHistory()
        let done = 0
        const tokens = sequence.evaluate(prompt, { temperature: 0, yieldEogToken: true })
        for await (const _ of tokens) {
          if (++done === 1) {
            if (++ready === batch) {
              started = performance.now()
              begin()
            }
            await begun
          }
          if (done === count + 1) break
        }
      }),
    )
    best = Math.min(best, (performance.now() - started) / 1000)
  }
  tokensPerSecond[batch] = (batch * count) / best
  await context.dispose()
}
process.stdout.write(JSON.stringify({ llamaCpp: version, tokensPerSecond }), () => process.exit(0))
