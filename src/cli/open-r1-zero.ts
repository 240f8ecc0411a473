/** What the settings of `r1 train r1-zero` name: the model, the task and the rewards, checked before a run leaves a trace. */
import { join } from 'node:path'
import { namedRules } from '../doctor/doctor-config.ts'
import { ConfigError } from '../errors.ts'
import { openModelText, type TemplateChoice } from '../loading/local-model.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import { checkPrompts } from '../loading/prompt-length.ts'
import { type Algorithm, checkReinforcement } from '../pipeline/reinforcement.ts'
import { checkTrainedModel, openTrainedModel } from '../pipeline/trained-model.ts'
import type { R1Zero, R1ZeroConfig } from '../recipes/r1-zero.ts'
import type { Judge } from '../responders/judge.ts'
import { checkJudge, openServerJudge } from '../responders/server-judge.ts'
import { ownRewards } from '../rewards/own-reward.ts'
import { checkRewarded } from '../rewards/reward.ts'
import { ruleRewards } from '../rewards/rule-rewards.ts'
import { noJudge } from '../tasks/free-answers.ts'
import { loadTask } from '../tasks/load-task.ts'
import type { TrainingData } from '../tasks/task.ts'
import { withoutThinking } from '../text/chat-template.ts'
import { printNote } from './output.ts'

/** Shortest rows of training: longer ones make up for their padding. */
const minRowLength = 256

/**
 * `folder` is the run's, where a judge's replies are kept; `note` is told what a server that trains says of itself, and when it is
 * waited for.
 */
export async function openR1Zero(
  config: R1ZeroConfig,
  { folder, signal, note }: { folder: string; signal?: AbortSignal; note?: (text: string) => void },
): Promise<Omit<R1Zero, 'onPhase' | 'onStep' | 'onFinding'> & { close(): void }> {
  const { int8Rollouts, evaluation, checkpointEvery, keepCheckpoints, seed } = config
  const judge = await openServerJudge(config.judge, join(folder, 'judge'), { seed, signal })
  const [data, file] = [await trainingDataOf(config, judge), await fileReward(config)]
  const model = await openTrainedModel(config, {
    minRowLength,
    chatTemplate: chatTemplateOf(config),
    int8Rollouts,
    note,
  })
  const { maxTokens } = config[config.algorithm]
  const { file: _, ...weights } = config.rewards
  const algorithm = await openAlgorithm(config)
  return {
    model,
    algorithm,
    data,
    rewards: [...ruleRewards({ answerForm: model.answerForm, maxTokens, weights }), ...file],
    evaluation,
    doctor: config.doctor,
    curriculum: config.curriculum,
    checkpoints: { every: checkpointEvery, keep: keepCheckpoints },
    ...(judge && { judge }),
    close() {
      judge?.close()
      model.engine.close()
      if (algorithm.name === 'ppo') algorithm.critic.close()
    },
  }
}

/** Throws for a model, task or reward that is not there, and for settings that cannot work together. */
export async function checkR1Zero(config: R1ZeroConfig): Promise<void> {
  const { algorithm } = config
  const own = config[algorithm]
  for (const field of ['off', 'stopOn'] as const) namedRules(`doctor.${field}`, config.doctor[field])
  checkCurriculum(config)
  if (config.int8Rollouts) checkInt8Rollouts(config)
  const maxPositions = await checkTrainedModel(config, { section: algorithm, adamw: own, ...own })
  checkReinforcement(algorithm, named(config), maxPositions)
  checkJudge(config.judge)
  const { listed = [] } = await trainingDataOf(config)
  if (config.judge.endpoint === null && listed.some(({ kind }) => kind === 'free')) throw noJudge()
  if (listed.length > 0)
    checkPrompts(listed, await openModelText(config.model, chatTemplateOf(config)), {
      maxTokens: own.maxTokens,
      maxPositions,
    })
  const { file: _, ...weights } = config.rewards
  const rules = ruleRewards({ answerForm: 'think', maxTokens: own.maxTokens, weights })
  checkRewarded([...rules, ...(await fileReward(config))])
}

function checkCurriculum({ algorithm, grpo, curriculum: { fresh, low, high } }: R1ZeroConfig): void {
  if (low > high)
    throw new ConfigError('no pass rate is between the bounds.', {
      field: 'curriculum.low',
      value: low,
      expected: `at most curriculum.high (${high})`,
    })
  // What was begun before a checkpoint would be asked by a pool that knows more.
  if (fresh < 1 && algorithm === 'grpo' && (grpo.staleness > 0 || grpo.deadline !== null))
    throw new ConfigError('a curriculum waits for the verdicts of the last rollout.', {
      field: 'curriculum.fresh',
      value: fresh,
      remedy: 'Leave grpo.staleness and grpo.deadline at their defaults.',
    })
}

function checkInt8Rollouts({ algorithm, grpo, engine }: R1ZeroConfig): void {
  if (grpo.importanceCap === null)
    throw new ConfigError('rollouts in int8 are not quite the policy that is trained.', {
      field: 'int8Rollouts',
      value: true,
      remedy: 'Weigh their tokens by how likely the policy finds them: --set grpo.importanceCap=2',
    })
  const takesTurns = algorithm === 'grpo' && grpo.staleness === 0 && grpo.deadline === null
  if (!takesTurns || engine.url !== null)
    throw new ConfigError(
      'rollouts in int8 are for GRPO in this process, sampling and training taking turns.',
      {
        field: 'int8Rollouts',
        value: true,
        remedy: 'Leave algorithm, engine.url, grpo.staleness and grpo.deadline at their defaults.',
      },
    )
}

const named = ({ algorithm, grpo, ppo }: R1ZeroConfig) =>
  algorithm === 'grpo' ? { name: 'grpo' as const, config: grpo } : { name: 'ppo' as const, config: ppo }

async function openAlgorithm(config: R1ZeroConfig): Promise<Algorithm> {
  const algorithm = named(config)
  if (algorithm.name === 'grpo') return algorithm
  const { model, microBatchTokens, recompute, seed } = config
  const { model: critic } = await openScalarModel(model, { microBatchTokens, minRowLength, recompute, seed })
  return { ...algorithm, critic }
}

const chatTemplateOf = ({ template }: R1ZeroConfig): TemplateChoice =>
  template === 'r1-zero' ? null : template === 'model' ? undefined : withoutThinking

/** The questions that settings name. */
export function trainingDataOf(config: R1ZeroConfig, judge?: Judge): Promise<TrainingData> {
  const { task, seed, evaluation, instruction, questionField, answerField, kind } = config
  return loadTask(task, seed, evaluation.questions, {
    instruction,
    form: config.template === 'r1-zero' ? 'tags' : 'think',
    questionField: questionField ?? undefined,
    answerField: answerField ?? undefined,
    kind: kind ?? undefined,
    note: printNote,
    judge,
  })
}

const fileReward = async ({ rewards: { file } }: R1ZeroConfig) =>
  file === null ? [] : await ownRewards(file)
