/** A GGUF file as a decoder: its metadata as a DecoderConfig, its tensors under their Hugging Face names. */
import { openGguf } from '../disk/gguf.ts'
import type { TensorStore } from '../disk/tensor-store.ts'
import { architectureOf } from './architectures.ts'
import type { GroupedQueryConfig } from './config.ts'
import { readGgufConfig } from './gguf-config.ts'
import { ggufPlace, isNorm, isReordered } from './gguf-names.ts'
import { pairsToHalves } from './rotary-pairs.ts'

export interface GgufModel {
  config: GroupedQueryConfig
  /** By Hugging Face names. */
  tensors: TensorStore
}

export async function openGgufModel(path: string): Promise<GgufModel> {
  const file = await openGguf(path)
  try {
    const config = await readGgufConfig(file)
    const { zeroCenteredNorms } = architectureOf(config)
    return {
      config,
      tensors: {
        tensors: file.tensors,
        async read(name, shape, into) {
          const { name: stored, expert } = ggufPlace(config.architecture, name)
          const values = await file.read(stored, shape, into, expert)
          if (isReordered(config.architecture, name))
            pairsToHalves(values, values.length / config.hiddenSize, config.headSize)
          if (zeroCenteredNorms && isNorm(name)) for (let i = 0; i < values.length; i++) values[i]! -= 1
          return values
        },
        formatOf: (name) => file.formatOf(ggufPlace(config.architecture, name).name),
        async readBlocks(name, shape) {
          const { name: stored, expert } = ggufPlace(config.architecture, name)
          const bytes = await file.readBlocks(stored, shape, expert)
          if (isReordered(config.architecture, name)) pairsToHalves(bytes, shape[0]!, config.headSize)
          return bytes
        },
        close: file.close,
      },
    }
  } catch (error) {
    await file.close()
    throw error
  }
}
