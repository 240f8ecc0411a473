/** The README.md of a model that a run trained, for the hub: how to use it, and the run's own report. */
import { reportMarkdown } from './run-report.ts'
import type { RunSummary } from './run-summary.ts'
import type { Transcript } from './transcript.ts'

export interface TrainedModelFacts {
  repo: string
  summary: RunSummary
  transcripts: readonly Transcript[]
  /** The shell line that made the run. */
  command: string
  /** owner/name of its base on the hub, where it was pulled from there. */
  base: string | undefined
  /** Whether it is low-rank adapters. */
  adapters: boolean
}

export function trainedModelCard({
  repo,
  summary,
  transcripts,
  command,
  base,
  adapters,
}: TrainedModelFacts): string {
  const { recipe, version } = summary.info
  const title = repo.split('/').at(-1)!
  const facts = [
    `library_name: ${adapters ? 'peft' : 'transformers'}`,
    'pipeline_tag: text-generation',
    `tags: [r1-ts, ${recipe}, reinforcement-learning]`,
    ...(base === undefined ? [] : [`base_model: ${base}`]),
  ]
  const report = reportMarkdown(summary, transcripts).replace(/^# .*\n+/, '')
  return `---
${facts.join('\n')}
---

# ${title}

Trained with r1-ts ${version} by

\`\`\`
${command}
\`\`\`

To use it: \`npx r1 pull ${repo}\`, then \`npx r1 chat models/${title}\`. Every setting is in \`run/config.json\`, every step in
\`run/metrics.jsonl\`.

${report}`
}
