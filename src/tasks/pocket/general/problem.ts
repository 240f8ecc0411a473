/** A general request: no verifier can check its answer, but a rule (quality.ts) knows how good a response is. */
import type { Language } from '../speaker.ts'

export const GENERAL_FAMILIES = ['greeting', 'explanation', 'list', 'letter', 'harm', 'protection'] as const
export type GeneralFamily = (typeof GENERAL_FAMILIES)[number]

export interface GeneralProblem {
  family: GeneralFamily
  /** One spelling for all wordings and both languages: held-out splits are drawn by it. */
  key: string
  /** Every wording. Without a full stop at the end, which the chat template brings. */
  prompts: Record<Language, readonly string[]>
  /** A good reply in this language. */
  draft(language: Language): Draft
  /** The share of what was asked for that a summary gives, 0 to 1. */
  answered(summary: string, language: Language): number
}

/** A reply in the making: a thought, and a summary in pieces that flaws.ts can take out, change or repeat. */
export interface Draft {
  language: Language
  thinking: string
  /** Politeness, and whom the summary speaks to. */
  opening: string
  content: readonly string[]
}

export function summaryOf({ opening, content }: Draft): string {
  return [opening, ...content].filter((piece) => piece !== '').join(' ')
}

/** R1's form (R1 §2.3.1), with the space before it that follows `Assistant:`. */
export function renderDraft(draft: Draft): string {
  return ` <think> ${draft.thinking} </think> ${summaryOf(draft)}`.replace(/ +/g, ' ')
}

export function mean(values: readonly (number | boolean)[]): number {
  return values.reduce<number>((sum, value) => sum + Number(value), 0) / values.length
}
