/**
 * R1-Zero (R1 §2.2.4): reinforcement learning on a base model, no SFT, rule rewards, the paper's template. The base is measured,
 * trained, measured again, and the run's folder keeps the evidence. For comparison, PPO with a critic in GRPO's place
 * (R1 v2 SA.3).
 */
import { join } from 'node:path'
import { z } from 'zod'
import type { GrpoStep } from '../algorithms/grpo.ts'
import { grpoConfig } from '../algorithms/grpo-config.ts'
import { ppoConfig } from '../algorithms/ppo-config.ts'
import { type DoctorConfig, doctorConfig, namedRules } from '../doctor/doctor-config.ts'
import { diagnosis } from '../doctor/finding-text.ts'
import { readFindings } from '../doctor/read-run.ts'
import type { Finding } from '../doctor/rule.ts'
import { measureModel, type RunFigures } from '../evaluation/measure-model.ts'
import type { NamedEvaluation } from '../pipeline/evaluations.ts'
import type { RunContext } from '../pipeline/pipeline.ts'
import { type Algorithm, reinforcementStage } from '../pipeline/reinforcement.ts'
import { evaluationSampling } from '../pipeline/stage-figures.ts'
import type { TrainedModel } from '../pipeline/trained-model.ts'
import { trainingSettings } from '../pipeline/training-settings.ts'
import { type WrittenReport, writeRunReport } from '../report/run-report.ts'
import { runTranscripts } from '../report/run-transcripts.ts'
import type { Transcript } from '../report/transcript.ts'
import type { Judge, JudgeCounts } from '../responders/judge.ts'
import { judgeConfig } from '../responders/server-judge.ts'
import type { AnyReward } from '../rewards/reward.ts'
import { FINDINGS } from '../run/folder.ts'
import { QUESTION_KINDS } from '../tasks/file-kinds.ts'
import type { QuestionSet, TrainingData } from '../tasks/task.ts'
import { BOXED_DIRECTIVE } from '../text/boxed-directive.ts'
import { deepseekV3, qwen7b, qwen15b } from './presets/full-size.ts'
import { onPolicy, pocket, quick } from './presets/pocket.ts'
import { countdown3b, gsm8kWithAdapters, miniR1, simpleRl05b, simpleRl15b } from './presets/published-runs.ts'

export const weightSchedule = z.strictObject({
  from: z.number().min(0).describe('Weight at the first update'),
  to: z.number().min(0).describe('Weight after those updates, from then on'),
  steps: z.int().min(1).describe('Updates over which the weight changes'),
})
const weight = z.union([z.number().min(0), weightSchedule])
const field = z.string().nullable().default(null)

export const r1ZeroConfig = z.strictObject({
  seed: z.int().min(0).default(1).describe('Seed of all randomness: the same seed gives the same run'),
  model: z.string().default('pocket-base').describe('Base model: pocket-base, a model folder or a run'),
  task: z
    .string()
    .default('pocket-countdown')
    .describe(
      "A task's name, a data file or a TypeScript file (docs/tasks.md); separate several with commas",
    ),
  questionField: field.describe('Field of a data file that holds the question; null tries the usual names'),
  answerField: field.describe(
    'Field of a data file that holds the reference answer; a dot reaches into objects',
  ),
  kind: z
    .enum(QUESTION_KINDS)
    .nullable()
    .default(null)
    .describe("Kind of a data file's rows, which chooses the verifier; null reads it from their fields"),
  judge: judgeConfig,
  template: z
    .enum(['r1-zero', 'model', 'model-no-thinking'])
    .default('r1-zero')
    .describe(
      "The prompt: R1-Zero's template (R1 §2.2.3, Table 1), or the model's own chat template, as it is or with enable_thinking off (Qwen3)",
    ),
  instruction: z
    .string()
    .default(BOXED_DIRECTIVE)
    .describe('Text added after each question of mathematics in word-problems and files'),
  rewards: z
    .strictObject({
      accuracy: weight.default(1).describe('Weight of the accuracy reward (R1 §2.2.2)'),
      format: weight
        .default(1)
        .describe('Weight of the format reward: thinking and answer tags in place (R1 §2.2.2)'),
      languageConsistency: weight
        .default(0)
        .describe(
          "Weight of the language-consistency reward: share of the question's language in the thinking (R1 §2.3.2)",
        ),
      overlong: weight
        .default(0)
        .describe("Weight of DAPO's soft penalty for responses near maxTokens (arXiv 2503.14476)"),
      file: z
        .string()
        .nullable()
        .default(null)
        .describe(
          'TypeScript file that exports a `reward` of your own, or several; separate files with commas',
        ),
    })
    .prefault({}),
  algorithm: z
    .enum(['grpo', 'ppo'])
    .default('grpo')
    .describe(
      'grpo compares the responses of a group, ppo trains a critic; each has its own section of settings',
    ),
  grpo: grpoConfig.prefault({}),
  ppo: ppoConfig.prefault({}),
  evaluation: z
    .strictObject({
      questions: z.int().min(1).default(256).describe('Number of held-out questions'),
      samples: z.int().min(1).default(16).describe('Responses to each question: the k of pass@k'),
      ...evaluationSampling,
      sideBySide: z
        .boolean()
        .default(false)
        .describe('Also measure at temperature 1 (with a quarter of the responses) and greedily'),
      every: z
        .int()
        .min(0)
        .default(0)
        .describe('Steps between evaluations on an eighth of the held-out questions; 0 turns them off'),
    })
    .prefault({}),
  int8Rollouts: z
    .boolean()
    .default(false)
    .describe(
      'Rollouts are sampled with weights and activations rounded to 8 bits; needs grpo.importanceCap',
    ),
  curriculum: z
    .strictObject({
      fresh: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe('Share of questions that are new; the others were asked before and had a signal. 1 is off'),
      low: z
        .number()
        .min(0)
        .max(1)
        .default(0.1)
        .describe('Lowest pass rate of questions that are asked again'),
      high: z
        .number()
        .min(0)
        .max(1)
        .default(0.9)
        .describe('Highest pass rate of questions that are asked again'),
    })
    .prefault({}),
  doctor: doctorConfig,
  ...trainingSettings,
})
export type R1ZeroConfig = z.infer<typeof r1ZeroConfig>

export const presets = {
  pocket,
  quick,
  'on-policy': onPolicy,
  paper: {},
  'qwen2.5-1.5b': qwen15b,
  'qwen2.5-7b': qwen7b,
  'deepseek-v3': deepseekV3,
  'qwen2.5-0.5b-instruct-gsm8k': gsm8kWithAdapters,
  'qwen2.5-0.5b-simplerl': simpleRl05b,
  'qwen2.5-1.5b-simplerl': simpleRl15b,
  'qwen2.5-3b-countdown': countdown3b,
  'qwen2.5-3b-mini-r1': miniR1,
}

export interface R1Zero {
  /** What is trained; the caller closes it, and the critic where there is one. */
  model: TrainedModel
  algorithm: Algorithm
  data: TrainingData
  rewards: readonly AnyReward[]
  /** Whose verdicts are among the rewards; it is counted in the result. */
  judge?: Pick<Judge, 'counts'>
  evaluation: R1ZeroConfig['evaluation']
  checkpoints: { every: number; keep: number }
  curriculum: R1ZeroConfig['curriculum']
  doctor: DoctorConfig
  onFinding?: (finding: Finding) => void
  onPhase?: (phase: 'base' | 'train' | 'trained') => void
  onStep?: (step: GrpoStep) => void
}

export interface R1ZeroResult {
  base: RunFigures
  trained: RunFigures
  seconds: number
  steps: number
  run: string
  /** Of this session. */
  judge?: JudgeCounts
}

export interface R1ZeroDone {
  result: R1ZeroResult
  report: WrittenReport
  /** Two questions that the base got wrong and the trained model right. */
  transcripts: Transcript[]
  /** The doctor's sentence. */
  diagnosis: string
}

/** Undefined where the signal stopped it; the run's folder then holds a checkpoint of the last rollout. */
export async function r1Zero(
  { model, data, evaluation, judge, ...options }: R1Zero,
  context: RunContext,
): Promise<R1ZeroDone | undefined> {
  const { run, seed } = context
  const { maxTokens } = options.algorithm.config
  const measure = (set: QuestionSet, { samples, temperature, topP }: Decoding, signal?: AbortSignal) =>
    measureModel(model, { set, samples, sampling: { temperature, topP, maxTokens }, seed, signal })
  const [asReported, ...others] = decodings(evaluation)
  const { heldOut } = data
  const eighth = {
    ...heldOut,
    questions: heldOut.questions.slice(0, Math.ceil(heldOut.questions.length / 8)),
  }
  const done = await reinforcementStage(
    {
      ...options,
      model,
      question: data.question,
      evaluations: [asReported, ...others].map(
        (decoding): NamedEvaluation<RunFigures> => ({
          suffix: decoding.suffix,
          measure: (signal) => measure(heldOut, decoding, signal),
        }),
      ),
      measureBase: true,
      whileTraining: { every: evaluation.every, measure: () => measure(eighth, asReported) },
    },
    context,
  )
  if (done === undefined) return undefined
  const { base, trained, seconds, steps } = done
  const result = {
    base: base!,
    trained: trained!,
    seconds,
    steps,
    run: run.folder,
    ...(judge && { judge: judge.counts() }),
  }
  await run.finish({ ...result })
  const transcripts = await runTranscripts(run.folder, 2, 'R1-Zero')
  // The doctor looked as the run went: nothing is read and examined a second time.
  const { findings } = await readFindings(join(run.folder, FINDINGS))
  const off = namedRules('doctor.off', options.doctor.off)
  return {
    result,
    transcripts,
    report: await writeRunReport(run.folder, { transcripts }),
    diagnosis: diagnosis({ findings: findings.filter(({ rule }) => !off.includes(rule)), steps }),
  }
}

interface Decoding {
  /** Behind the name of the result's file. */
  suffix: string
  samples: number
  temperature: number
  topP: number
}

/** The paper's way to decode first; sharpening and learning are told apart by the others. */
function decodings({
  samples,
  temperature,
  topP,
  sideBySide,
}: R1ZeroConfig['evaluation']): [Decoding, ...Decoding[]] {
  const report = { suffix: '', samples, temperature, topP }
  if (!sideBySide) return [report]
  return [
    report,
    { suffix: '-temperature-1', samples: Math.ceil(samples / 4), temperature: 1, topP: 1 },
    { suffix: '-greedy', samples: 1, temperature: 0, topP: 1 },
  ]
}
