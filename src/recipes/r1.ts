/**
 * DeepSeek-R1 (R1 §2.3): from a base model to R1 in four stages, with R1-Zero before them since the cold start
 * is written from its responses.
 *
 *     base ── RL ──> R1-Zero ── readable responses ──> cold start
 *     base ── fine-tuning on the cold start ──> Dev1 ── RL, language reward ──> Dev2 ── verified responses ──> data
 *     base ── fine-tuning on the data and demonstrations ──> Dev3 ── RL for all scenarios, reward models last ──> R1
 */
import { join } from 'node:path'
import { rewriteReadable } from '../algorithms/cold-start.ts'
import { DATA, dataStage, type Sampling } from '../pipeline/data-stage.ts'
import type { PipelineStage } from '../pipeline/pipeline.ts'
import { preferencePairsStage } from '../pipeline/preference-pairs-stage.ts'
import { allScenarios, openPreferenceRewards, rewardModelStage } from '../pipeline/reward-model-stages.ts'
import { withJudge } from '../pipeline/stage-judge.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld, type StageSettings } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { fineTuneInWorld, reinforceInWorld } from '../pipeline/world-stages.ts'
import type { Responder } from '../responders/responder.ts'
import type { R1Config, R1Settings } from './r1-config.ts'

export interface R1Parts {
  world: World
  /** Opens the model that rewrites R1-Zero's responses as a person would; the world's rules do it otherwise. */
  rewriter?: () => Promise<Responder>
}

export function r1Stages(config: R1Settings, { world, rewriter }: R1Parts): PipelineStage[] {
  const settings = { ...config, world }
  const { evaluation } = settings
  const seconds = stageSeconds(config)
  const base = config.model
  const { zero, coldStart, judge, dev1, dev2, data, dev3, rewardModels, r1 } = config
  return inWorld(world, [
    {
      name: 'zero',
      title: 'R1-Zero: reinforcement on the base model, accuracy and format (R1 §2.2.4)',
      inputs: [],
      work: `${zero.grpo.steps} steps`,
      seconds: seconds.reinforcement(zero.grpo),
      recipe: 'r1-zero',
      config: { model: base, ...zero, evaluation },
      run: (context) =>
        reinforceInWorld(
          settings,
          {
            model: base,
            chatTemplate: null,
            algorithm: { name: 'grpo', config: zero.grpo },
            measureBase: true,
          },
          context,
        ),
    },
    {
      name: 'cold-start',
      title: "Cold start: R1-Zero's right, readable responses, rewritten (R1 §2.3.1)",
      inputs: ['zero'],
      work: `${coldStart.questions} questions, ${coldStart.samples} responses each`,
      seconds: seconds.sampling(coldStart),
      recipe: 'rejection-sampling',
      config: { ...coldStart, maxTokens: zero.grpo.maxTokens },
      run: (context) =>
        dataStage(
          settings,
          {
            ...coldStart,
            model: context.input('zero'),
            temperature: 1,
            maxTokens: zero.grpo.maxTokens,
            // Long thinking is what a cold start is for.
            prefer: 'longest',
            rewrite: rewrite(world, rewriter),
          },
          context,
        ),
    },
    {
      name: 'dev1',
      title: 'Dev1: the base fine-tuned on the cold start (R1 §2.3.1)',
      inputs: ['cold-start'],
      work: `${dev1.epochs} epochs`,
      seconds: seconds.fineTuning(dev1, coldStart),
      recipe: 'sft',
      config: { model: base, sft: dev1, evaluation },
      run: (context) =>
        fineTuneInWorld(
          settings,
          { model: base, sft: dev1, data: join(context.input('cold-start'), DATA) },
          context,
        ),
    },
    {
      name: 'dev2',
      title: 'Dev2: reasoning-oriented reinforcement, with language consistency (R1 §2.3.2)',
      inputs: ['dev1'],
      work: `${dev2.grpo.steps} steps`,
      seconds: seconds.reinforcement(dev2.grpo),
      recipe: 'grpo',
      config: { ...dev2, evaluation },
      run: (context) =>
        reinforceInWorld(
          settings,
          {
            model: context.input('dev1'),
            algorithm: { name: 'grpo', config: dev2.grpo },
            weights: { languageConsistency: dev2.languageConsistency },
          },
          context,
        ),
    },
    {
      name: 'data',
      title: "Rejection sampling: Dev2's right, readable responses, and demonstrations (R1 §2.3.3)",
      inputs: ['dev2'],
      work: `${data.questions} questions, ${data.samples} responses each`,
      seconds: seconds.sampling(data),
      recipe: 'rejection-sampling',
      config: { ...data, ...(data.judged > 0 && { judge }), maxTokens: dev2.grpo.maxTokens },
      run: (context) =>
        withJudge(judge, context, async (opened) =>
          dataStage(
            settings,
            {
              ...data,
              model: context.input('dev2'),
              maxTokens: dev2.grpo.maxTokens,
              judged:
                data.judged === 0
                  ? undefined
                  : { questions: data.judged, question: await world.judged!(context.seed, opened!) },
            },
            context,
          ),
        ),
    },
    {
      name: 'dev3',
      title: 'Dev3: the base fine-tuned again, on all of it (R1 §2.3.3)',
      inputs: ['data'],
      work: `${dev3.epochs} epochs`,
      seconds: seconds.fineTuning(dev3, data),
      recipe: 'sft',
      config: { model: base, sft: dev3, evaluation },
      run: (context) =>
        fineTuneInWorld(
          settings,
          { model: base, sft: dev3, data: join(context.input('data'), DATA) },
          context,
        ),
    },
    ...(rewardModels.judged ? [pairsStage(settings, config)] : []),
    ...(['helpful', 'safety'] as const).map((kind): PipelineStage => {
      const judgedPairs = rewardModels.judged && kind === 'helpful' ? PAIRS_STAGE : undefined
      return {
        name: `${kind}-rm`,
        title:
          kind === 'helpful'
            ? 'Helpful reward model: pairs, judged by their summaries (R1 §2.3.4)'
            : 'Safety reward model: labelled whole responses (R1 §2.3.4)',
        inputs: ['dev3', ...(judgedPairs ? [judgedPairs] : [])],
        work: kind === 'helpful' ? `${rewardModels.pairs} pairs` : `${rewardModels.labels} labels`,
        seconds: seconds.rewardModel(rewardModels, kind),
        recipe: 'reward-model',
        config: rewardModels,
        run: (context) =>
          rewardModelStage(
            settings,
            {
              kind,
              model: context.input('dev3'),
              judgedPairs: judgedPairs && context.input(judgedPairs),
              ...rewardModels,
            },
            context,
          ),
      }
    }),
    allScenariosStage(settings, {
      name: 'r1',
      title: 'R1: reinforcement for all scenarios, preference rewards in the last steps (R1 §2.3.4)',
      seconds: seconds.reinforcement(r1.grpo),
      config: r1,
    }),
  ])
}

/** R1-Zero's responses as a person would write them: by a language model, or by the world's rules. */
function rewrite(world: World, open: R1Parts['rewriter']): NonNullable<Sampling['rewrite']> {
  if (open === undefined)
    return (accepted) => Promise.all(accepted.map(({ question, text }) => world.readable(question, text)))
  let responder: Promise<Responder> | undefined
  return async (accepted, { seed, signal }) => {
    responder ??= open()
    return await rewriteReadable(accepted, {
      responder: await responder,
      sampling: { temperature: 0.6, topP: 0.95, maxTokens: 8192 },
      seed: `${seed}/cold-start`,
      signal,
    })
  }
}

const PAIRS_STAGE = 'preference-pairs'

/** Dev3's responses in pairs, labelled by the judge: what the helpful reward model then learns from. */
function pairsStage(
  settings: StageSettings,
  { judge, rewardModels, r1, ...config }: R1Settings,
): PipelineStage {
  const { pairs: requests } = rewardModels
  const { maxTokens } = r1.grpo
  return {
    name: PAIRS_STAGE,
    title: "Preference pairs: two of Dev3's responses to a request, compared by a judge (R1 v2 S3.1)",
    inputs: ['dev3'],
    work: `${requests} requests, 4 questions to the judge each`,
    seconds: stageSeconds(config).sampling({ questions: requests, samples: 2 }),
    recipe: 'preference-pairs',
    config: { judge, requests, maxTokens },
    run: (context) =>
      withJudge(
        judge,
        context,
        (opened) =>
          preferencePairsStage(
            settings,
            { model: context.input('dev3'), requests, maxTokens, judge: opened! },
            context,
          ),
        // Two questions of the same order are to be two opinions.
        { temperature: 0.6, topP: 0.95, maxTokens: 8192 },
      ),
  }
}

/** The second reinforcement, from Dev3 on. */
export function allScenariosStage(
  settings: StageSettings,
  { config, ...stage }: Pick<PipelineStage, 'name' | 'title' | 'seconds'> & { config: R1Config['r1'] },
): PipelineStage {
  const { world, evaluation } = settings
  const { grpo, languageConsistency, generalSteps } = config
  return {
    ...stage,
    inputs: ['dev3', 'helpful-rm', 'safety-rm'],
    work: `${grpo.steps} steps, the last ${generalSteps} with general requests`,
    recipe: 'grpo',
    config: { ...config, evaluation },
    async run(context) {
      const preferences = await openPreferenceRewards(world, context, config)
      try {
        return await reinforceInWorld(
          settings,
          {
            model: context.input('dev3'),
            algorithm: { name: 'grpo', config: grpo },
            weights: { languageConsistency },
            rewards: preferences.rewards,
            question: await allScenarios(settings, context.seed, config),
          },
          context,
        )
      } finally {
        preferences.close()
      }
    },
  }
}
