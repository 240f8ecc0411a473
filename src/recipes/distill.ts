/**
 * Distillation (R1 §2.4): students of other sizes and architectures are fine-tuned on a teacher's verified
 * responses. Beside each: the same student trained by reinforcement alone, which is the paper's comparison, and, where
 * asked for, by on-policy distillation.
 */
import { z } from 'zod'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { onPolicyDistillationConfig } from '../algorithms/on-policy-distillation-config.ts'
import { READABILITY_FILTERS } from '../algorithms/rejection-sampling.ts'
import { sftConfig } from '../algorithms/sft-config.ts'
import { ConfigError } from '../errors.ts'
import { checkLocalModel, checkMaxTokens } from '../loading/local-model.ts'
import { checkSamplingModel, isServed } from '../loading/sampling-model.ts'
import { dataStage } from '../pipeline/data-stage.ts'
import { onPolicyStage } from '../pipeline/on-policy-stage.ts'
import type { PipelineStage, StageContext } from '../pipeline/pipeline.ts'
import { checkReinforcement } from '../pipeline/reinforcement.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld, stageFields } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { fineTuneInWorld, reinforceInWorld } from '../pipeline/world-stages.ts'
import { pocketDistill } from './presets/pocket-distill.ts'
import { pretrainPocketBase, pretrainRecipeConfig } from './pretrain.ts'

const count = z.int().min(1)

const student = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]*$/)
    .describe('Name of the student; its folders are called after it'),
  model: z
    .string()
    .nullable()
    .default(null)
    .describe('Model folder of the student; null makes a pocket model with `pretrain`'),
  pretrain: pretrainRecipeConfig
    .omit({ seed: true })
    .prefault({})
    .describe('How to make a pocket student when there is no folder'),
})

export const distillConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  teacher: z
    .string()
    .default('')
    .describe(
      'A model folder, a run or folder@http://server/v1; of an R1 pipeline its last stage, runs/r1/r1',
    ),
  data: z
    .strictObject({
      questions: count.default(150_000).describe('Questions for the teacher'),
      samples: count.default(4).describe('Responses to each question'),
      keep: count
        .default(4)
        .describe('At most this many right and readable responses are kept for each question'),
      demonstrations: z.int().min(0).default(200_000).describe('Demonstrations of general requests'),
      temperature: z.number().positive().default(0.6).describe('Sampling temperature of the teacher'),
    })
    .prefault({}),
  students: z.array(student).default([]).describe('The students, at least one'),
  sft: sftConfig.prefault({ batchSize: 64, learningRate: 1e-4 }),
  reinforcement: z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe('Also train each student by reinforcement alone, for comparison (R1 §4.1)'),
      grpo: grpoConfig.prefault({ learningRate: 2e-6 }),
    })
    .prefault({}),
  onPolicy: z
    .strictObject({
      enabled: z
        .boolean()
        .default(false)
        .describe('Continue with on-policy distillation after the fine-tuning (arXiv 2306.13649)'),
      grpo: onPolicyDistillationConfig.prefault({ groupSize: 4 }),
    })
    .prefault({}),
  ...stageFields,
})
export type DistillConfig = z.infer<typeof distillConfig>
/** The pipeline has the seed. */
export type DistillStagesConfig = Omit<DistillConfig, 'seed' | 'world'>

export const distillPresets = { pocket: pocketDistill, paper: {} }

/** Throws for a teacher or student that is not there, before a run leaves any trace. */
export async function checkDistill(config: DistillStagesConfig): Promise<void> {
  if (config.teacher === '')
    throw new ConfigError('whose responses are they to learn?', {
      field: 'teacher',
      remedy: 'Name a model: --set teacher=runs/r1/r1',
    })
  await checkSamplingModel(config.teacher)
  if (config.onPolicy.enabled && isServed(config.teacher))
    throw new ConfigError(
      'on-policy distillation asks the teacher for log-probabilities of given responses.',
      {
        field: 'teacher',
        value: config.teacher,
        remedy: 'Name a model folder, or leave onPolicy.enabled off.',
      },
    )
  const { students, evaluation, reinforcement, onPolicy } = config
  if (students.length === 0)
    throw new ConfigError('there are none.', {
      field: 'students',
      expected: 'at least one, such as [{"name": "mine", "model": "models/mine"}]',
      remedy: 'List them in a --config file, or take those of --preset pocket.',
    })
  for (const { model, pretrain } of students) {
    const maxPositions = model === null ? pretrain.model.maxPositions : await checkLocalModel(model)
    checkMaxTokens('evaluation.maxTokens', evaluation.maxTokens, maxPositions)
    if (reinforcement.enabled)
      checkReinforcement('reinforcement.grpo', { name: 'grpo', config: reinforcement.grpo }, maxPositions)
    if (onPolicy.enabled) checkMaxTokens('onPolicy.grpo.maxTokens', onPolicy.grpo.maxTokens, maxPositions)
  }
  const names = students.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw new ConfigError('two students of one name.', { field: 'students', value: twice })
}

/** The teacher may be the model of an earlier stage of the same pipeline. */
export function distillStages(
  config: Omit<DistillStagesConfig, 'teacher'> & { teacher: string | { stage: string } },
  world: World,
): PipelineStage[] {
  const settings = { ...config, world }
  const { teacher, data, evaluation, sft, reinforcement, onPolicy } = config
  const teacherInputs = typeof teacher === 'string' ? [] : [teacher.stage]
  const teacherModel = ({ input }: StageContext) =>
    typeof teacher === 'string' ? teacher : input(teacher.stage)
  const seconds = stageSeconds(config)
  return [
    ...inWorld(world, [
      {
        name: 'teacher-data',
        title: "The teacher's right, readable responses, and demonstrations (R1 §2.4)",
        inputs: teacherInputs,
        work: `${data.questions} questions, ${data.samples} responses each`,
        seconds: seconds.sampling(data),
        recipe: 'rejection-sampling',
        config: { teacher, ...data, maxTokens: evaluation.maxTokens },
        run: (context) =>
          dataStage(
            settings,
            {
              ...data,
              model: teacherModel(context),
              maxTokens: evaluation.maxTokens,
              filters: READABILITY_FILTERS,
            },
            context,
          ),
      },
    ]),
    ...config.students.flatMap(({ name, model, pretrain }): PipelineStage[] => {
      const base = `${name}-base`
      const from = (context: StageContext) => model ?? context.input(base)
      const inputs = model === null ? [base] : []
      const made: PipelineStage = {
        name: base,
        title: `${name}: a base model of ${pretrain.model.architecture} architecture`,
        inputs: [],
        work: `${pretrain.pretrain.steps} steps`,
        seconds: seconds.pretraining(pretrain.pretrain),
        recipe: 'pretrain',
        config: { ...pretrain },
        run: ({ run, resume, seed, signal, progress }) =>
          pretrainPocketBase({
            config: { ...pretrain, seed },
            run,
            ...(resume && { resume }),
            ...(signal && { signal }),
            onStep: ({ step, loss }) => progress(step, pretrain.pretrain.steps, `loss ${loss.toFixed(3)}`),
          }).then((result) => result && { ...result }),
      }
      const distilled: PipelineStage = {
        name: `${name}-distilled`,
        title: `${name}: fine-tuned on the teacher's responses (R1 §2.4)`,
        inputs: [...inputs, 'teacher-data'],
        work: `${sft.epochs} epochs`,
        seconds: seconds.fineTuning(sft, data),
        recipe: 'sft',
        config: { model, sft, evaluation },
        run: (context) =>
          fineTuneInWorld(settings, { model: from(context), sft, data: 'teacher-data' }, context),
      }
      const reinforced: PipelineStage = {
        name: `${name}-rl`,
        title: `${name}: reinforcement alone, as R1-Zero (R1 §2.4)`,
        inputs,
        work: `${reinforcement.grpo.steps} steps`,
        seconds: seconds.reinforcement(reinforcement.grpo),
        recipe: 'r1-zero',
        config: { model, ...reinforcement, evaluation },
        run: (context) =>
          reinforceInWorld(
            settings,
            {
              model: from(context),
              chatTemplate: null,
              algorithm: { name: 'grpo', config: reinforcement.grpo },
              measureBase: true,
            },
            context,
          ),
      }
      const onPolicyDistilled: PipelineStage = {
        name: `${name}-on-policy`,
        title: `${name}: distilled further on its own responses (arXiv 2306.13649)`,
        inputs: [...teacherInputs, `${name}-distilled`],
        work: `${onPolicy.grpo.steps} steps`,
        seconds: seconds.reinforcement(onPolicy.grpo),
        recipe: 'on-policy-distillation',
        config: { teacher, ...onPolicy, evaluation },
        run: (context) =>
          onPolicyStage(
            settings,
            {
              student: context.input(`${name}-distilled`),
              teacher: teacherModel(context),
              config: onPolicy.grpo,
            },
            context,
          ),
      }
      return [
        ...(model === null ? [made] : []),
        ...inWorld(world, [
          distilled,
          ...(reinforcement.enabled ? [reinforced] : []),
          ...(onPolicy.enabled ? [onPolicyDistilled] : []),
        ]),
      ]
    }),
  ]
}

/** Columns of the table: what each student was, and what became of it. */
export function distillColumns({
  students,
  reinforcement,
  onPolicy,
}: Pick<DistillConfig, 'students' | 'reinforcement' | 'onPolicy'>) {
  return students.flatMap(({ name }) => [
    ...(reinforcement.enabled ? [{ name: `${name} base`, stage: `${name}-rl`, result: 'base' }] : []),
    ...(reinforcement.enabled ? [{ name: `${name} RL`, stage: `${name}-rl`, result: 'trained' }] : []),
    { name: `${name} distilled`, stage: `${name}-distilled`, result: 'trained' },
    ...(onPolicy.enabled
      ? [{ name: `${name} on-policy`, stage: `${name}-on-policy`, result: 'trained' }]
      : []),
  ])
}
