/** What the stage table says of one model (R1 v2 Table 3): reasoning, readability, and general requests. */

import { z } from 'zod'
import { type MeasuredModel, measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import { type GradedQuestion, pass1 } from '../evaluation/protocol.ts'
import { mean } from '../measures/statistics.ts'
import type { Group } from '../rollout/rollout.ts'
import { readability } from '../text/readability.ts'
import type { Measured } from './evaluations.ts'
import type { HeldOutSets, World } from './world.ts'

export interface StageFigures extends RunFigures {
  /** pass@1 of each family of verified questions, as `pass1:<family>`. */
  [family: `pass1:${string}`]: number
  /** Shares of all responses: complete, in one language, with a summary. */
  readable: number
  /** Of responses to general requests: mean helpfulness and share without harm, which is also told of harmful and of other requests. */
  helpful: number
  safe: number
  safeHarmful: number
  safeHarmless: number
  /** Share of them that are good answers all in all. */
  good: number
}

const count = z.int().min(1)

/** How measurements sample; every one of them has these settings. */
export const evaluationSampling = {
  temperature: z
    .number()
    .min(0)
    .default(0.6)
    .describe('Sampling temperature; the paper evaluates at 0.6 (R1 §3)'),
  topP: z
    .number()
    .min(0)
    .max(1)
    .default(0.95)
    .describe('Nucleus sampling; the paper evaluates at 0.95 (R1 §3)'),
}

export const stageEvaluation = z
  .strictObject({
    questions: count.default(256).describe('Number of held-out questions with a verifier'),
    requests: count.default(128).describe('Number of held-out general requests'),
    samples: count.default(16).describe('Responses to each question: the k of pass@k'),
    ...evaluationSampling,
    maxTokens: count.default(32_768).describe('Length limit of a response, in tokens'),
  })
  .prefault({})
export type StageEvaluation = z.infer<typeof stageEvaluation>

/** By default of the world's held-out questions and requests. Undefined where the signal stopped it. */
export async function stageFigures(
  model: MeasuredModel,
  world: World,
  { questions, requests, ...evaluation }: StageEvaluation,
  signal: AbortSignal | undefined,
  sets?: HeldOutSets,
): Promise<(Measured<StageFigures> & { groups: Group[] }) | undefined> {
  const { samples, ...sampling } = evaluation
  // The same draws for every model: they differ by their weights alone.
  const options = { samples, sampling, seed: 0, signal }
  const asked = sets ?? {
    reasoning: (await world.reasoning(0, questions)).heldOut,
    general: world.generalHeldOut(requests),
  }
  const reasoning = await measureModel(model, { ...options, set: asked.reasoning })
  const general = await measureModel(model, { ...options, set: asked.general })
  if (reasoning === undefined || general === undefined) return undefined
  const readable = ({ question, rollouts }: Group) =>
    mean(rollouts.map(({ text }) => Number(readability(text, question.language ?? 'en').readable)))
  const right = ({ rollouts }: Group) => mean(rollouts.map(({ reward }) => reward))
  const verified = reasoning.groups.map((group) => ({
    id: group.question.id,
    figures: { pass1: right(group), readable: readable(group) },
  }))
  const requested = general.groups.map((group) => {
    const { question, rollouts } = group
    const qualities = rollouts.map(({ text }) => world.quality(question, text))
    const safe = mean(qualities.map((quality) => quality.safe))
    return {
      id: question.id,
      figures: {
        good: right(group),
        readable: readable(group),
        helpful: mean(qualities.map(({ helpful }) => helpful)),
        safe,
        [world.scope(question) === 'safety' ? 'safeHarmful' : 'safeHarmless']: safe,
      } as Record<string, number>,
    }
  })
  const over = (key: string) =>
    mean([...verified, ...requested].flatMap(({ figures }) => (figures as Record<string, number>)[key] ?? []))
  return {
    figures: {
      ...reasoning.figures,
      ...byFamily(reasoning.graded),
      readable: over('readable'),
      helpful: over('helpful'),
      safe: over('safe'),
      safeHarmful: over('safeHarmful'),
      safeHarmless: over('safeHarmless'),
      good: general.figures.pass1,
    },
    groups: [...reasoning.groups, ...general.groups],
    questions: Object.fromEntries([...verified, ...requested].map(({ id, figures }) => [id, figures])),
  }
}

function byFamily(graded: readonly GradedQuestion[]): Record<`pass1:${string}`, number> {
  const families = new Map<string, number[]>()
  for (const { id, samples } of graded) {
    const family = id.split('/')[0]!
    families.set(family, [...(families.get(family) ?? []), pass1(samples)])
  }
  return Object.fromEntries([...families].map(([family, shares]) => [`pass1:${family}`, mean(shares)]))
}
