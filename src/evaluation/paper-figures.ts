/**
 * The paper's own figures, as printed: percent, but for Codeforces ratings. Each says which version of the paper prints it:
 * v1 is arXiv 2501.12948v1, v2 the one with the supplement. R1-Zero is measured otherwise in the two.
 */

export const PAPER_MODELS = [
  'DeepSeek-R1',
  'OpenAI-o1-1217',
  'OpenAI-o1-mini',
  'DeepSeek-V3',
  'Claude-3.5-Sonnet-1022',
  'GPT-4o-0513',
  'DeepSeek-R1-Zero',
  'DeepSeek-R1-Dev1',
  'DeepSeek-R1-Dev2',
  'DeepSeek-R1-Dev3',
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

export const PAPER_ROWS = [
  'AIME 2024',
  'AIME 2024 cons@64',
  'MATH-500',
  'GPQA Diamond',
  'MMLU',
  'MMLU-Redux',
  'MMLU-Pro',
  'DROP (F1)',
  'IF-Eval',
  'SimpleQA',
  'FRAMES',
  'AlpacaEval 2.0 (LC)',
  'ArenaHard',
  'LiveCodeBench',
  'Codeforces rating',
  'Codeforces percentile',
  'SWE-bench Verified',
  'Aider-Polyglot',
  'CNMO 2024',
  'CLUEWSC',
  'C-Eval',
  'C-SimpleQA',
] as const

export type PaperRow = (typeof PAPER_ROWS)[number]

export interface PaperFigure {
  value: number
  version: 'v1' | 'v2' | 'v1, v2'
}

/** The figures of a model in a row, v1's before v2's where they differ; none where the paper has none. */
export function paperFigures(row: PaperRow, model: PaperModel): PaperFigure[] {
  return TABLES.flatMap(({ version, models, rows }) => {
    const value = rows[row]?.[models.indexOf(model)]
    return value == null ? [] : [{ value, version }]
  })
}

interface PaperTable {
  version: PaperFigure['version']
  models: readonly PaperModel[]
  /** Of each model in order; null where the paper has none. */
  rows: Partial<Record<PaperRow, readonly (number | null)[]>>
}

const TABLES: readonly PaperTable[] = [
  {
    // R1 §3.1, Table 4; R1 v2 has the same in Table 8.
    version: 'v1, v2',
    models: [
      'Claude-3.5-Sonnet-1022',
      'GPT-4o-0513',
      'DeepSeek-V3',
      'OpenAI-o1-mini',
      'OpenAI-o1-1217',
      'DeepSeek-R1',
    ],
    rows: {
      MMLU: [88.3, 87.2, 88.5, 85.2, 91.8, 90.8],
      'MMLU-Redux': [88.9, 88.0, 89.1, 86.7, null, 92.9],
      'MMLU-Pro': [78.0, 72.6, 75.9, 80.3, null, 84.0],
      'DROP (F1)': [88.3, 83.7, 91.6, 83.9, 90.2, 92.2],
      'IF-Eval': [86.5, 84.3, 86.1, 84.8, null, 83.3],
      'GPQA Diamond': [65.0, 49.9, 59.1, 60.0, 75.7, 71.5],
      SimpleQA: [28.4, 38.2, 24.9, 7.0, 47.0, 30.1],
      FRAMES: [72.5, 80.5, 73.3, 76.9, null, 82.5],
      'AlpacaEval 2.0 (LC)': [52.0, 51.1, 70.0, 57.8, null, 87.6],
      ArenaHard: [85.2, 80.4, 85.5, 92.0, null, 92.3],
      LiveCodeBench: [38.9, 32.9, 36.2, 53.8, 63.4, 65.9],
      'Codeforces percentile': [20.3, 23.6, 58.7, 93.4, 96.6, 96.3],
      'Codeforces rating': [717, 759, 1134, 1820, 2061, 2029],
      'SWE-bench Verified': [50.8, 38.8, 42.0, 41.6, 48.9, 49.2],
      'Aider-Polyglot': [45.3, 16.0, 49.6, 32.9, 61.7, 53.3],
      'AIME 2024': [16.0, 9.3, 39.2, 63.6, 79.2, 79.8],
      'MATH-500': [78.3, 74.6, 90.2, 90.0, 96.4, 97.3],
      'CNMO 2024': [13.1, 10.8, 43.2, 67.6, null, 78.8],
      CLUEWSC: [85.4, 87.9, 90.9, 89.9, null, 92.8],
      'C-Eval': [76.7, 76.0, 86.5, 68.9, null, 91.8],
      'C-SimpleQA': [55.4, 58.7, 68.0, 40.3, null, 63.7],
    },
  },
  {
    // R1 §3.2, Table 5; R1 v2 has the same in SF.
    version: 'v1, v2',
    models: [
      'QwQ-32B-Preview',
      'R1-Distill-Qwen-1.5B',
      'R1-Distill-Qwen-7B',
      'R1-Distill-Qwen-14B',
      'R1-Distill-Qwen-32B',
      'R1-Distill-Llama-8B',
      'R1-Distill-Llama-70B',
    ],
    rows: {
      'AIME 2024': [50.0, 28.9, 55.5, 69.7, 72.6, 50.4, 70.0],
      'AIME 2024 cons@64': [60.0, 52.7, 83.3, 80.0, 83.3, 80.0, 86.7],
      'MATH-500': [90.6, 83.9, 92.8, 93.9, 94.3, 89.1, 94.5],
      'GPQA Diamond': [54.5, 33.8, 49.1, 59.1, 62.1, 49.0, 65.2],
      LiveCodeBench: [41.9, 16.9, 37.6, 53.1, 57.2, 39.6, 57.5],
      'Codeforces rating': [1316, 954, 1189, 1481, 1691, 1205, 1633],
    },
  },
  {
    version: 'v1, v2',
    models: ['OpenAI-o1-mini', 'Claude-3.5-Sonnet-1022', 'GPT-4o-0513'],
    rows: { 'AIME 2024 cons@64': [80.0, 26.7, 13.4] },
  },
  {
    // R1 §2.2.4, Table 2.
    version: 'v1',
    models: ['DeepSeek-R1-Zero'],
    rows: {
      'AIME 2024': [71.0],
      'AIME 2024 cons@64': [86.7],
      'MATH-500': [95.9],
      'GPQA Diamond': [73.3],
      LiveCodeBench: [50.0],
      'Codeforces rating': [1444],
    },
  },
  {
    // R1 Figure 1.
    version: 'v1',
    models: ['R1-Distill-Qwen-32B'],
    rows: { MMLU: [87.4], 'Codeforces percentile': [90.6], 'SWE-bench Verified': [36.8] },
  },
  {
    // R1 v2 Table 3; its column R1 repeats Table 8.
    version: 'v2',
    models: ['DeepSeek-R1-Zero', 'DeepSeek-R1-Dev1', 'DeepSeek-R1-Dev2', 'DeepSeek-R1-Dev3'],
    rows: {
      MMLU: [88.8, 89.1, 91.2, 91.0],
      'MMLU-Redux': [85.6, 90.0, 93.0, 93.1],
      'MMLU-Pro': [68.9, 74.1, 83.8, 83.1],
      'DROP (F1)': [89.1, 89.8, 91.1, 88.7],
      'IF-Eval': [46.6, 71.7, 72.0, 78.1],
      'GPQA Diamond': [75.8, 66.1, 70.7, 71.2],
      SimpleQA: [30.3, 17.8, 28.2, 24.9],
      FRAMES: [82.3, 78.5, 81.8, 81.9],
      'AlpacaEval 2.0 (LC)': [24.7, 50.1, 55.8, 62.1],
      ArenaHard: [53.6, 77.0, 73.2, 75.6],
      LiveCodeBench: [50.0, 57.5, 63.5, 64.6],
      'Codeforces percentile': [80.4, 84.5, 90.5, 92.1],
      'Codeforces rating': [1444, 1534, 1687, 1746],
      'SWE-bench Verified': [43.2, 39.6, 44.6, 45.6],
      'Aider-Polyglot': [12.2, 6.7, 25.6, 44.8],
      'AIME 2024': [77.9, 59.0, 74.0, 78.1],
      'MATH-500': [95.9, 94.2, 95.9, 95.4],
      'CNMO 2024': [88.1, 58.0, 73.9, 77.3],
      CLUEWSC: [93.1, 92.8, 92.6, 91.6],
      'C-Eval': [92.8, 85.7, 91.9, 86.4],
      'C-SimpleQA': [66.4, 58.8, 64.2, 66.9],
    },
  },
]
