/** The pocket families as tasks: endless training questions, and a fixed set of held-out ones. */
import { randomStream } from '../../random.ts'
import { equivalentExpressions, verifyCountdownQuestion } from '../countdown.ts'
import type { Question, QuestionSet, Task, TrainingTask } from '../task.ts'
import { CORPUS_DEFAULTS } from './config.ts'
import { POCKET_FAMILIES } from './corpus.ts'
import { verifyInteger } from './integer-answer.ts'
import type { PocketProblem } from './problem.ts'
import type { Language } from './speaker.ts'

export type PocketFamilyName = keyof typeof POCKET_FAMILIES

const VERIFY: Record<PocketFamilyName, Task['verify']> = {
  countdown: verifyCountdownQuestion,
  arithmetic: verifyInteger,
  equation: verifyInteger,
}

const EQUIVALENT: Record<PocketFamilyName, (a: string, b: string) => boolean> = {
  countdown: equivalentExpressions,
  arithmetic: (a, b) => Number(a) === Number(b),
  equation: (a, b) => Number(a) === Number(b),
}

/** Training questions, none of them held out. */
export function pocketTask(
  family: PocketFamilyName,
  englishShare = CORPUS_DEFAULTS.language.englishQuestions,
): TrainingTask {
  return {
    name: `pocket-${family}`,
    verify: VERIFY[family],
    equivalent: EQUIVALENT[family],
    question(seed, index) {
      const random = randomStream(seed, 'pocket-question', family, index)
      const language = random.chance(englishShare) ? 'en' : 'zh'
      return asQuestion(family, POCKET_FAMILIES[family].draw(random), language)
    },
  }
}

/** `limit` held-out questions from place `first` on, of more than 400 in each family; the same ones on every call. */
export function pocketHeldOut(
  family: PocketFamilyName,
  limit = 256,
  first = 0,
  englishShare = CORPUS_DEFAULTS.language.englishQuestions,
): QuestionSet {
  const questions = POCKET_FAMILIES[family]
    .heldOut()
    .slice(first, first + limit)
    .map((problem) => {
      const random = randomStream(0, 'held-out-language', problem.key)
      return asQuestion(family, problem, random.chance(englishShare) ? 'en' : 'zh')
    })
  return { name: `pocket-${family}`, questions, verify: VERIFY[family], equivalent: EQUIVALENT[family] }
}

function asQuestion(family: string, problem: PocketProblem, language: Language): Question {
  return {
    id: `pocket-${family}/${problem.key}`,
    prompt: problem.prompt(language),
    answer: problem.answer,
    language,
    data: problem.data,
  }
}
