/** Where questions come from, and who says whether an answer is right. */
import type { AnswerForm } from '../text/reasoning.ts'
import type { Kind } from '../verifiers/kinds.ts'
import type { Verdict } from '../verifiers/verifier.ts'

/** Which verifier judges a file's question: a rule of that name, or, of a free answer, a model. */
export type QuestionKind = Kind | 'free'

export interface Question {
  /** Stable over versions; held-out splits and transcripts refer to it. */
  id: string
  /** What the user asks, without any template. */
  prompt: string
  /** A reference answer that `Task.verify` accepts. */
  answer: string
  /** ISO 639-1 code of the language the answer should be in. */
  language?: string
  /** Of a file's question: which verifier judges it. */
  kind?: QuestionKind
  /** What the verifier needs besides the answer (Countdown's numbers, a program's tests). */
  data?: Record<string, unknown>
}

export interface Task {
  name: string
  /** Judges the whole response (thinking included); the task extracts the answer itself. Never throws on bad text. */
  verify(question: Question, response: string): Verdict | Promise<Verdict>
  /**
   * Are two extracted answers to a question the same answer? For majority votes. Left out: equal strings are. null: answers
   * cannot be compared (programs, free text), so there is no majority.
   */
  equivalent?: ((a: string, b: string, question: Question) => boolean | Promise<boolean>) | null
}

/** An endless source of training questions; question `index` of a seed is always the same one. */
export interface TrainingTask extends Task {
  question(seed: number, index: number): Question
}

/** What an evaluation asks: a finite, fixed set of questions, be it a benchmark, a held-out split or a file. */
export interface QuestionSet extends Task {
  questions: Question[]
  /**
   * What seeds the draws of a response: by default the set's name and the question's id. A file's questions are seeded by what is
   * asked, so that they are drawn alike whatever file they stand in.
   */
  seededBy?: 'prompt'
  /**
   * The user's message; the question's own prompt where this is left out. `instruction` stands in for the set's own words
   * where it asks for mathematics.
   */
  prompt?(question: Question, form?: AnswerForm, instruction?: string): string
}

/** A question and the task that judges its answers: a mixture asks questions of several tasks. */
export interface AskedQuestion {
  question: Question
  task: Task
}

/** What a run asks: endless training questions, and a fixed set that it never trains on. */
export interface TrainingData {
  question: (index: number) => AskedQuestion
  /** All there are, where they are in a file. */
  listed?: readonly Question[]
  /** Questions that are never asked in training. */
  heldOut: QuestionSet
}
