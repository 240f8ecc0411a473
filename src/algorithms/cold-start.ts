/**
 * The cold start's rewriting by a language model (R1 §2.3.1): it retells R1-Zero's thinking for a person and then
 * writes the summary from it, each by a request of its own as in the paper's recipe. What comes back is data: it stays
 * only where the verifier still calls it right and a person can read it. Left out: the human check after it.
 */
import {
  type ModelResponse,
  type Responder,
  responseSeed,
  type SamplingSettings,
} from '../responders/responder.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { readability } from '../text/readability.ts'
import { splitReasoning } from '../text/reasoning.ts'

/** A right response, and the task that judges what it is rewritten to. */
export interface RightResponse extends AskedQuestion {
  text: string
}

export interface Rewriting {
  responder: Responder
  sampling: SamplingSettings
  seed: string
  signal?: AbortSignal | undefined
}

/** Of each response the rewritten one, or null where it was not rewritten, not right or not readable. */
export async function rewriteReadable(
  responses: readonly RightResponse[],
  { responder, sampling, seed, signal = new AbortController().signal }: Rewriting,
): Promise<(string | null)[]> {
  const ask = async (stage: string, prompts: readonly (string | null)[]) => {
    const answers: (string | null)[] = prompts.map(() => null)
    await responder.respond(
      prompts.flatMap((prompt, i) =>
        prompt === null
          ? []
          : [{ questionId: String(i), sample: 0, prompt, sampling, seed: responseSeed(seed, stage, i) }],
      ),
      (response) => {
        answers[Number(response.questionId)] = plainText(response)
      },
      signal,
    )
    return answers
  }
  const thinking = await ask(
    'thinking',
    responses.map((response) => thinkingPrompt(response)),
  )
  const summaries = await ask(
    'summary',
    responses.map((response, i) => (thinking[i] == null ? null : summaryPrompt(response, thinking[i]))),
  )
  return await Promise.all(
    responses.map(async ({ question, task }, i) => {
      const [thought, summary] = [thinking[i], summaries[i]]
      if (thought == null || summary == null) return null
      const response = `<think>\n${thought}\n</think>\n\n${summary}`
      if (!readability(response, question.language ?? 'en').readable) return null
      return (await task.verify(question, response)).correct ? response : null
    }),
  )
}

/** What the model says after any thinking of its own; null where it failed or was cut off. */
function plainText({ text, error, stopReason }: ModelResponse): string | null {
  if (error !== undefined || stopReason === 'length') return null
  const { answer } = splitReasoning(text)
  return answer === '' ? null : answer
}

const LANGUAGES: Record<string, string> = { en: 'English', zh: 'Chinese' }
const language = ({ question: { language: code = 'en' } }: RightResponse) => LANGUAGES[code] ?? code

const thinkingPrompt = (
  response: RightResponse,
) => `A solver answered a question. Its notes are right but hard to read.
Retell them as the thoughts of one person, in the first person and in ${language(response)} only: begin with what is asked, keep
every step, every check and every change of mind, add no step of your own, and use no headings or lists.
Write the thoughts alone.

Question:
${response.question.prompt}

Notes:
${splitReasoning(response.text).thinking ?? response.text}`

const summaryPrompt = (
  response: RightResponse,
  thinking: string,
) => `Write the final answer to a question from the thoughts below, in ${language(response)}: the main steps in a few
sentences, nothing that is not in the thoughts, and the result inside \\boxed{} where it is a number or a formula.

Question:
${response.question.prompt}

Thoughts:
${thinking}

Result: ${splitReasoning(response.text).answer}`
