/** Settings of AdamW and of its learning rate's course, the same for every stage; the paper states few of them. */
import { z } from 'zod'
import type { Schedule } from '../objectives/schedule.ts'

const share = z.number().min(0).max(1)
/** Below 1: the bias correction divides by 1 − βᵗ. */
const momentum = z.number().min(0).lt(1)

/** All but the peak learning rate, which each stage has a default of its own for. */
export const adamwFields = (decay: Schedule['decay']) => ({
  warmupSteps: z.int().min(0).default(0).describe('Linear warm-up; not stated in the paper'),
  decay: z.enum(['constant', 'cosine', 'linear']).default(decay).describe('What follows the warm-up'),
  finalShare: share.default(0.1).describe('Where a decay ends, as a share of the peak'),
  beta1: momentum.default(0.9).describe("AdamW's; not stated in the paper"),
  beta2: momentum.default(0.95).describe("AdamW's; not stated in the paper"),
  epsilon: z.number().positive().default(1e-8).describe("AdamW's; not stated in the paper"),
  weightDecay: z.number().min(0).default(0).describe("AdamW's; not stated in the paper"),
  gradientClipNorm: z.number().min(0).default(1).describe('0 is off; not stated in the paper'),
})
