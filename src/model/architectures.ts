/** The architectures by the name that `config.json` gives them. */
import type { Architecture } from './architecture.ts'
import type { DecoderConfig } from './config.ts'
import { deepseekV3 } from './deepseek-v3.ts'
import { gemma3 } from './gemma3.ts'
import { llama } from './llama.ts'
import { mistral } from './mistral.ts'
import { qwen3 } from './qwen3.ts'
import { qwen3Moe } from './qwen3-moe.ts'
import { smolLM3 } from './smollm3.ts'

export function architectureOf(config: DecoderConfig): Architecture {
  switch (config.architecture) {
    case 'llama':
    case 'qwen2':
      return llama(config)
    case 'qwen3':
      return qwen3(config)
    case 'qwen3_moe':
      return qwen3Moe(config)
    case 'mistral':
      return mistral(config)
    case 'smollm3':
      return smolLM3(config)
    case 'gemma3_text':
      return gemma3(config)
    case 'deepseek_v3':
      return deepseekV3(config)
  }
}
