/** Whether a prompt and its response fit into the positions of a model. */
import { ConfigError } from '../errors.ts'
import type { Question } from '../tasks/task.ts'
import type { ModelText } from './prompt-template.ts'

export interface Room {
  /** Of the longest response. */
  maxTokens: number
  /** Tokens of the model's longest sequence. */
  maxPositions: number
}

/** Throws where the prompt of a question leaves no room for the longest response. */
export function checkPrompt({ id }: Question, prompt: Int32Array, { maxTokens, maxPositions }: Room): void {
  if (prompt.length + maxTokens > maxPositions)
    throw new ConfigError(
      `its prompt of ${prompt.length} tokens leaves no room for a response of ${maxTokens}.`,
      {
        field: `question ${id}`,
        expected: `at most ${maxPositions - maxTokens}, the model's ${maxPositions} positions less ${maxTokens}`,
        remedy: 'Leave the question out, or lower maxTokens.',
      },
    )
}

/** The same of many, before anything is sampled. */
export function checkPrompts(
  questions: readonly Question[],
  { tokenizer, renderPrompt }: Pick<ModelText, 'tokenizer' | 'renderPrompt'>,
  room: Room,
): void {
  for (const question of questions) {
    const prompt = renderPrompt(question.prompt)
    // A token has a byte at least, so that few need a closer look.
    if (new TextEncoder().encode(prompt).length + room.maxTokens > room.maxPositions)
      checkPrompt(question, tokenizer.encode(prompt), room)
  }
}
