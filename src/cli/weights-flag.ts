/** `--weights`: in how many bytes a model that is only sampled keeps its matrices. */
import { Option } from 'commander'
import { FROZEN, type Frozen } from '../model/lora.ts'

export interface WeightsFlag {
  weights: Frozen
}

export const weightsOption = (): Option =>
  new Option(
    '--weights <type>',
    "matrices in half precision, or in a GGUF file's blocks as stored: less memory",
  )
    .choices(FROZEN)
    .default('float32')
