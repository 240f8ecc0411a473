/** Where questions come from, and who says whether an answer is right. */
import type { Verdict } from '../verifiers/verifier.ts'

export interface Question {
  /** Stable over versions; held-out splits and transcripts refer to it. */
  id: string
  /** What the user asks, without any template. */
  prompt: string
  /** A reference answer that `Task.verify` accepts. */
  answer: string
  /** ISO 639-1 code of the language the answer should be in. */
  language?: string
  /** What the verifier needs besides the answer (Countdown's numbers, a program's tests). */
  data?: Record<string, unknown>
}

export interface Task {
  name: string
  /** Judges the whole response (thinking included); the task extracts the answer itself. Never throws on bad text. */
  verify(question: Question, response: string): Verdict | Promise<Verdict>
  /** Are two extracted answers the same answer? For majority votes; equal strings where it is left out. */
  equivalent?(a: string, b: string): boolean
}

/** An endless source of training questions; question `index` of a seed is always the same one. */
export interface TrainingTask extends Task {
  question(seed: number, index: number): Question
}

/** A finite, fixed set of questions: a benchmark, a held-out split, a file. */
export interface QuestionSet extends Task {
  questions: Question[]
}

/** A question and the task that judges its answers: a mixture asks questions of several tasks. */
export interface AskedQuestion {
  question: Question
  task: Task
}
