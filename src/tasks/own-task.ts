/** A task or a set of questions of the user's own: looked at as it asks and judges, and split into training and held out. */
import { ConfigError, thrownBy } from '../errors.ts'
import type { Verdict } from '../verifiers/verifier.ts'
import { trainingTask } from './question-file.ts'
import type { Question, QuestionSet, TrainingData, TrainingTask } from './task.ts'

/** Questions of this seed are held out. */
const HELD_OUT_SEED = -1

/** Questions of a generator; training passes over those whose id or text is held out, and over the texts of `never`. */
export function splitTask(
  task: TrainingTask,
  seed: number,
  numHeldOut: number,
  never: ReadonlySet<string> = new Set(),
): TrainingData {
  const heldOut = new Map<string, Question>()
  for (let index = 0; index < 20 * numHeldOut && heldOut.size < numHeldOut; index++) {
    const question = task.question(HELD_OUT_SEED, index)
    heldOut.set(question.id, question)
  }
  const texts = new Set([...never, ...[...heldOut.values()].map(({ prompt }) => prompt)])
  return {
    question(index) {
      for (let attempt = 0; attempt < 1000; attempt++) {
        const question = task.question(seed, index + attempt * 1_000_003)
        if (!heldOut.has(question.id) && !texts.has(question.prompt)) return { task, question }
      }
      throw new ConfigError('nearly every question is held out.', {
        field: `task ${task.name}`,
        remedy: 'Let question(seed, index) make more different questions, or lower evaluation.questions.',
      })
    },
    heldOut: {
      name: task.name,
      questions: [...heldOut.values()],
      verify: (question, response) => task.verify(question, response),
      ...(task.equivalent !== undefined && { equivalent: task.equivalent }),
    },
  }
}

/** A fixed set of questions: the last ones are held out, and the others asked again and again, each time in another order. */
export function splitQuestions(set: QuestionSet, seed: number, numHeldOut: number): TrainingData {
  const { questions } = set
  if (questions.length < Math.max(1, 2 * numHeldOut))
    throw new ConfigError('too few questions to hold some out.', {
      field: `task ${set.name}`,
      value: questions.length,
      expected: `at least ${Math.max(1, 2 * numHeldOut)}, twice the questions that are held out`,
      remedy: 'Give more questions, or lower evaluation.questions.',
    })
  const heldOut = questions.slice(questions.length - numHeldOut)
  const texts = new Set(heldOut.map(({ prompt }) => prompt))
  const asked = questions.slice(0, questions.length - numHeldOut).filter(({ prompt }) => !texts.has(prompt))
  const task = trainingTask({ ...set, questions: asked })
  return {
    question: (index) => ({ task, question: task.question(seed, index) }),
    listed: questions,
    heldOut: { ...set, questions: heldOut },
  }
}

/** `exported`, where it is a task whose questions and verdicts are looked at as they come; `source` is its file. */
export function checkedTask(exported: unknown, source?: string): TrainingTask {
  const task = exported as TrainingTask
  const field = source ?? `task ${task?.name}`
  const functions = [task?.question, task?.verify]
  if (typeof task?.name !== 'string' || functions.some((part) => typeof part !== 'function'))
    throw new ConfigError(source === undefined ? 'this is no task.' : 'the exported task is incomplete.', {
      field: source ?? 'task',
      expected:
        source === undefined
          ? '{ name, question(seed, index), verify(question, response) }, or { name, questions, verify }'
          : '`export const task = { name, question(seed, index), verify(question, response) }`',
    })
  return {
    name: task.name,
    ...(task.equivalent !== undefined && {
      equivalent: task.equivalent && ((a, b, question) => task.equivalent!(a, b, question)),
    }),
    question(seed, index) {
      let question: Question
      try {
        question = task.question(seed, index)
      } catch (thrown) {
        throw thrownBy(`${field}: question(${seed}, ${index})`, thrown)
      }
      const missing = (['id', 'prompt', 'answer'] as const).find(
        (part) => typeof question?.[part] !== 'string',
      )
      if (missing === undefined) return question
      throw new ConfigError(`question(${seed}, ${index}) has no ${missing}.`, {
        field,
        value: question,
        expected: '{ id, prompt, answer }, each a string',
      })
    },
    async verify(question, response) {
      let verdict: Verdict
      try {
        verdict = await task.verify(question, response)
      } catch (thrown) {
        throw thrownBy(`${field}: verify`, thrown)
      }
      if (typeof verdict?.correct === 'boolean') return verdict
      throw new ConfigError('verify gives no verdict.', {
        field,
        value: verdict,
        expected: '{ correct: true or false, extracted, reason }',
      })
    },
  }
}
