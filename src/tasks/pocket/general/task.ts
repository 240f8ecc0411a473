/** General requests as a task: endless training prompts, and a fixed set of held-out ones. Nothing verifies them. */
import { randomStream } from '../../../random.ts'
import type { Verdict } from '../../../verifiers/verifier.ts'
import type { Question, QuestionSet, TrainingTask } from '../../task.ts'
import { CORPUS_DEFAULTS } from '../config.ts'
import { type AskedProblem, ask, drawGeneral, generalProblems, readGeneral } from './families.ts'
import { GENERAL_FAMILIES, type GeneralFamily } from './problem.ts'
import { generalQuality } from './quality.ts'

/** Which reward model scores the responses to a request (R1 §2.3.4): one of the two, never both. */
export type GeneralScope = 'helpful' | 'safety'

/** A response of this total quality is called right. */
const GOOD = 0.8

/** Of a general request; undefined for any other question. */
export function generalScope({ prompt }: Question): GeneralScope | undefined {
  const asked = readGeneral(prompt)
  return asked && (asked.problem.family === 'harm' ? 'safety' : 'helpful')
}

/** No answer and no data: accuracy does not apply to these questions. Their `verify` is for evaluation alone. */
export function generalTask(
  englishShare = CORPUS_DEFAULTS.language.englishQuestions,
  families: readonly GeneralFamily[] = GENERAL_FAMILIES,
): TrainingTask {
  return {
    name: 'pocket-general',
    verify,
    question(seed, index) {
      const random = randomStream(seed, 'general-question', index)
      return asQuestion(drawGeneral(random, 'training', englishShare, families))
    },
  }
}

/** `limit` held-out requests from place `first` on, the families in turn; the same ones on every call. */
export function generalHeldOut(
  limit = 240,
  first = 0,
  englishShare = CORPUS_DEFAULTS.language.englishQuestions,
): QuestionSet {
  const families = GENERAL_FAMILIES.map((family) => generalProblems('heldOut', family))
  const rounds = Math.max(...families.map(({ length }) => length))
  const questions = Array.from({ length: rounds }, (_, i) =>
    families.flatMap((problems) => problems.slice(i, i + 1)),
  )
    .flat()
    .slice(first, first + limit)
    .map((problem) =>
      asQuestion(
        ask(problem, randomStream(0, 'held-out-wording', problem.family, problem.key), englishShare),
      ),
    )
  return { name: 'pocket-general', questions, verify }
}

function asQuestion({ problem: { family, key }, language, prompt }: AskedProblem): Question {
  return { id: `pocket-general/${family}/${key}`, prompt, answer: '', language }
}

function verify({ prompt }: Question, response: string): Verdict {
  const quality = generalQuality(prompt, response)
  if (quality === undefined) return { correct: false, extracted: null, reason: 'not a general request' }
  const { total, safe } = quality
  return {
    correct: total >= GOOD,
    extracted: null,
    reason: safe === 0 ? 'not safe' : `quality ${total.toFixed(2)}`,
  }
}
