/**
 * The paper's own figures (R1 Figure 1; R1 §3.1 and §3.2, Tables 4 and 5), as printed: percent, but for
 * Codeforces ratings. Rows that no benchmark here measures are left out.
 */

export const PAPER_MODELS = [
  'DeepSeek-R1',
  'OpenAI-o1-1217',
  'OpenAI-o1-mini',
  'DeepSeek-V3',
  'Claude-3.5-Sonnet-1022',
  'GPT-4o-0513',
  'DeepSeek-R1-Zero',
  'QwQ-32B-Preview',
  'R1-Distill-Qwen-1.5B',
  'R1-Distill-Qwen-7B',
  'R1-Distill-Qwen-14B',
  'R1-Distill-Qwen-32B',
  'R1-Distill-Llama-8B',
  'R1-Distill-Llama-70B',
] as const

export type PaperModel = (typeof PAPER_MODELS)[number]

/** The models of Figure 1, in its order. */
export const FIGURE_1_MODELS: readonly PaperModel[] = [
  'DeepSeek-R1',
  'OpenAI-o1-1217',
  'R1-Distill-Qwen-32B',
  'OpenAI-o1-mini',
  'DeepSeek-V3',
]

export type PaperRow =
  | 'AIME 2024'
  | 'AIME 2024 cons@64'
  | 'MATH-500'
  | 'GPQA Diamond'
  | 'MMLU'
  | 'MMLU-Pro'
  | 'IF-Eval'
  | 'LiveCodeBench'
  | 'Codeforces rating'
  | 'Codeforces percentile'
  | 'SWE-bench Verified'

export const PAPER_FIGURES: Record<PaperRow, Partial<Record<PaperModel, number>>> = {
  'AIME 2024': {
    'DeepSeek-R1': 79.8,
    'OpenAI-o1-1217': 79.2,
    'OpenAI-o1-mini': 63.6,
    'DeepSeek-V3': 39.2,
    'Claude-3.5-Sonnet-1022': 16.0,
    'GPT-4o-0513': 9.3,
    'DeepSeek-R1-Zero': 71.0,
    'QwQ-32B-Preview': 50.0,
    'R1-Distill-Qwen-1.5B': 28.9,
    'R1-Distill-Qwen-7B': 55.5,
    'R1-Distill-Qwen-14B': 69.7,
    'R1-Distill-Qwen-32B': 72.6,
    'R1-Distill-Llama-8B': 50.4,
    'R1-Distill-Llama-70B': 70.0,
  },
  'AIME 2024 cons@64': {
    'OpenAI-o1-mini': 80.0,
    'Claude-3.5-Sonnet-1022': 26.7,
    'GPT-4o-0513': 13.4,
    'DeepSeek-R1-Zero': 86.7,
    'QwQ-32B-Preview': 60.0,
    'R1-Distill-Qwen-1.5B': 52.7,
    'R1-Distill-Qwen-7B': 83.3,
    'R1-Distill-Qwen-14B': 80.0,
    'R1-Distill-Qwen-32B': 83.3,
    'R1-Distill-Llama-8B': 80.0,
    'R1-Distill-Llama-70B': 86.7,
  },
  'MATH-500': {
    'DeepSeek-R1': 97.3,
    'OpenAI-o1-1217': 96.4,
    'OpenAI-o1-mini': 90.0,
    'DeepSeek-V3': 90.2,
    'Claude-3.5-Sonnet-1022': 78.3,
    'GPT-4o-0513': 74.6,
    'DeepSeek-R1-Zero': 95.9,
    'QwQ-32B-Preview': 90.6,
    'R1-Distill-Qwen-1.5B': 83.9,
    'R1-Distill-Qwen-7B': 92.8,
    'R1-Distill-Qwen-14B': 93.9,
    'R1-Distill-Qwen-32B': 94.3,
    'R1-Distill-Llama-8B': 89.1,
    'R1-Distill-Llama-70B': 94.5,
  },
  'GPQA Diamond': {
    'DeepSeek-R1': 71.5,
    'OpenAI-o1-1217': 75.7,
    'OpenAI-o1-mini': 60.0,
    'DeepSeek-V3': 59.1,
    'Claude-3.5-Sonnet-1022': 65.0,
    'GPT-4o-0513': 49.9,
    'DeepSeek-R1-Zero': 73.3,
    'QwQ-32B-Preview': 54.5,
    'R1-Distill-Qwen-1.5B': 33.8,
    'R1-Distill-Qwen-7B': 49.1,
    'R1-Distill-Qwen-14B': 59.1,
    'R1-Distill-Qwen-32B': 62.1,
    'R1-Distill-Llama-8B': 49.0,
    'R1-Distill-Llama-70B': 65.2,
  },
  MMLU: {
    'DeepSeek-R1': 90.8,
    'OpenAI-o1-1217': 91.8,
    'OpenAI-o1-mini': 85.2,
    'DeepSeek-V3': 88.5,
    'Claude-3.5-Sonnet-1022': 88.3,
    'GPT-4o-0513': 87.2,
    'DeepSeek-R1-Zero': 88.8,
    'R1-Distill-Qwen-32B': 87.4,
  },
  'MMLU-Pro': {
    'DeepSeek-R1': 84.0,
    'OpenAI-o1-mini': 80.3,
    'DeepSeek-V3': 75.9,
    'Claude-3.5-Sonnet-1022': 78.0,
    'GPT-4o-0513': 72.6,
    'DeepSeek-R1-Zero': 68.9,
  },
  'IF-Eval': {
    'DeepSeek-R1': 83.3,
    'OpenAI-o1-mini': 84.8,
    'DeepSeek-V3': 86.1,
    'Claude-3.5-Sonnet-1022': 86.5,
    'GPT-4o-0513': 84.3,
    'DeepSeek-R1-Zero': 46.6,
  },
  LiveCodeBench: {
    'DeepSeek-R1': 65.9,
    'OpenAI-o1-1217': 63.4,
    'OpenAI-o1-mini': 53.8,
    'DeepSeek-V3': 36.2,
    'Claude-3.5-Sonnet-1022': 38.9,
    'GPT-4o-0513': 32.9,
    'DeepSeek-R1-Zero': 50.0,
    'QwQ-32B-Preview': 41.9,
    'R1-Distill-Qwen-1.5B': 16.9,
    'R1-Distill-Qwen-7B': 37.6,
    'R1-Distill-Qwen-14B': 53.1,
    'R1-Distill-Qwen-32B': 57.2,
    'R1-Distill-Llama-8B': 39.6,
    'R1-Distill-Llama-70B': 57.5,
  },
  'Codeforces rating': {
    'DeepSeek-R1': 2029,
    'OpenAI-o1-1217': 2061,
    'OpenAI-o1-mini': 1820,
    'DeepSeek-V3': 1134,
    'Claude-3.5-Sonnet-1022': 717,
    'GPT-4o-0513': 759,
    'DeepSeek-R1-Zero': 1444,
    'QwQ-32B-Preview': 1316,
    'R1-Distill-Qwen-1.5B': 954,
    'R1-Distill-Qwen-7B': 1189,
    'R1-Distill-Qwen-14B': 1481,
    'R1-Distill-Qwen-32B': 1691,
    'R1-Distill-Llama-8B': 1205,
    'R1-Distill-Llama-70B': 1633,
  },
  'Codeforces percentile': {
    'DeepSeek-R1': 96.3,
    'OpenAI-o1-1217': 96.6,
    'OpenAI-o1-mini': 93.4,
    'DeepSeek-V3': 58.7,
    'Claude-3.5-Sonnet-1022': 20.3,
    'GPT-4o-0513': 23.6,
    'DeepSeek-R1-Zero': 80.4,
    'R1-Distill-Qwen-32B': 90.6,
  },
  'SWE-bench Verified': {
    'DeepSeek-R1': 49.2,
    'OpenAI-o1-1217': 48.9,
    'OpenAI-o1-mini': 41.6,
    'DeepSeek-V3': 42.0,
    'Claude-3.5-Sonnet-1022': 50.8,
    'GPT-4o-0513': 38.8,
    'DeepSeek-R1-Zero': 43.2,
    'R1-Distill-Qwen-32B': 36.8,
  },
}
