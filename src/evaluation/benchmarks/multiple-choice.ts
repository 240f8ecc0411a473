/** What the multiple-choice benchmarks share. The question's text holds its options; the answer is a letter. */
import type { Question } from '../../tasks/task.ts'
import { verifyChoice } from '../../verifiers/choice.ts'
import type { Benchmark } from '../benchmark.ts'

export const multipleChoice: Pick<Benchmark, 'verify' | 'equivalent'> = {
  verify: ({ answer, data }, response) =>
    verifyChoice(response, answer, { choices: data!.choices as string[] }),
  equivalent: (a, b) => a === b,
}

/** `A. first` on a line each, or with another mark behind the letter. */
export function optionLines(options: readonly string[], mark: '.' | ')'): string {
  return options.map((option, i) => `${letter(i)}${mark} ${option}`).join('\n')
}

export function letter(index: number): string {
  return String.fromCharCode(65 + index)
}

/** `ABCD`: the letter of each option. */
export function letters(options: readonly string[]): string {
  return options.map((_, i) => letter(i)).join('')
}

/** `text` holds the options as the model sees them; `choices` are their texts. */
export function choiceQuestion(question: {
  id: string
  text: string
  choices: readonly string[]
  answer: string
  subject?: string
}): Question {
  const { id, text, choices, answer, subject } = question
  return { id, prompt: text, answer, data: { choices, ...(subject === undefined ? {} : { subject }) } }
}
