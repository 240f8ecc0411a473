/**
 * Distillation (R1 §2.4): students of other sizes and architectures are fine-tuned on what the second fine-tuning of R1's pipeline
 * used, or on responses that a teacher is asked for. Beside each: the same student trained by reinforcement alone, which is the paper's comparison, and, where
 * asked for, by on-policy distillation.
 */
import { join } from 'node:path'
import { z } from 'zod'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { onPolicyDistillationConfig } from '../algorithms/on-policy-distillation-config.ts'
import { sftConfig } from '../algorithms/sft-config.ts'
import { ConfigError } from '../errors.ts'
import { checkLocalModel, checkMaxTokens } from '../loading/local-model.ts'
import { checkSamplingModel, isServed } from '../loading/sampling-model.ts'
import { DATA, dataStage, samplingRounds } from '../pipeline/data-stage.ts'
import { onPolicyStage } from '../pipeline/on-policy-stage.ts'
import type { PipelineStage, StageContext } from '../pipeline/pipeline.ts'
import { checkReinforcement } from '../pipeline/reinforcement.ts'
import { checkSftData } from '../pipeline/sft-data.ts'
import { stageSeconds } from '../pipeline/stage-seconds.ts'
import { inWorld, stageFields } from '../pipeline/stage-settings.ts'
import type { World } from '../pipeline/world.ts'
import { fineTuneInWorld, reinforceInWorld } from '../pipeline/world-stages.ts'
import { paperDistill } from './presets/paper-distill.ts'
import { pocketDistill } from './presets/pocket-distill.ts'
import { pretrainPocketBase, pretrainRecipeConfig } from './pretrain.ts'

const count = z.int().min(1)

/** The paper's for its smallest student, where it differs from the pipeline's own (R1 v2 SB.4.3). */
const studentSft = sftConfig.extend({
  batchSize: count.default(64).describe('Examples in each update'),
  learningRate: z.number().positive().default(1e-4).describe('Peak learning rate'),
})

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
  sft: studentSft
    .prefault({})
    .describe('Fine-tuning of this student: the paper gives larger ones lower learning rates (R1 v2 SB.4.3)'),
})

export const distillConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  teacher: z
    .string()
    .default('')
    .describe(
      'Model whose responses are sampled where `examples` names none, and that scores tokens in on-policy distillation: a folder, a run or folder@http://server/v1',
    ),
  examples: z
    .string()
    .default('')
    .describe(
      "File of prompts and responses to learn from, as the paper's students learn what Dev3 learned (R1 §2.4): runs/r1/data/data.jsonl; empty samples the teacher",
    ),
  data: z
    .strictObject({
      questions: count.default(150_000).describe('Questions for the teacher'),
      samples: count.default(4).describe('Responses to each question'),
      rounds: samplingRounds,
      keep: count
        .default(4)
        .describe('At most this many right and readable responses are kept for each question'),
      demonstrations: z.int().min(0).default(200_000).describe('Demonstrations of general requests'),
      temperature: z.number().positive().default(0.6).describe('Sampling temperature of the teacher'),
    })
    .prefault({}),
  students: z.array(student).default([]).describe('The students, at least one'),
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

/** The stage that asks the teacher, where no examples are named. */
const SAMPLED = 'teacher-data'

export const distillPresets = { pocket: pocketDistill, paper: paperDistill }

/** Throws for a teacher or student that is not there, before a run leaves any trace. */
export async function checkDistill(config: DistillStagesConfig): Promise<void> {
  if (config.examples !== '') await checkSftData([config.examples])
  else if (config.teacher === '')
    throw new ConfigError('whose responses are they to learn?', {
      field: 'examples',
      remedy:
        'Name a file, such as those that Dev3 learned: --set examples=runs/r1/data/data.jsonl. Or a model to sample: --set teacher=<model>',
    })
  if (config.teacher !== '') await checkSamplingModel(config.teacher)
  else if (config.onPolicy.enabled)
    throw new ConfigError('on-policy distillation needs a teacher that scores tokens.', {
      field: 'teacher',
      remedy: 'Name a model: --set teacher=runs/r1/r1',
    })
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

/** The teacher and the examples may be those of an earlier stage of the same pipeline. */
export function distillStages(
  config: Omit<DistillStagesConfig, 'teacher' | 'examples'> &
    Record<'teacher' | 'examples', string | { stage: string }>,
  world: World,
): PipelineStage[] {
  const settings = { ...config, world }
  const { teacher, data, evaluation, reinforcement, onPolicy } = config
  const examples = config.examples === '' ? { stage: SAMPLED } : config.examples
  const exampleInputs = typeof examples === 'string' ? [] : [examples.stage]
  const examplesFile = ({ input }: StageContext) =>
    typeof examples === 'string' ? examples : join(input(examples.stage), DATA)
  const teacherInputs = typeof teacher === 'string' ? [] : [teacher.stage]
  const teacherModel = ({ input }: StageContext) =>
    typeof teacher === 'string' ? teacher : input(teacher.stage)
  const seconds = stageSeconds(config)
  const sampled: PipelineStage[] = inWorld(world, [
    {
      name: SAMPLED,
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
          },
          context,
        ),
    },
  ])
  return [
    ...(config.examples === '' ? sampled : []),
    ...config.students.flatMap(({ name, model, pretrain, sft }): PipelineStage[] => {
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
        title: `${name}: fine-tuned on the pipeline's or the teacher's responses (R1 §2.4)`,
        inputs: [...inputs, ...exampleInputs],
        work: `${sft.epochs} epochs`,
        seconds: seconds.fineTuning(sft, data),
        recipe: 'sft',
        config: { model, sft, examples, evaluation },
        run: (context) =>
          fineTuneInWorld(settings, { model: from(context), sft, data: examplesFile(context) }, context),
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
