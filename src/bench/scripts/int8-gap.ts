/**
 * How far apart a model and its int8 sampler are: log-probabilities of what the sampler draws, by both.
 *
 *     npx tsx src/bench/scripts/int8-gap.ts models/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf [--questions 16] [--samples 8]
 *
 * Questions are word problems; responses are drawn at temperature 1, at most 64 tokens long. Prints one JSON object. `kl`
 * is the mean over tokens of log π_int8 - log π, which is KL(int8 ‖ float32) a token; `cut` is the share of tokens that the
 * truncated importance weight min(π/π_int8, 2) cuts.
 */
import { parseArgs } from 'node:util'
import { openModel } from '../../loading/local-model.ts'
import { stopTokens } from '../../rollout/sample-groups.ts'
import { loadTask } from '../../tasks/load-task.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    questions: { type: 'string', default: '16' },
    samples: { type: 'string', default: '8' },
  },
})
const CAP = 2

const model = await openModel(positionals[0] ?? 'pocket-base', {
  microBatchTokens: 512,
  minRowLength: 256,
})
const { engine, tokenizer, renderPrompt } = model
const { question } = await loadTask('word-problems', 1, 1, {
  instruction: 'Write only the calculation, in one line.',
})
const prompts = Array.from({ length: Number(values.questions) }, (_, i) =>
  tokenizer.encode(renderPrompt(question(i).question.prompt)),
)
const options = { maxTokens: 64, temperature: 1, stopTokens: stopTokens(tokenizer) }
const groups = await engine
  .int8Sampler()
  .sample(prompts.map((prompt, i) => ({ prompt, samples: Number(values.samples), seed: i, options })))
const drawn = groups.flatMap((group, i) => group.map((sequence) => ({ prompt: prompts[i]!, ...sequence })))
const exact = await engine.logprobs(
  drawn.map(({ prompt, tokens }) => Int32Array.from([...prompt, ...tokens])),
)
const gaps = drawn.flatMap(({ prompt, logprobs }, i) =>
  Array.from(logprobs, (logprob, t) => logprob - exact[i]![prompt.length - 1 + t]!),
)
const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length
console.log(
  JSON.stringify({
    tokens: gaps.length,
    meanGap: mean(gaps.map(Math.abs)),
    largestGap: Math.max(...gaps.map(Math.abs)),
    kl: mean(gaps),
    cut: mean(gaps.map((gap) => Number(Math.exp(-gap) > CAP))),
  }),
)
engine.close()
