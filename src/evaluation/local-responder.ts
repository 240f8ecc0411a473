/** A model whose prompts we write as a target of evaluations: all requests at once, for the sampler to batch. */
import { readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { isGgufPath } from '../disk/gguf.ts'
import { openSamplingModel, type SamplingModel } from '../loading/sampling-model.ts'
import { responseText, stopTokens } from '../rollout/sample-groups.ts'
import { splitReasoning } from '../text/reasoning.ts'
import type { Responder, ResponseRequest } from './responder.ts'

export async function localResponder(path: string): Promise<Responder> {
  const model = await openSamplingModel(path)
  return {
    name: path,
    ...(model.url === undefined && { version: weightsVersion(model.folder) }),
    answerForm: model.answerForm,
    async respond(requests, onResponse, signal) {
      await Promise.all(requests.map(async (request) => onResponse(await answer(model, request, signal))))
    },
    close: model.close,
  }
}

/** Sizes and times of the weight files: hashing gigabytes would take longer than many evaluations. */
function weightsVersion(model: string): string {
  const files = isGgufPath(model)
    ? [model]
    : readdirSync(model)
        .filter((name) => /\.(safetensors|gguf|bin)$/.test(name))
        .sort()
        .map((name) => join(model, name))
  return files
    .map((file) => {
      const { size, mtimeMs } = statSync(file)
      return `${basename(file)} ${size} ${mtimeMs}`
    })
    .join('; ')
}

async function answer(
  { policy, tokenizer, renderPrompt, maxPositions }: SamplingModel,
  { questionId, sample, prompt, sampling, seed }: ResponseRequest,
  signal: AbortSignal,
) {
  const rendered = renderPrompt(prompt)
  const tokens = tokenizer.encode(rendered)
  // A small model has no room for the report's 32,768 tokens; what fits is asked for.
  const maxTokens = Math.min(sampling.maxTokens, maxPositions - tokens.length)
  const options = { ...sampling, maxTokens, stopTokens: stopTokens(tokenizer) }
  if (maxTokens < 1)
    return {
      questionId,
      sample,
      text: '',
      tokens: 0,
      stopReason: 'length' as const,
      error: tooLong(tokens.length),
    }
  const [[sequence] = []] = await policy.sample([{ prompt: tokens, samples: 1, seed, options, signal }])
  const text = responseText(tokenizer, rendered, sequence!)
  const { thinking } = splitReasoning(text)
  return {
    questionId,
    sample,
    text,
    tokens: sequence!.tokens.length,
    ...(thinking === null ? {} : { thinkingTokens: tokenizer.encode(thinking).length }),
    stopReason: sequence!.stopReason === 'stop' ? ('stop' as const) : ('length' as const),
  }
}

const tooLong = (length: number) => `the prompt of ${length} tokens leaves no room in the model's positions`
