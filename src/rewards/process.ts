/**
 * A process reward model's word on a response (arXiv 2305.20050; R1 §4.2): the chance that each of its steps is right,
 * and, after its end, that its answer is. A response counts as its worst step, as a chain of reasoning does.
 */
import type { ScalarModel } from '../engine/scalar-model.ts'
import { joined } from '../engine/sequences.ts'
import type { Question } from '../tasks/task.ts'
import { batchedValues } from './batched-values.ts'
import type { Reward } from './reward.ts'
import type { Weight } from './weight.ts'

/** How a model that judges steps reads. */
export interface StepReader {
  /** A response's tokens after the prompt, which may have written the first `<think>`. */
  encode: (response: string) => Int32Array
  /** A token of these is a step's last one. */
  stepTokens: readonly number[]
  /** End the response, as the model's own do. */
  stopTokens: readonly number[]
  /** The prompt as the model reads it. */
  prompt: (question: Pick<Question, 'prompt'>) => Int32Array
}

/** A response as token ids, and the tokens after which it is judged: the last one of each step and its own. */
export function readSteps(
  { encode, stepTokens, stopTokens }: Omit<StepReader, 'prompt'>,
  text: string,
): { response: Int32Array; at: number[] } {
  const tokens = encode(text)
  const ends = [...tokens.keys()].filter((i) => stepTokens.includes(tokens[i]!))
  const response = joined(tokens, stopTokens)
  return { response, at: [...ends, response.length - 1] }
}

/** The chance that all is right, of the values at the places of `readSteps`. */
const worstStep = (values: readonly number[]): number => 1 / (1 + Math.exp(-Math.min(...values)))

export interface ProcessRewardOptions extends StepReader {
  weight?: Weight
  model: Pick<ScalarModel, 'values'>
}

export function processReward({ weight = 1, model, ...reader }: ProcessRewardOptions): Reward {
  const valuesOf = batchedValues(model)
  return {
    name: 'process',
    weight,
    async score({ question, text }) {
      const prompt = reader.prompt(question)
      const { response, at } = readSteps(reader, text)
      const values = await valuesOf(joined(prompt, response))
      return worstStep(at.map((place) => values[prompt.length + place]!))
    },
  }
}
