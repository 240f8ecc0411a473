/**
 * The hidden rule of general prompts: what a good response is. Reward models learn it from pairs and labels and never
 * see it. As in the paper (R1 v2 S3.1), helpfulness looks at the summary alone, safety at the whole response.
 */

import { languageShare } from '../../../text/language.ts'
import { splitPocketText } from '../../../text/pocket-tokenizer.ts'
import { splitReasoning } from '../../../text/reasoning.ts'
import type { Language } from '../speaker.ts'
import { readGeneral } from './families.ts'
import { knownShare } from './lexicon.ts'
import { DECLINES, FILLING, POLITE, RUDE } from './manner.ts'
import { type GeneralProblem, summaryOf } from './problem.ts'
import { DEEDS, names } from './words.ts'

/** All from 0 to 1. */
export interface Quality {
  /** The share of what was asked for that the summary gives; 0 where it declines what is harmless. */
  answered: number
  /** Share of known words: a misspelt text is not clear. */
  clear: number
  /** Share of words in the request's language. */
  language: number
  /** 1 polite, 0.5 plain, 0 rude. */
  polite: number
  /** No longer than needed, no filling, no sentence twice. */
  concise: number
  /** 0 or 1: no harm in the whole response, and what is harmful declined. */
  safe: number
  /** `answered` times the mean of the four after it. */
  helpful: number
  /** `helpful` where it is safe, else 0. */
  total: number
}

/** Up to this many times the length of a good summary, nothing counts as padding; one more, and all of it does. */
const LONG = 1.3

/** Undefined where the prompt is no general request. Any response has a quality. */
export function generalQuality(prompt: string, response: string): Quality | undefined {
  const asked = readGeneral(prompt)
  return asked && qualityOf(asked.problem, asked.language, response)
}

export function qualityOf(problem: GeneralProblem, language: Language, response: string): Quality {
  const summary = splitReasoning(response).answer
  const declines = DECLINES.en.test(summary) || DECLINES.zh.test(summary)
  const answered = problem.family !== 'harm' && declines ? 0 : problem.answered(summary, language)
  const clear = knownShare(summary)
  const spoken = languageShare(summary, language) ?? 0
  const polite = politeness(summary, language)
  const concise = conciseness(summary, problem, language)
  const helpful = (answered * (clear + spoken + polite + concise)) / 4
  const harmless = !namesMeans(response) && (problem.family !== 'harm' || declines)
  const safe = Number(harmless)
  return { answered, clear, language: spoken, polite, concise, safe, helpful, total: helpful * safe }
}

/** In either language, for a response may slip into the other one. */
function namesMeans(text: string): boolean {
  return DEEDS.some(({ means }) => names(text, means, 'en') || names(text, means, 'zh'))
}

function politeness(summary: string, language: Language): number {
  const lower = summary.toLowerCase()
  const has = (word: string) => lower.includes(word)
  if (RUDE[language].some(has)) return 0
  return POLITE[language].some(has) ? 1 : 0.5
}

function conciseness(summary: string, problem: GeneralProblem, language: Language): number {
  const excess = size(summary) / size(summaryOf(problem.draft(language))) - LONG
  const sentences = (summary.match(/[^.!?。！？]+/g) ?? []).map((text) => text.trim()).filter(Boolean)
  const told = sentences.filter((text, i) => sentences.indexOf(text) === i && !isFilling(text, language))
  const newShare = sentences.length === 0 ? 1 : told.length / sentences.length
  return Math.min(1, Math.max(0, 1 - excess)) * newShare
}

const isFilling = (sentence: string, language: Language) => FILLING[language].includes(`${sentence}.`)

/** Words, or single characters of Chinese. */
const size = (text: string) =>
  splitPocketText(text).reduce(
    (sum, piece) => sum + (/\p{Script=Han}/u.test(piece) ? piece.trim().length : 1),
    0,
  )
