/**
 * The cold start's rewriting by a language model (paper.md §5.1): it retells R1-Zero's thinking for a person and then
 * writes the summary from it, each by a request of its own as in the report's recipe. What comes back is data: it stays
 * only where the verifier still calls it right and a person can read it. Left out: the human check after it.
 */
import type { ModelResponse, Responder, SamplingSettings } from '../evaluation/responder.ts'
import { hashText } from '../random.ts'
import type { Rollout } from '../rollout/rollout.ts'
import type { AskedQuestion } from '../rollout/sample-groups.ts'
import { readability } from '../text/readability.ts'
import { splitReasoning } from '../text/reasoning.ts'

export interface Rewriting {
  responder: Responder
  sampling: SamplingSettings
  /** Judges the rewritten response. */
  task: (rollout: Rollout) => AskedQuestion['task']
  seed: string
  signal?: AbortSignal | undefined
}

/** Of each response the rewritten one, or null where it was not rewritten, not right or not readable. */
export async function rewriteReadable(
  rollouts: readonly Rollout[],
  { responder, sampling, task, seed, signal = new AbortController().signal }: Rewriting,
): Promise<(string | null)[]> {
  const ask = async (stage: string, prompts: readonly (string | null)[]) => {
    const answers: (string | null)[] = prompts.map(() => null)
    await responder.respond(
      prompts.flatMap((prompt, i) =>
        prompt === null
          ? []
          : [{ questionId: String(i), sample: 0, prompt, sampling, seed: hashText(`${seed}/${stage}/${i}`) }],
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
    rollouts.map((rollout) => thinkingPrompt(rollout)),
  )
  const summaries = await ask(
    'summary',
    rollouts.map((rollout, i) => (thinking[i] == null ? null : summaryPrompt(rollout, thinking[i]))),
  )
  return await Promise.all(
    rollouts.map(async (rollout, i) => {
      const [thought, summary] = [thinking[i], summaries[i]]
      if (thought == null || summary == null) return null
      const response = `<think>\n${thought}\n</think>\n\n${summary}`
      const { question } = rollout
      if (!readability(response, question.language ?? 'en').readable) return null
      return (await task(rollout).verify(question, response)).correct ? response : null
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
const language = ({ question: { language: code = 'en' } }: Rollout) => LANGUAGES[code] ?? code

const thinkingPrompt = (
  rollout: Rollout,
) => `A solver answered a question. Its notes are right but hard to read.
Retell them as the thoughts of one person, in the first person and in ${language(rollout)} only: begin with what is asked, keep
every step, every check and every change of mind, add no step of your own, and use no headings or lists.
Write the thoughts alone.

Question:
${rollout.question.prompt}

Notes:
${splitReasoning(rollout.text).thinking ?? rollout.text}`

const summaryPrompt = (
  rollout: Rollout,
  thinking: string,
) => `Write the final answer to a question from the thoughts below, in ${language(rollout)}: the main steps in a few
sentences, nothing that is not in the thoughts, and the result inside \\boxed{} where it is a number or a formula.

Question:
${rollout.question.prompt}

Thoughts:
${thinking}

Result: ${splitReasoning(rollout.text).answer}`
