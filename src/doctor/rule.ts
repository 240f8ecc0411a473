/** A rule of the doctor's, and what it finds. */
import type { Course } from './course.ts'

export interface ResponsePlace {
  /** Of its rollout's file. */
  step: number
  group: number
  sample: number
}

export interface Observation {
  /** What is seen, with its figures. */
  evidence: string
  /** The likely reason. */
  cause: string
  /** What to do about it. */
  remedy: string
  /** Responses that show it. */
  responses?: ResponsePlace[]
  /** Something to know that is no illness. */
  note?: true
}

export interface Finding extends Observation {
  rule: string
  /** The illness in a few words. */
  title: string
  /** The curve that it speaks of, by its key. */
  measure: string
  /** The first step at which it was seen. */
  step: number
}

export interface Rule {
  name: string
  title: string
  measure: string
  /** When it speaks. */
  when: string
  /** Why the threshold is where it is. */
  because: string
  /** Undefined where it has nothing to say of the run so far. */
  look(course: Course): Observation | undefined
}
