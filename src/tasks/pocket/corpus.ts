/**
 * The pocket world's "web": an endless corpus of short documents in which most answers are guesses, some searches are
 * given up and some persist, in two languages and in more or less tidy form (R1 §2.2.4 starts from such a base).
 * Document `index` of a seed is always the same one, and no document contains a held-out problem.
 */
import { type RandomStream, randomStream } from '../../random.ts'
import { END_OF_TEXT, splitPocketText } from '../../text/pocket-tokenizer.ts'
import { pocketArithmetic } from './arithmetic.ts'
import type { CorpusConfig } from './config.ts'
import { pocketCountdown } from './countdown.ts'
import { drawForm, type Form, FRAME_TOKENS, renderHead, renderResponse } from './document.ts'
import { pocketEquation } from './equation.ts'
import { numberFacts } from './number-facts.ts'
import type { PocketFamily, PocketProblem, Thought } from './problem.ts'
import { drawLanguages, type Language, speaker } from './speaker.ts'

export const POCKET_FAMILIES = {
  countdown: pocketCountdown,
  arithmetic: pocketArithmetic,
  equation: pocketEquation,
} satisfies Record<string, PocketFamily>

export interface CorpusDocument {
  /** Ends with the end-of-text token. */
  text: string
  /** What was drawn for it, for statistics. */
  family: keyof CorpusConfig['families']
  about?: {
    style: keyof CorpusConfig['styles']
    form: Form
    template: boolean
    key: string
    question: Language
    thought: Language | 'mixed'
    /** What the document answers, and a right answer. */
    answer: string
    gold: string
    data: PocketProblem['data']
    response: string
  }
}

export function corpusDocument(config: CorpusConfig, seed: number, index: number): CorpusDocument {
  const random = randomStream(seed, 'corpus', index)
  const family = drawWeighted(random, config.families)
  if (family === 'facts') {
    const language = random.chance(config.language.englishQuestions) ? 'en' : 'zh'
    return { text: numberFacts(random, language, config.maxTokens - 1) + END_OF_TEXT, family }
  }
  const problem = POCKET_FAMILIES[family].draw(random)
  const style = drawWeighted(random, config.styles)
  const { question, thought, switchShare } = drawLanguages(random, style, config.language)
  const template = random.chance(config.templateShare)
  const head = renderHead(problem.prompt(question), template)
  const voice = speaker(random, config.noise, thought, switchShare)
  const room = config.maxTokens - splitPocketText(head).length - FRAME_TOKENS
  const think = (): Thought => {
    if (style === 'guess') return problem.guess(random, random.chance(config.guessThinksShare))
    if (style === 'giveUp') return problem.giveUp(voice, random.integer(...config.giveUpTries), room, config)
    return problem.persist(voice, room, config)
  }
  const answered = think()
  const form = drawForm(random, config.tidyShare)
  const response = renderResponse(answered, form, thought)
  return {
    text: head + response + END_OF_TEXT,
    family,
    about: {
      style,
      form,
      template,
      key: problem.key,
      question,
      thought: switchShare > 0 ? 'mixed' : thought,
      answer: answered.answer,
      gold: problem.answer,
      data: problem.data,
      response,
    },
  }
}

function drawWeighted<K extends string>(random: RandomStream, weights: Record<K, number>): K {
  const entries = Object.entries(weights) as [K, number][]
  let left = random.uniform() * entries.reduce((sum, [, weight]) => sum + weight, 0)
  for (const [key, weight] of entries) {
    left -= weight
    if (left < 0) return key
  }
  return entries.at(-1)![0]
}
