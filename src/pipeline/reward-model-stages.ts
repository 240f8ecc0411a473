/** Reward models as stages of a pipeline, and the rewards that the last reinforcement has of them (R1 §2.3.4, R1 v2 S3.1). */

import type { GrpoConfig } from '../algorithms/grpo-config.ts'
import {
  type RewardExamples,
  type RewardModelOptions,
  rewardModelSteps,
  trainRewardModel,
  withinLength,
} from '../algorithms/reward-model.ts'
import type { RewardModelConfig } from '../algorithms/reward-model-config.ts'
import { lengthBaseline, measureRewardModel } from '../algorithms/reward-model-figures.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { joined } from '../engine/sequences.ts'
import { DataError } from '../errors.ts'
import { openScalarModel } from '../loading/local-scalar-model.ts'
import { promptTemplate } from '../loading/prompt-template.ts'
import { randomStream } from '../random.ts'
import { type JudgedPart, judgedPart, preferenceReward } from '../rewards/preference.ts'
import type { Reward } from '../rewards/reward.ts'
import { startClock } from '../run/clock.ts'
import { readFinished } from '../run/folder.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { continuation } from '../text/reasoning.ts'
import type { Tokenizer } from '../text/tokenizer.ts'
import type { StageContext } from './pipeline.ts'
import { readPairs, type SummaryPair } from './preference-pairs-stage.ts'
import type { StageSettings } from './stage-settings.ts'
import type { Split, World } from './world.ts'

export type RewardModelKind = 'helpful' | 'safety'

/** Helpfulness is judged by the summary alone, safety by the whole response, thinking included. */
const JUDGES: Record<RewardModelKind, JudgedPart> = { helpful: 'summary', safety: 'response' }

export interface RewardModelStage {
  kind: RewardModelKind
  /** The language model that it is made from. */
  model: string
  /** Folder of a stage whose pairs a judge labelled; the world's own where there is none. */
  judgedPairs?: string | undefined
  pairs: number
  labels: number
  /** Pairs or labels that are kept for its figures. */
  heldOut: number
  /** Longest example, prompt included; longer ones are left out. */
  maxTokens: number
  training: RewardModelConfig
}

export async function rewardModelStage(
  { world, microBatchTokens, checkpointEvery }: StageSettings,
  { kind, model: path, judgedPairs, pairs, labels, heldOut, maxTokens, training }: RewardModelStage,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed } = context
  const seconds = startClock(resume)
  const { model, tokenizer } = await openScalarModel(path, { microBatchTokens, seed })
  try {
    const drawn =
      kind === 'safety'
        ? labelExamples(world, tokenizer, seed, { training: labels, heldOut })
        : pairExamples(
            judgedPairs === undefined
              ? drawPairs(world, seed, { training: pairs, heldOut })
              : splitPairs(await readPairs(judgedPairs), heldOut),
            tokenizer,
          )
    const [shown, kept] = [drawn.training, drawn.heldOut].map((part) => withinLength(part, maxTokens))
    if (shown!.length === 0 || kept!.length === 0)
      throw new DataError('no example to learn from, or none to measure on, is short enough.', {
        field: 'rewardModels.maxTokens',
        value: maxTokens,
        remedy: 'Raise it, or let the examples be shorter.',
      })
    await trainInStage(model, { training, examples: shown!, checkpointEvery, seconds }, context)
    if (context.signal?.aborted) return undefined
    const figures = {
      ...(await measureRewardModel(model, kept!)),
      // What counts as a half when the model is a reward: of examples that nothing is measured on.
      center: (await measureRewardModel(model, shown!.slice(0, heldOut) as RewardExamples)).meanScore,
      tooLong: drawn.training.length + drawn.heldOut.length - shown!.length - kept!.length,
      lengthAccuracy: lengthBaseline(shown!, kept!),
    }
    await run.saveModel((folder) => model.save(folder))
    await run.writeEvaluation('held-out', figures)
    return { ...figures, seconds: seconds() }
  } finally {
    model.close()
  }
}

/** With a line a step and checkpoints, from the stage's newest one on; ends early where the signal says so. */
export async function trainInStage(
  model: ScalarModel,
  options: {
    training: RewardModelConfig
    examples: RewardModelOptions['examples']
    checkpointEvery: number
    /** That the stage took so far. */
    seconds: () => number
  },
  { run, resume, seed, signal, progress }: StageContext,
): Promise<void> {
  const { training, examples, checkpointEvery, seconds } = options
  if (resume !== undefined) await model.load(resume.folder, { optimizer: true })
  const steps = rewardModelSteps(training, examples.length)
  await trainRewardModel({
    model,
    config: training,
    seed,
    examples,
    fromStep: resume?.step ?? 0,
    signal,
    async onStep(step) {
      run.log({ ...step })
      progress(step.step, steps, `loss ${step.loss.toFixed(3)}  accuracy ${step.accuracy.toFixed(2)}`)
      if (step.step % checkpointEvery !== 0 && step.step < steps && !signal?.aborted) return
      await run.saveCheckpoint({
        step: step.step,
        state: { seconds: seconds() },
        keep: 1,
        write: (folder) => model.save(folder, { optimizer: true }),
      })
    },
  })
}

interface Parts<Examples> {
  training: Examples
  heldOut: Examples
}

const drawPairs = (
  world: World,
  seed: number,
  { training, heldOut }: Parts<number>,
): Parts<readonly SummaryPair[]> => {
  const draw = (part: Split, n: number) =>
    Array.from({ length: n }, (_, i) => world.preferencePair(seed, i, part))
  return { training: draw('training', training), heldOut: draw('heldOut', heldOut) }
}

/** The last ones are held out, and no request of theirs is learned from. */
function splitPairs(pairs: readonly SummaryPair[], heldOut: number): Parts<readonly SummaryPair[]> {
  if (pairs.length < 2 * heldOut)
    throw new DataError('the judge left too few pairs.', {
      field: 'rewardModels.pairs',
      value: `${pairs.length} clear pairs`,
      expected: `at least ${2 * heldOut}, twice rewardModels.heldOut`,
    })
  const kept = pairs.slice(-heldOut)
  const requests = new Set(kept.map(({ prompt }) => prompt))
  return {
    training: pairs.slice(0, -heldOut).filter(({ prompt }) => !requests.has(prompt)),
    heldOut: kept,
  }
}

function pairExamples(pairs: Parts<readonly SummaryPair[]>, tokenizer: Tokenizer): Parts<RewardExamples> {
  const { encodePrompt, encodeJudged } = encoding(tokenizer)
  const encoded = (part: readonly SummaryPair[]) =>
    part.map(({ prompt, chosen, rejected }) => ({
      prompt: encodePrompt(prompt),
      chosen: encodeJudged(judgedPart('summary', chosen)),
      rejected: encodeJudged(judgedPart('summary', rejected)),
    }))
  return { training: encoded(pairs.training), heldOut: encoded(pairs.heldOut) }
}

function labelExamples(
  world: World,
  tokenizer: Tokenizer,
  seed: number,
  { training, heldOut }: Parts<number>,
): Parts<RewardExamples> {
  const { encodePrompt, encodeJudged } = encoding(tokenizer)
  const draw = (part: Split, n: number) =>
    Array.from({ length: n }, (_, i) => {
      const { prompt, response, safe } = world.safetyLabel(seed, i, part)
      return {
        prompt: encodePrompt(prompt),
        response: encodeJudged(response),
        label: safe ? (1 as const) : (0 as const),
      }
    })
  return { training: draw('training', training), heldOut: draw('heldOut', heldOut) }
}

/** What a reward model reads: the prompt, what is judged, and the end. */
function encoding(tokenizer: Tokenizer) {
  const { renderPrompt } = promptTemplate(tokenizer)
  const anyPrompt = renderPrompt('Hello')
  return {
    encodePrompt: (prompt: string) => tokenizer.encode(renderPrompt(prompt)),
    encodeJudged: (judged: string) =>
      joined(tokenizer.encode(` ${continuation(anyPrompt, judged).trim()}`), tokenizer.stopIds.slice(0, 1)),
  }
}

/** Both reward models as rewards of general requests; `close` when no more is asked of them. */
export async function openPreferenceRewards(
  world: World,
  context: StageContext,
  weights: Record<RewardModelKind, number>,
): Promise<{ rewards: Reward[]; close: () => void }> {
  const opened = await Promise.all(
    (['helpful', 'safety'] as const).map(async (kind) => {
      const folder = context.input(`${kind}-rm`)
      const { model, tokenizer } = await openScalarModel(folder)
      const { encodePrompt, encodeJudged } = encoding(tokenizer)
      const reward = preferenceReward({
        name: kind,
        weight: weights[kind],
        model,
        judges: JUDGES[kind],
        applies: (question) => world.scope(question) === kind,
        render: ({ prompt }, judged) => joined(encodePrompt(prompt), encodeJudged(judged)),
        // Pairs teach differences alone: half of the reward is for a response as good as those it learned from.
        ...(kind === 'helpful' && { center: Number(readFinished(folder)?.center ?? 0) }),
      })
      return { reward, model }
    }),
  )
  return {
    rewards: opened.map(({ reward }) => reward),
    close: () => {
      for (const { model } of opened) model.close()
    },
  }
}

/**
 * Verified questions, and in the last `generalSteps` updates general requests among them, each scored by the one reward
 * model that it belongs to.
 */
export async function allScenarios(
  { world, evaluation }: StageSettings,
  seed: number,
  { grpo, generalSteps, generalShare }: { grpo: GrpoConfig; generalSteps: number; generalShare: number },
): Promise<(index: number) => AskedQuestion> {
  const { question } = await world.reasoning(seed, evaluation.questions)
  const perStep = (grpo.questionsPerStep * (1 + grpo.dynamicSampling)) / grpo.innerEpochs
  const firstGeneral = (grpo.steps - generalSteps) * perStep
  return (index) => {
    const general = index >= firstGeneral && randomStream(seed, 'all-scenarios', index).chance(generalShare)
    return general ? { task: world.general, question: world.general.question(seed, index) } : question(index)
  }
}
