/**
 * The paper in miniature: everything that the paper claims, measured at the pocket size. One pipeline a seed: R1-Zero to
 * R1, distillation from it, and the comparisons that stand beside them.
 */
import { z } from 'zod'
import { criticConfig } from '../algorithms/critic-config.ts'
import { ppoBeside } from '../algorithms/ppo-config.ts'
import type { PipelineStage } from '../pipeline/pipeline.ts'
import { secondHeldOutStage } from '../pipeline/second-held-out-stage.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { reinforceInWorld } from '../pipeline/world-stages.ts'
import { attemptStages, attemptsConfig, checkAttempts } from './attempts.ts'
import { checkDistill, distillConfig, distillStages } from './distill.ts'
import { pocketAttempts } from './presets/pocket-attempts.ts'
import { pocketDistill } from './presets/pocket-distill.ts'
import { pocketR1 } from './presets/pocket-r1.ts'
import { tinyMiniature } from './presets/tiny-miniature.ts'
import { allScenariosStage, type R1Parts, r1Stages } from './r1.ts'
import { checkR1, r1Config } from './r1-config.ts'

export const miniatureConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  r1: r1Config.omit({ seed: true }).prefault({}),
  distill: distillConfig.omit({ seed: true, teacher: true, examples: true, data: true }).prefault({}),
  critic: criticConfig.prefault({}).describe('The critic of PPO, which is compared with GRPO'),
  attempts: attemptsConfig.omit({ seed: true, model: true, world: true }).prefault({}),
  secondHeldOut: z
    .strictObject({
      questions: z.int().min(1).default(192).describe('Number of its questions with a verifier'),
      requests: z.int().min(1).default(60).describe('Number of its general requests'),
    })
    .prefault({})
    .describe('Questions that nothing was chosen by: every model is measured on them once, last'),
})
export type MiniatureConfig = z.infer<typeof miniatureConfig>

/** They learn what Dev3 learned. */
const { data: _, ...students } = pocketDistill

export const miniaturePresets = {
  pocket: { r1: pocketR1, distill: students, critic: { learningRate: 5e-4 }, attempts: pocketAttempts },
  tiny: tinyMiniature,
}

export interface MiniatureParts {
  r1: R1Parts
  /** Of the students. */
  distill: World
}

export async function checkMiniature(
  { r1, distill, attempts }: MiniatureConfig,
  parts: MiniatureParts,
): Promise<void> {
  await checkR1(r1, parts.r1.world)
  await checkAttempts({ ...attempts, model: r1.model }, parts.r1.world)
  // The teacher is made on the way.
  await checkDistill({ ...distill, data: r1.data, teacher: r1.model, examples: '' })
}

export function miniatureStages(
  { r1, distill, critic, attempts, secondHeldOut }: MiniatureConfig,
  parts: MiniatureParts,
): PipelineStage[] {
  const { world } = parts.r1
  const settings = { ...r1, world }
  const seconds = stageSeconds(r1)
  const { grpo } = r1.zero
  const zero = { model: r1.model, chatTemplate: null }
  const throughout = { ...r1.r1, generalSteps: r1.r1.grpo.steps }
  return [
    ...r1Stages(r1, parts.r1),
    ...inWorld(world, [
      {
        name: 'zero-language',
        title: 'R1-Zero with the language reward (R1 §2.3.2)',
        inputs: [],
        work: `${grpo.steps} steps`,
        seconds: seconds.reinforcement(grpo),
        recipe: 'r1-zero',
        config: { model: r1.model, grpo, evaluation: r1.evaluation },
        run: (context) =>
          reinforceInWorld(
            settings,
            { ...zero, algorithm: { name: 'grpo', config: grpo }, weights: { languageConsistency: 1 } },
            context,
          ),
      },
      {
        name: 'ppo',
        title: 'R1-Zero by PPO with a critic (R1 v2 SA.3)',
        inputs: [],
        work: `${grpo.steps} steps`,
        seconds: seconds.reinforcement(grpo) * 1.6,
        recipe: 'r1-zero',
        config: { model: r1.model, grpo, critic, evaluation: r1.evaluation },
        run: (context) =>
          reinforceInWorld(
            settings,
            { ...zero, algorithm: { name: 'ppo', config: ppoBeside(grpo, critic) } },
            context,
          ),
      },
      allScenariosStage(settings, {
        name: 'preference-throughout',
        title: 'R1 with preference rewards from the first step on (R1 v2 SB.5)',
        seconds: seconds.reinforcement(throughout.grpo),
        config: throughout,
      }),
    ]),
    ...distillStages(
      {
        ...distill,
        data: r1.data,
        teacher: { stage: 'r1' },
        examples: { stage: 'data' },
      },
      parts.distill,
    ),
    // On the model that R1-Zero begins with, too.
    ...attemptStages({ ...attempts, model: r1.model }, world),
    ...inWorld(world, [lastStage()]),
  ]

  function lastStage(): PipelineStage {
    const students = distill.students.flatMap(({ name }) => [
      ...(distill.reinforcement.enabled ? [`${name}-rl`] : []),
      `${name}-distilled`,
    ])
    const trained = ['zero', 'dev1', 'dev2', 'dev3', 'r1', ...students]
    const { questions, requests } = secondHeldOut
    const { samples } = r1.evaluation
    return {
      name: 'second-held-out',
      title: 'Every model on questions that nothing was chosen by',
      inputs: trained,
      work: `${trained.length + 1} models, ${questions} questions and ${requests} requests`,
      seconds: seconds.sampling({ questions: (trained.length + 1) * (questions + requests / 2), samples }),
      recipe: 'evaluation',
      config: { ...secondHeldOut, models: trained, evaluation: r1.evaluation },
      run: (context) =>
        secondHeldOutStage(
          settings,
          {
            ...secondHeldOut,
            models: [
              { name: 'base', model: r1.model, chatTemplate: null },
              ...trained.map((name) => ({
                name,
                model: context.input(name),
                // What reinforcement alone made has R1-Zero's prompt.
                ...((name === 'zero' || name.endsWith('-rl')) && { chatTemplate: null }),
              })),
            ],
          },
          context,
        ),
    }
  }
}
