/** How a stage measures its model: figures and responses in `evaluations/` of its run. */
import type { JsonObject } from '../disk/jsonl.ts'
import { QUESTION_FIGURES, type QuestionFigures } from '../report/run-summary.ts'
import type { Group } from '../rollout/rollout.ts'
import { rolloutRows } from '../rollout/rollout-rows.ts'
import type { RunContext } from './pipeline.ts'

export interface Measured<Figures extends object> {
  figures: Figures
  groups: readonly Group[]
  /** Of each question by its id, as means over its responses: what two models are compared by, question by question. */
  questions?: QuestionFigures
}

export interface NamedEvaluation<Figures extends object> {
  /** Follows the name of the measurement in those of its files; empty for the one that is logged. */
  suffix: string
  /** Of the model as it is now; undefined where the signal stopped it. */
  measure: (signal: AbortSignal | undefined) => Promise<Measured<Figures> | undefined>
}

/**
 * Figures of the first evaluation; undefined where there is none, or the signal came first. `evaluations/<name><suffix>.json`
 * is written once: a resumed run keeps what it has measured.
 */
export async function measured<Figures extends object>(
  name: string,
  evaluations: readonly NamedEvaluation<Figures>[],
  { run, signal }: Pick<RunContext, 'run' | 'signal'>,
): Promise<Figures | undefined> {
  let first: Figures | undefined
  for (const { suffix, measure } of evaluations) {
    const file = name + suffix
    const known = run.readEvaluation(file) as Figures | undefined
    const figures = known ?? (await measureInto(file, measure, { run, signal }))
    if (figures === undefined) return undefined
    first ??= figures
  }
  return first
}

async function measureInto<Figures extends object>(
  file: string,
  measure: NamedEvaluation<Figures>['measure'],
  { run, signal }: Pick<RunContext, 'run' | 'signal'>,
): Promise<Figures | undefined> {
  const measurement = await measure(signal)
  if (measurement === undefined || signal?.aborted) return undefined
  const { figures, groups, questions } = measurement
  await run.writeResponses(file, rolloutRows(groups))
  if (questions !== undefined) await run.writeEvaluation(file + QUESTION_FIGURES, questions)
  // Last, since it says that all is there.
  await run.writeEvaluation(file, figures as JsonObject)
  return figures
}
