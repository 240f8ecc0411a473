/**
 * Pre-training: next-token prediction over an endless stream of documents, packed into rows.
 * Every step divides by the tokens of the whole step, so that short documents do not weigh more than long ones.
 * Left out: everything of DeepSeek-V3's own schedule (arXiv 2412.19437).
 */
import { z } from 'zod'
import type { Datum, Engine } from '../engine/engine.ts'
import { crossEntropy } from '../objectives/cross-entropy.ts'
import { type Schedule, scheduleFactor } from '../objectives/schedule.ts'
import type { Resolved } from '../settings/resolved.ts'
import { adamwFields } from './adamw-config.ts'
import type { PretrainSettings } from './settings.ts'

const { beta1, beta2, epsilon } = adamwFields('cosine')

export const pretrainConfig = z.strictObject({
  steps: z.int().min(1).default(1500).describe('Number of updates'),
  batchTokens: z.int().min(64).default(8192).describe('Least number of predicted tokens in each update'),
  learningRate: z.number().positive().default(3e-3).describe('Peak learning rate'),
  warmupSteps: z.int().min(0).default(50).describe('Steps of linear learning-rate warm-up'),
  decay: z
    .enum(['constant', 'cosine', 'linear'])
    .default('cosine')
    .describe('Learning-rate schedule after the warm-up'),
  decaySteps: z
    .int()
    .min(1)
    .default(1400)
    .describe('Number of updates after which the learning rate stops decaying'),
  finalShare: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .describe('Learning rate at the end of the decay, as a share of the peak'),
  beta1,
  beta2,
  epsilon,
  weightDecay: z.number().min(0).default(0.1),
  gradientClipNorm: z.number().min(0).default(1),
  expertBiasSpeed: z
    .number()
    .min(0)
    .default(0.001)
    .describe("γ: step of the router's bias, which balances the experts (arXiv 2408.15664)"),
  balanceWeight: z
    .number()
    .min(0)
    .default(1e-4)
    .describe('α: weight of the sequence-wise balance loss of the experts (arXiv 2412.19437 §2.1.2)'),
  predictionWeight: z
    .number()
    .min(0)
    .default(0.3)
    .describe('λ: weight of the multi-token prediction loss (arXiv 2412.19437 §2.2)'),
})
export type PretrainConfig = Resolved<PretrainSettings>

export interface PretrainStep {
  step: number
  /** Mean negative log-likelihood of the step's tokens, nats. */
  loss: number
  learningRate: number
  gradientNorm: number
  /** Documents read so far: where a resumed run continues. */
  documents: number
  tokens: number
  /** Means over the step's tokens, where the model has experts or predicts further: see the settings' α and λ. */
  balanceLoss?: number
  predictionLoss?: number
  /** Tokens of each expert over their mean, [layer][expert], and the largest of them. */
  expertLoad?: number[][]
  largestLoad?: number
}

export interface PretrainOptions {
  engine: Engine
  config: PretrainConfig
  /** Document `index` of the corpus; predictions of the first `unweighted` tokens are not trained. */
  document: (index: number) => { tokens: Int32Array; unweighted: number }
  /** Where to continue: the next step, and the next document. */
  from?: { step: number; documents: number }
  onStep: (step: PretrainStep) => void | Promise<void>
  signal?: AbortSignal
}

export async function pretrain({
  engine,
  config,
  document,
  from,
  onStep,
  signal,
}: PretrainOptions): Promise<void> {
  const schedule: Schedule = config
  let documents = from?.documents ?? 0
  for (let step = from?.step ?? 0; step < config.steps && signal?.aborted !== true; step++) {
    const batch: Datum[] = []
    let tokens = 0
    while (tokens < config.batchTokens) {
      const { tokens: ids, unweighted } = document(documents++)
      const weights = new Float32Array(ids.length - 1).fill(1, Math.max(0, unweighted - 1))
      tokens += weights.length - Math.max(0, unweighted - 1)
      batch.push({ tokens: ids, weights })
    }
    for (const datum of batch) datum.weights = datum.weights.map((weight) => weight / tokens)
    const { loss, statistics } = await engine.forwardBackward(batch, crossEntropy)
    const learningRate = config.learningRate * scheduleFactor(schedule, step, config.decaySteps)
    const { gradientNorm, expertLoad } = await engine.optimStep({ ...config, learningRate })
    await onStep({
      step: step + 1,
      loss,
      learningRate,
      gradientNorm,
      documents,
      tokens,
      ...statistics,
      ...(expertLoad && { expertLoad, largestLoad: Math.max(...expertLoad.flat()) }),
    })
  }
}
