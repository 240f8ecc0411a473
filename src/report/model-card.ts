/** The README.md of a pretrained pocket model: what it is, how it was made, what it can do. */

import { formatNumber } from '../measures/format.ts'
import { measuresOf } from '../measures/measures.ts'
import type { DecoderConfig } from '../model/config.ts'
import { markdownTable } from './tables.ts'

interface Figures {
  samples: number
  pass1: number
  passK: number
  consK: number | null
  meanTokens: number
  formatShare: number
}

export interface ModelCardFacts {
  architecture: DecoderConfig['architecture']
  /** Of this package. */
  version: string
  /** The shell line that made it. */
  command: string
  parameters: number
  tokens: number
  seconds: number
  corpus: object
  heldOut: Record<'sampled' | 'report' | 'greedy', Figures>
}

export function modelCard({
  architecture,
  version,
  command,
  parameters,
  tokens,
  seconds,
  corpus,
  heldOut,
}: ModelCardFacts): string {
  const k = heldOut.report.samples
  const measures = measuresOf(['pass1', 'passK', 'consK', 'meanTokens', 'formatShare'], k)
  const row = (name: string, figures: Figures) => [
    name,
    ...measures.map(({ key, format }) => {
      const value = figures[key as keyof Figures]
      // With one response, pass@k and cons@k say nothing that pass@1 does not.
      return value === null || (figures.samples === 1 && key.endsWith('K')) ? '–' : format(value)
    }),
  ]
  const table = markdownTable(
    ['decoding', ...measures.map(({ label }) => label)].map((name) => ({ name })),
    [
      row('temperature 1', heldOut.sampled),
      row('temperature 0.6, top-p 0.95', heldOut.report),
      row('greedy', heldOut.greedy),
    ],
  )
  return `---
license: mit
library_name: transformers
pipeline_tag: text-generation
---
# A pocket base model

A decoder of ${formatNumber(parameters, 9)} parameters (${ARCHITECTURES[architecture] ?? architecture} architecture) that has read a synthetic web: arithmetic puzzles answered mostly by
guessing, sometimes by searching, in English and Chinese, in more or less tidy form. It is a *base*: it
seldom reasons, but it can. Reinforcement learning alone makes it a reasoner: \`npx r1 train r1-zero\`.

Made with r1-ts ${version} by \`${command}\`: ${formatNumber(tokens, 9)} tokens in
${Math.round(seconds / 60)} minutes. Stored as float16.

## On held-out Countdown problems

${table}

No held-out problem is in the corpus: problems are kept apart by a hash of numbers and target.

## The corpus

Counted over its first 20,000 documents:

\`\`\`json
${JSON.stringify(corpus, roundShares, 2)}
\`\`\`
`
}

const roundShares = (_: string, value: unknown) =>
  typeof value === 'number' ? Number(value.toFixed(3)) : value

const ARCHITECTURES: Partial<Record<DecoderConfig['architecture'], string>> = {
  qwen2: 'Qwen2',
  llama: 'Llama',
  deepseek_v3: 'DeepSeek-V3',
}
