/**
 * What llama.cpp makes of texts, for src/bench/scripts/beside-llama-cpp.ts.
 *
 *     node tools/llama-cpp-text.mjs FOLDER '{"path": "model.gguf", "prompts": ["Once"], "count": 64, "page": "Call me …"}'
 *
 * FOLDER is where node-llama-cpp is installed. Prints {"llamaCpp": version, "prompts": [{"ids", "tokens"}], "page": {"ids",
 * "logprobs"}}: ids begin with the first token of a text, tokens are the likeliest after them. Its cache is in float32.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

const [folder, asked] = process.argv.slice(2)
const { path, prompts, count, page } = JSON.parse(asked)
const entry = createRequire(join(resolve(folder), 'package.json')).resolve('node-llama-cpp')
const { getLlama } = await import(pathToFileURL(entry).href)
const { version } = JSON.parse(readFileSync(join(entry, '../../package.json'), 'utf8'))
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  logLevel: 'error',
  maxThreads: 1,
})
const model = await llama.loadModel({ modelPath: resolve(path) })
const idsOf = (text) => {
  const ids = Array.from(model.tokenize(text, true))
  return model.tokens.bos === null || ids[0] === model.tokens.bos ? ids : [model.tokens.bos, ...ids]
}
const pageIds = idsOf(page)
const context = await model.createContext({
  contextSize: Math.max(512, pageIds.length + 8),
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
  flashAttention: false,
})
const sequence = context.getSequence()
const answers = []
for (const prompt of prompts) {
  await sequence.clearHistory()
  const ids = idsOf(prompt)
  const tokens = []
  for await (const token of sequence.evaluate(ids, { temperature: 0, yieldEogToken: true }))
    if (tokens.push(token) === count) break
  answers.push({ ids, tokens })
}
await sequence.clearHistory()
const logprobs = []
// A few at a time: each answers with the probabilities of all tokens.
for (let start = 0; start < pageIds.length - 1; start += 16) {
  const part = pageIds.slice(start, Math.min(start + 16, pageIds.length - 1))
  const options = { temperature: 1, minP: 0, topK: 0, topP: 1 }
  const outputs = await sequence.controlledEvaluate(
    part.map((token) => [token, { generateNext: { probabilities: true, options } }]),
  )
  for (const [i, { next }] of outputs.entries())
    logprobs.push(Math.log(next.probabilities.get(pageIds[start + i + 1])))
}
process.stdout.write(
  JSON.stringify({ llamaCpp: version, prompts: answers, page: { ids: pageIds, logprobs } }),
  () => process.exit(0),
)
