/** What the stage table says of one model (R1 v2 Table 3): reasoning, readability, and general requests. */
import { z } from 'zod'
import { evaluateHeldOut, type HeldOutFigures } from '../evaluation/held-out.ts'
import type { LocalModel } from '../loading/local-model.ts'
import type { Group } from '../rollout/rollout.ts'
import { readability } from '../text/readability.ts'
import type { World } from './world.ts'

export interface StageFigures extends HeldOutFigures {
  /** pass@1 of each family of verified questions, as `pass1:<family>`. */
  [family: `pass1:${string}`]: number
  /** Shares of all responses: complete, in one language, with a summary. */
  readable: number
  /** Of responses to general requests: mean helpfulness and share without harm. */
  helpful: number
  safe: number
  /** Share of them that are good answers all in all. */
  good: number
}

const count = z.int().min(1)

export const stageEvaluation = z
  .strictObject({
    questions: count.default(256).describe('Held-out questions with a verifier'),
    requests: count.default(128).describe('Held-out general requests'),
    samples: count.default(16).describe('k responses to each'),
    temperature: z.number().min(0).default(0.6).describe("The report's"),
    topP: z.number().min(0).max(1).default(0.95).describe("The report's"),
    maxTokens: count.default(32_768).describe('Longest response'),
  })
  .prefault({})
export type StageEvaluation = z.infer<typeof stageEvaluation>

export async function stageFigures(
  model: LocalModel,
  world: World,
  { questions, requests, ...evaluation }: StageEvaluation,
  signal: AbortSignal | undefined,
): Promise<{ figures: StageFigures; groups: Group[] }> {
  const { samples, ...sampling } = evaluation
  // The same draws for every model: they differ by their weights alone.
  const options = {
    policy: model.engine,
    tokenizer: model.tokenizer,
    renderPrompt: model.renderPrompt,
    answerForm: model.answerForm,
    samples,
    sampling,
    seed: 0,
    signal,
  }
  const { heldOut } = await world.reasoning(0, questions)
  const reasoning = await evaluateHeldOut({ ...options, set: heldOut })
  const general = await evaluateHeldOut({ ...options, set: world.generalHeldOut(requests) })
  const qualities = general.groups.flatMap(({ question, rollouts }) =>
    rollouts.map(({ text }) => world.quality(question, text)),
  )
  const readable = [...reasoning.groups, ...general.groups].flatMap(({ question, rollouts }) =>
    rollouts.map(({ text }) => Number(readability(text, question.language ?? 'en').readable)),
  )
  return {
    figures: {
      ...reasoning.figures,
      ...byFamily(reasoning.groups),
      readable: mean(readable),
      helpful: mean(qualities.map(({ helpful }) => helpful)),
      safe: mean(qualities.map(({ safe }) => safe)),
      good: general.figures.pass1,
    },
    groups: [...reasoning.groups, ...general.groups],
  }
}

function byFamily(groups: readonly Group[]): Record<`pass1:${string}`, number> {
  const families = new Map<string, number[]>()
  for (const { question, rollouts } of groups) {
    const family = question.id.split('/')[0]!
    families.set(family, [...(families.get(family) ?? []), ...rollouts.map(({ reward }) => reward)])
  }
  return Object.fromEntries([...families].map(([family, rewards]) => [`pass1:${family}`, mean(rewards)]))
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
