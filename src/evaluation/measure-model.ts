/** `evaluateResponder` for a model that a recipe has at hand: its figures, and its responses as groups for the run's folder. */
import { DataError } from '../errors.ts'
import type { SamplingSettings } from '../responders/responder.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import type { QuestionSet } from '../tasks/task.ts'
import { evaluateResponder } from './evaluate.ts'
import { type AskedPolicy, policyResponder } from './policy-responder.ts'
import type { EvaluationFigures, GradedQuestion } from './protocol.ts'

export interface MeasuredModel extends Omit<AskedPolicy, 'policy'> {
  engine: AskedPolicy['policy']
}

export interface MeasureOptions {
  set: QuestionSet
  /** k responses to each question. */
  samples: number
  sampling: SamplingSettings
  seed: number
  signal?: AbortSignal | undefined
}

/** `evaluations/<name>.json` of a run. */
export interface RunFigures extends EvaluationFigures {
  /** The question set's name. */
  benchmark: string
}

export interface Measurement {
  figures: RunFigures
  /** Every response; its reward is the verdict, 0 or 1. */
  groups: Group[]
  graded: GradedQuestion[]
}

/** Undefined where the signal stopped it. Throws a DataError for a question that the model has no room for. */
export async function measureModel(
  { engine, ...model }: MeasuredModel,
  { set, samples, sampling, seed, signal }: MeasureOptions,
): Promise<Measurement | undefined> {
  const groups = set.questions.map((question): Group => ({ question, rollouts: [] }))
  const groupOf = new Map(groups.map((group) => [group.question.id, group]))
  try {
    const { figures, graded, failures } = await evaluateResponder({
      set,
      responder: policyResponder({ ...model, policy: engine }, { name: 'the model' }),
      settings: { samples, ...sampling },
      seed,
      ...(signal && { signal }),
      onGraded({ id }, { text, stopReason, sampled }, { sample, correct }) {
        const { question, rollouts } = groupOf.get(id)!
        const accuracy = Number(correct)
        const scored = { rewards: { accuracy }, reward: accuracy }
        rollouts[sample] = { question, text, stopReason, ...sampled!, ...scored } satisfies Rollout
      },
    })
    const [failure] = failures
    if (failure !== undefined)
      throw new DataError(`${failure.error}.`, { field: `question ${failure.questionId}` })
    return { figures: { benchmark: set.name, ...figures }, groups, graded }
  } catch (error) {
    if (signal?.aborted) return undefined
    throw error
  }
}
