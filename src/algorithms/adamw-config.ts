/** Settings of AdamW and of its learning rate's course, the same for every stage; the paper states few of them. */
import { z } from 'zod'
import type { Schedule } from '../objectives/schedule.ts'

const share = z.number().min(0).max(1)
/** Below 1: the bias correction divides by 1 − βᵗ. */
const momentum = z.number().min(0).lt(1)

/** All but the peak learning rate, which each stage has a default of its own for. */
export const adamwFields = (decay: Schedule['decay']) => ({
  warmupSteps: z
    .int()
    .min(0)
    .default(0)
    .describe('Steps of linear learning-rate warm-up; the paper does not state it'),
  decay: z
    .enum(['constant', 'cosine', 'linear'])
    .default(decay)
    .describe('Learning-rate schedule after the warm-up'),
  finalShare: share.default(0.1).describe('Learning rate at the end of the decay, as a share of the peak'),
  beta1: momentum.default(0.9).describe('AdamW: decay of the first moment; the paper does not state it'),
  beta2: momentum.default(0.95).describe('AdamW: decay of the second moment; the paper does not state it'),
  epsilon: z
    .number()
    .positive()
    .default(1e-8)
    .describe('AdamW: added to the root of the second moment; the paper does not state it'),
  weightDecay: z.number().min(0).default(0).describe('AdamW: weight decay; the paper does not state it'),
  gradientClipNorm: z
    .number()
    .min(0)
    .default(1)
    .describe('Largest L2 norm of the gradient; 0 turns clipping off. The paper does not state it'),
})
