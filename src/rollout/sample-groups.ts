/** k responses to each question, graded: what reinforcement learning, rejection sampling and evaluation all need. */

import type { Policy, SampledSequence, SamplingOptions } from '../engine/engine.ts'
import { JudgeError } from '../errors.ts'
import { checkPrompt } from '../loading/prompt-length.ts'
import { hashText } from '../random.ts'
import { type AnyReward, scoreGroup } from '../rewards/reward.ts'
import type { AskedQuestion, Question } from '../tasks/task.ts'
import { openedThinking } from '../text/reasoning.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import type { Group, Rollout } from './rollout.ts'

export interface GroupSampler {
  policy: Pick<Policy, 'sample'>
  tokenizer: Tokenizer
  /** The prompt text of a question, template included. */
  renderPrompt: (question: Question) => string
  /** Tokens of the model's longest sequence: a prompt that leaves no room for maxTokens is an error naming its question. */
  maxPositions?: number
  rewards: readonly AnyReward[]
  /** Updates done, which scheduled weights depend on; 0 by default. */
  step?: number
  sampling: Pick<SamplingOptions, 'maxTokens' | 'temperature' | 'topP' | 'topK'>
  signal?: AbortSignal | undefined
  /** Told how many seconds the rewards of these responses took, verdicts and sandboxes included. */
  onVerified?: ((seconds: number) => void) | undefined
  /**
   * Told each group with a response that no judge could judge, which is left out: whatever stood for the missing verdict would
   * teach something. Without it the judge's failure is thrown.
   */
  onUnjudged?: ((group: UnjudgedGroup) => void) | undefined
}

export interface UnjudgedGroup {
  question: Question
  /** Sampled for it. */
  tokens: number
  reason: string
}

/** Response i to question q depends on (seed, q's place, i) alone; `first` is the place of the first question. */
export async function sampleGroups(
  {
    policy,
    tokenizer,
    renderPrompt,
    maxPositions = Infinity,
    rewards,
    step,
    sampling,
    signal,
    onVerified,
    onUnjudged,
  }: GroupSampler,
  asked: readonly AskedQuestion[],
  groupSize: number,
  seed: string,
  first = 0,
): Promise<Group[]> {
  const options = { ...sampling, stopTokens: stopTokens(tokenizer) }
  const rendered = asked.map(({ question }) => renderPrompt(question))
  const prompts = rendered.map((prompt) => tokenizer.encode(prompt))
  for (const [i, { question }] of asked.entries())
    checkPrompt(question, prompts[i]!, { maxTokens: sampling.maxTokens, maxPositions })
  const sampled = await policy.sample(
    prompts.map((prompt, i) => ({
      prompt,
      samples: groupSize,
      seed: hashText(`${seed}/${first + i}`),
      options,
      ...(signal === undefined ? {} : { signal }),
    })),
  )
  const started = performance.now()
  const groups = await Promise.all(
    asked.map(async ({ question, task }, i): Promise<Group[]> => {
      const responses = sampled[i]!.map((sequence) => ({
        ...sequence,
        text: responseText(tokenizer, rendered[i]!, sequence),
      }))
      try {
        const scored = await scoreGroup(
          rewards,
          responses.map(({ text, tokens, stopReason }) => ({
            ...{ question, task, text, stopReason },
            numTokens: tokens.length,
          })),
          step,
        )
        const rollouts = responses.map(
          ({ tokens, logprobs, text, stopReason }, s): Rollout => ({
            ...{ question, prompt: prompts[i]!, tokens, logprobs, text, stopReason },
            ...scored[s]!,
          }),
        )
        return [{ question, rollouts }]
      } catch (error) {
        if (!(error instanceof JudgeError) || onUnjudged === undefined) throw error
        const tokens = responses.reduce((sum, response) => sum + response.tokens.length, 0)
        onUnjudged({ question, tokens, reason: error.message })
        return []
      }
    }),
  )
  onVerified?.((performance.now() - started) / 1000)
  return groups.flat()
}

export const stopTokens = ({ stopIds }: Tokenizer): number[] => [...stopIds]

/**
 * Without the stop token, tags included. Thinking that the prompt has opened begins with its tag: thinking that never
 * ends must not look like an answer.
 */
export const responseText = (
  tokenizer: Tokenizer,
  prompt: string,
  { tokens, stopReason }: Pick<SampledSequence, 'tokens' | 'stopReason'>,
): string =>
  openedThinking(prompt) + tokenizer.decode(stopReason === 'stop' ? tokens.subarray(0, -1) : tokens)
