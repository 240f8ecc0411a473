/** `evaluate()`: how well a model answers the held-out questions of a task. */
import { type MeasuredModel, measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import { trainingData } from '../tasks/load-task.ts'
import type { QuestionSet, TrainingTask } from '../tasks/task.ts'

export interface EvaluateModelOptions {
  /** How many held-out questions of a task by name or of your own generator; 64 by default. A set is asked whole. */
  questions?: number
  /** k responses to each; 4 by default. */
  samples?: number
  /** 0.6 by default, as in the paper. */
  temperature?: number
  /** 0.95 by default, as in the paper. */
  topP?: number
  /** Longest response; what the model has room for by default. */
  maxTokens?: number
  /** Of the draws; 1 by default. */
  seed?: number
  signal?: AbortSignal
}

/**
 * pass@1, pass@k, cons@k, lengths and form, by the paper's protocol: `const { pass1 } = await evaluate(model, 'pocket-countdown')`.
 * The same questions for every seed, and none that `train` asks.
 *
 * @throws the signal's reason where it stopped the evaluation.
 */
export async function evaluate(
  model: MeasuredModel,
  task: string | TrainingTask | QuestionSet,
  { questions = 64, samples = 4, seed = 1, signal, ...decoding }: EvaluateModelOptions = {},
): Promise<RunFigures> {
  const isSet = typeof task !== 'string' && 'questions' in task
  const set = isSet ? task : (await trainingData(task, seed, questions, { form: model.answerForm })).heldOut
  const { temperature = 0.6, topP = 0.95, maxTokens = 32_768 } = decoding
  const measured = await measureModel(model, {
    set,
    samples,
    sampling: { temperature, topP, maxTokens },
    seed,
    signal,
  })
  if (measured === undefined) throw signal!.reason
  return measured.figures
}
