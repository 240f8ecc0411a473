/**
 * What the R1 pipeline reads of the world it trains in: questions that can be verified, requests that cannot, and the
 * words of people about both (R1 §2.3). The pocket world makes all of it by rules; for a real model, a TypeScript
 * file exports its own `world`.
 */
import { resolve } from 'node:path'
import { importExport } from '../disk/import-export.ts'
import { ConfigError } from '../errors.ts'
import type { Judge } from '../responders/judge.ts'
import { loadTask, pocketMixtureHeldOut } from '../tasks/load-task.ts'
import { generalDemonstration } from '../tasks/pocket/general/demonstration.ts'
import { preferencePair, safetyLabel } from '../tasks/pocket/general/preferences.ts'
import { generalQuality } from '../tasks/pocket/general/quality.ts'
import { generalHeldOut, generalScope, generalTask } from '../tasks/pocket/general/task.ts'
import { readableForm } from '../tasks/pocket/readable.ts'
import { isRightStep, STEP_ENDS } from '../tasks/pocket/steps.ts'
import type { AskedQuestion, Question, QuestionSet, TrainingData, TrainingTask } from '../tasks/task.ts'
import { POCKET_CHAT_TEMPLATE } from '../text/pocket-chat-template.ts'
import type { SftRow } from './sft-data.ts'

export type Split = 'training' | 'heldOut'

export interface StepRules {
  /** What a step ends with. */
  ends: readonly string[]
  isRight: (step: string) => boolean
}

/** Questions with a verifier, and requests without. */
export interface HeldOutSets {
  reasoning: QuestionSet
  general: QuestionSet
}

export interface World {
  /** What settings call it: `pocket`, or the file that exports it. */
  name: string
  /** The Jinja template of every model after the cold start. */
  chatTemplate: string
  /**
   * Questions with a verifier, and `numHeldOut` that only evaluations ask: the same ones for every seed, and none that
   * training with the same number asks.
   */
  reasoning: (seed: number, numHeldOut: number) => Promise<TrainingData>
  /**
   * Questions with reference answers that no rule can compare: rejection sampling asks them too, and a judge decides
   * (R1 §2.3.3).
   */
  judged?: (seed: number, judge: Judge) => Promise<(index: number) => AskedQuestion>
  /** R1-Zero's right response as a person would write it, thinking and summary (R1 §2.3.1); null where that cannot be. */
  readable: (question: Question, response: string) => string | null | Promise<string | null>
  /** Requests without a verifier. */
  general: TrainingTask
  generalHeldOut: (limit: number) => QuestionSet
  /** Questions and requests that no one looks at before the end, of which models are measured on once. */
  secondHeldOut?: (counts: { questions: number; requests: number }) => HeldOutSets
  /** The reward model that scores a request's responses; undefined for a question with a verifier. */
  scope: (question: Question) => 'helpful' | 'safety' | undefined
  /** A good response to a request, for fine-tuning. */
  demonstration: (seed: number, index: number) => SftRow
  /** Two responses to a request, the better one by its summary first. */
  preferencePair: (
    seed: number,
    index: number,
    part: Split,
  ) => { prompt: string; chosen: string; rejected: string }
  /** A whole response, thinking included, that does harm or none. */
  safetyLabel: (
    seed: number,
    index: number,
    part: Split,
  ) => { prompt: string; response: string; safe: boolean }
  /** How good a response to a request is, each from 0 to 1: for the stage table, never for training. */
  quality: (question: Question, response: string) => { helpful: number; safe: number }
  /** The steps of a response and which are right, for process rewards and tree search (R1 §4.2) alone. */
  steps?: StepRules
}

/** Behind all that any evaluation of this project asks while something is chosen. */
const FIRST_OF_SECOND = 256

export const pocketWorld: World = {
  name: 'pocket',
  chatTemplate: POCKET_CHAT_TEMPLATE,
  reasoning: (seed, numHeldOut) => loadTask('pocket', seed, numHeldOut),
  readable: readableForm,
  general: generalTask(),
  generalHeldOut: (limit) => generalHeldOut(limit),
  secondHeldOut: ({ questions, requests }) => ({
    reasoning: pocketMixtureHeldOut(questions, FIRST_OF_SECOND),
    general: generalHeldOut(requests, FIRST_OF_SECOND),
  }),
  scope: generalScope,
  demonstration: generalDemonstration,
  preferencePair,
  safetyLabel,
  quality: ({ prompt }, response) => generalQuality(prompt, response) ?? { helpful: 0, safe: 0 },
  steps: { ends: STEP_ENDS, isRight: isRightStep },
}

/** `pocket`, or a TypeScript file that exports `world`. */
export async function loadWorld(name: string): Promise<World> {
  if (name === 'pocket') return pocketWorld
  const world = (await importExport(name, 'world')) as Partial<World>
  const { name: _, steps: __, secondHeldOut: ___, ...needed } = pocketWorld
  const keys = Object.keys(needed) as (keyof typeof needed)[]
  const missing = keys.find((key) => world[key] === undefined)
  if (missing !== undefined)
    throw new ConfigError(`the exported world has no \`${missing}\`.`, {
      field: resolve(name),
      expected: `an object with ${keys.join(', ')}`,
    })
  return { ...(world as World), name }
}
