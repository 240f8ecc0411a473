/** Turns a model's response into the record that the protocol's figures are made of. */

import { isStrictFormat } from '../rewards/format.ts'
import type { Question } from '../tasks/task.ts'
import { splitReasoning } from '../text/reasoning.ts'
import { countReflectionWords } from '../text/reflection.ts'
import type { AnswerForm, Benchmark } from './benchmark.ts'
import type { GradedSample } from './protocol.ts'
import type { ModelResponse } from './responder.ts'

export async function gradeResponse(
  benchmark: Benchmark,
  question: Question,
  response: ModelResponse,
  form: AnswerForm = 'think',
): Promise<GradedSample> {
  const { correct, extracted, reason, details } = await benchmark.verify(question, response.text)
  const { thinking, answer, complete } = splitReasoning(response.text)
  return {
    sample: response.sample,
    correct,
    extracted,
    reason,
    tokens: response.tokens,
    thinkingTokens: response.thinkingTokens ?? null,
    truncated: response.stopReason === 'length',
    wellFormed:
      form === 'tags' ? isStrictFormat(response.text) : thinking !== null && complete && answer !== '',
    reflectionWords: countReflectionWords(thinking ?? response.text),
    ...(details === undefined ? {} : { details }),
  }
}
