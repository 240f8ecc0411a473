/**
 * A process reward model's word on a response (arXiv 2305.20050; paper.md §9): the chance that each of its steps is right,
 * and, after its end, that its answer is. A response counts as its worst step, as a chain of reasoning does.
 */
import type { ScalarModel } from '../engine/scalar-model.ts'
import type { Question } from '../tasks/task.ts'
import { tokensAt } from '../text/token-ends.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import { batchedValues } from './batched-values.ts'
import type { Reward } from './reward.ts'

export interface StepReader {
  tokenizer: Pick<Tokenizer, 'encode' | 'decoder'>
  /** End the response, as the model's own do. */
  stopTokens: readonly number[]
  /** Where the steps of a response end, in characters. */
  ends: (response: string) => readonly number[]
}

/** A response as token ids, and the tokens after which it is judged: the end of each step and its own. */
export function readSteps(
  { tokenizer, stopTokens, ends }: StepReader,
  text: string,
): { response: Int32Array; at: number[] } {
  const tokens = tokenizer.encode(text)
  const response = Int32Array.from([...tokens, ...stopTokens])
  return { response, at: [...tokensAt(tokenizer, tokens, ends(text)), response.length - 1] }
}

export interface ProcessRewardOptions extends StepReader {
  weight?: number
  model: Pick<ScalarModel, 'values'>
  /** The prompt as the model reads it. */
  prompt: (question: Question) => Int32Array
}

export function processReward(options: ProcessRewardOptions): Reward {
  const { weight = 1, prompt } = options
  const values = batchedValues(options.model)
  return {
    name: 'process',
    weight,
    async score({ question, text }) {
      const { response, at } = readSteps(options, text)
      const start = prompt(question)
      const said = await values(Int32Array.from([...start, ...response]))
      const worst = Math.min(...at.map((place) => said[start.length + place]!))
      return 1 / (1 + Math.exp(-worst))
    },
  }
}
