/**
 * How far a mean over seeds and questions may be from that of all seeds and all questions. Seeds and questions are both a sample,
 * and all seeds answer the same questions. So the variance of the mean has two parts, which add: that of the seeds' means, and
 * that of the questions' means. Differences are taken question by question first, so what makes a question hard for both models
 * falls out.
 */

import { mean, variance } from '../measures/statistics.ts'
import type { QuestionFigures } from './run-summary.ts'

/** Of one seed: a value for each question. */
export type Values = ReadonlyMap<string, number>

export interface Estimate {
  mean: number
  /** Half the width of the 95 % interval. */
  half: number
}

/** A figure of each question that has it. */
export const valuesOf = (questions: QuestionFigures | undefined, key: string): Values =>
  new Map(
    Object.entries(questions ?? {}).flatMap(([id, figures]) => {
      const value = figures[key]
      return value === undefined ? [] : [[id, value]]
    }),
  )

/** Quantiles of Student's t for 95 %, by degrees of freedom from 1; then the normal one. */
const STUDENT = [12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26]
const NORMAL = 1.96

/** Over the questions that all seeds answered; undefined where there are fewer than two. */
export function estimate(seeds: readonly Values[]): Estimate | undefined {
  const [first, ...others] = seeds
  const questions = [...(first?.keys() ?? [])].filter((id) => others.every((values) => values.has(id)))
  if (questions.length < 2) return undefined
  const bySeed = seeds.map((values) => mean(questions.map((id) => values.get(id)!)))
  const byQuestion = questions.map((id) => mean(seeds.map((values) => values.get(id)!)))
  const ofSeeds = seedEstimate(bySeed)
  return { mean: ofSeeds.mean, half: Math.hypot(ofSeeds.half, NORMAL * standardError(byQuestion)) }
}

/** Of figures that are known of whole seeds alone; one seed has no interval. */
export function seedEstimate(values: readonly number[]): Estimate {
  const half = values.length < 2 ? 0 : student(values.length) * standardError(values)
  return { mean: mean(values), half }
}

/** Of `after` less `before`, seed by seed and question by question. */
export const pairedDifference = (before: readonly Values[], after: readonly Values[]): Estimate | undefined =>
  estimate(
    after.map((values, seed) => {
      const former = before[seed]!
      const shared = [...values].filter(([id]) => former.has(id))
      return new Map(shared.map(([id, value]) => [id, value - former.get(id)!]))
    }),
  )

const student = (seeds: number) => STUDENT[seeds - 2] ?? NORMAL

const standardError = (values: readonly number[]) => Math.sqrt(variance(values) / values.length)
