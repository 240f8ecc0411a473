/** Good responses to general requests, for supervised fine-tuning. */
import { randomStream } from '../../../random.ts'
import { CORPUS_DEFAULTS } from '../config.ts'
import type { Language } from '../speaker.ts'
import { drawGeneral } from './families.ts'
import { type GeneralFamily, renderDraft } from './problem.ts'

export interface Demonstration {
  family: GeneralFamily
  language: Language
  prompt: string
  /** Thinking and summary, with the space before them that follows `Assistant:`; no end of text. */
  response: string
}

/** Demonstration `index` of a seed is always the same one; none has a held-out request. */
export function generalDemonstration(
  seed: number,
  index: number,
  englishShare = CORPUS_DEFAULTS.language.englishQuestions,
): Demonstration {
  const random = randomStream(seed, 'demonstration', index)
  const { problem, language, prompt } = drawGeneral(random, 'training', englishShare)
  return { family: problem.family, language, prompt, response: renderDraft(problem.draft(language)) }
}
