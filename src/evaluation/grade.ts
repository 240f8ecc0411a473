/**
 * One response's verdict, and what the figures need beside it. Whoever answered, and wherever: this alone judges what is
 * measured.
 */

import type { ModelResponse } from '../responders/responder.ts'
import { isStrictFormat, isThinkFormat } from '../rewards/format.ts'
import type { Question, Task } from '../tasks/task.ts'
import { isMixed } from '../text/language.ts'
import { type AnswerForm, splitReasoning } from '../text/reasoning.ts'
import { countReflectionWords } from '../text/reflection.ts'
import type { GradedSample } from './protocol.ts'

export async function grade(
  task: Pick<Task, 'verify'>,
  question: Question,
  { sample, text, tokens, thinkingTokens, stopReason }: ModelResponse,
  form: AnswerForm = 'think',
): Promise<GradedSample> {
  const verdict = await task.verify(question, text)
  const { thinking } = splitReasoning(text)
  return {
    sample,
    ...verdict,
    tokens,
    thinkingTokens: thinking === null ? null : (thinkingTokens ?? null),
    truncated: stopReason === 'length',
    wellFormed: form === 'tags' ? isStrictFormat(text) : isThinkFormat(text),
    reflectionWords: countReflectionWords(thinking ?? text),
    mixedLanguage: isMixed(thinking ?? text),
  }
}
