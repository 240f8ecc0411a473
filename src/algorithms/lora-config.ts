/** The settings of low-rank adapters (arXiv 2106.09685); the paper trains all parameters. */
import { z } from 'zod'
import { FROZEN, type Lora } from '../model/lora.ts'

export const loraConfig = z
  .strictObject({
    rank: z
      .int()
      .min(0)
      .default(0)
      .describe(
        'Rank of low-rank adapters (LoRA, arXiv 2106.09685); 0 trains the whole model, or the adapters that it already has',
      ),
    alpha: z
      .number()
      .positive()
      .default(32)
      .describe('Scale of the adapters: their product is multiplied by alpha/rank'),
    targets: z
      .array(z.string())
      .min(1)
      .default(['all-linear'])
      .describe('Matrices that get an adapter: q_proj, v_proj, …, or all-linear'),
    frozen: z
      .enum(FROZEN)
      .default('float32')
      .describe(
        'How the matrices beside the adapters are kept: in float32, in float16, or stored (a GGUF file’s blocks of 4, 6 and 8 bits as they are, on the CPU as 8-bit numbers; float16 where there are none)',
      ),
  })
  .prefault({})

export type LoraConfig = z.infer<typeof loraConfig>

/** Undefined where all parameters are trained. */
export const adapters = ({ rank, alpha, targets }: LoraConfig): Lora | undefined =>
  rank === 0 ? undefined : { rank, alpha, targets }
