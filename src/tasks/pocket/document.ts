/** A document's form: the head before the response, and a response whose tags are complete or not, as on the web. */
import type { RandomStream } from '../../random.ts'
import { renderR1Zero } from '../../text/r1-zero-template.ts'
import type { Thought } from './problem.ts'
import type { Language } from './speaker.ts'

/** Tokens of a response besides its thought: tags or words around the longest answer, and the end of text. */
export const FRAME_TOKENS = 17

const FORMS = ['tidy', 'thought-open', 'no-answer-tags', 'answer-open', 'no-thought-tags', 'plain'] as const
export type Form = (typeof FORMS)[number]

/** `User: …. Assistant:`, with or without the R1-Zero template's introduction. */
export function renderHead(prompt: string, template: boolean): string {
  return template ? renderR1Zero(prompt) : `User: ${prompt}. Assistant:`
}

export function drawForm(random: RandomStream, tidyShare: number): Form {
  return random.chance(tidyShare) ? 'tidy' : random.pick(FORMS.slice(1))
}

/** The response with the space before it and without the end of text. */
export function renderResponse({ text, answer }: Thought, form: Form, language: Language): string {
  switch (form) {
    case 'tidy':
      return ` <think>${text} </think> <answer> ${answer} </answer>`
    case 'thought-open':
      return ` <think>${text} <answer> ${answer} </answer>`
    case 'no-answer-tags':
      return ` <think>${text} </think> ${answer}`
    case 'answer-open':
      return ` <think>${text} </think> <answer> ${answer}`
    case 'no-thought-tags':
      return `${text} <answer> ${answer} </answer>`
    case 'plain':
      return `${text} ${language === 'en' ? 'The answer is' : '答案是'} ${answer}.`
  }
}
