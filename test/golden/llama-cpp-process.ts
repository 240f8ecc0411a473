/** llama.cpp in a process of its own, for llama-cpp.test.ts: {path, prompt, count, texts} in, {tokens, ids} out. */
const PACKAGE = 'node-llama-cpp'
// biome-ignore lint/suspicious/noExplicitAny: the package is no dependency, so its types are not there.
const { getLlama } = (await import(PACKAGE)) as any
const { path, prompt, count, texts } = JSON.parse(process.argv[2]!) as {
  path: string
  prompt: number[]
  count: number
  texts: string[]
}
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  logLevel: 'error',
  maxThreads: 1,
})
const model = await llama.loadModel({ modelPath: path, useMmap: false })
// In float32 throughout: llama.cpp's cache is float16 otherwise.
const exact = {
  experimentalKvCacheKeyType: 'F32',
  experimentalKvCacheValueType: 'F32',
  flashAttention: false,
}
const context = await model.createContext({ contextSize: 512, threads: 1, ...exact })
const tokens: number[] = []
for await (const token of context.getSequence().evaluate(prompt, { temperature: 0, yieldEogToken: true }))
  if (tokens.push(token) === count) break
const ids = texts.map((text) => Array.from(model.tokenize(text, true) as number[]))
process.stdout.write(JSON.stringify({ tokens, ids }), () => process.exit(0))
