/** A file of questions with reference answers as a task: a fixed set to measure on, or an endless source to train on. */
import { randomStream } from '../random.ts'
import type { Verify } from '../verifiers/verifier.ts'
import { type RowMapping, readQuestion } from './file-kinds.ts'
import { readRows } from './file-rows.ts'
import type { Question, QuestionSet, TrainingTask } from './task.ts'

/** The file's questions in order, the first `limit` of them. */
export async function readQuestions(
  path: string,
  mapping: RowMapping = {},
  limit = Number.POSITIVE_INFINITY,
): Promise<Question[]> {
  const questions: Question[] = []
  for await (const row of readRows(path)) {
    if (questions.length >= limit) break
    questions.push(readQuestion(row, mapping))
  }
  return questions
}

export function questionSet(name: string, questions: Question[], verify: Verify): QuestionSet {
  return { name, questions, verify: (question, response) => verify(response, question.answer) }
}

/** Goes through the questions again and again, each time in another order; the order depends on the seed alone. */
export function trainingTask({ name, questions, verify }: QuestionSet): TrainingTask {
  let order: { seed: number; epoch: number; questions: Question[] } | undefined
  return {
    name,
    verify,
    question(seed, index) {
      const epoch = Math.floor(index / questions.length)
      if (order?.seed !== seed || order.epoch !== epoch)
        order = { seed, epoch, questions: randomStream(seed, name, 'epoch', epoch).shuffle(questions) }
      return order.questions[index % questions.length]!
    },
  }
}
