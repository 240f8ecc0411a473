/** The architectures by the name that `config.json` gives them. */
import type { Architecture } from './architecture.ts'
import type { DecoderConfig } from './config.ts'
import { deepseekV3 } from './deepseek-v3.ts'
import { llama } from './llama.ts'

export const architectureOf = (config: DecoderConfig): Architecture =>
  config.architecture === 'deepseek_v3' ? deepseekV3(config) : llama(config)
