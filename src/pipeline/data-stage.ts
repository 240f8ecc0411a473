/** Data as a stage of a pipeline: a model's right and readable responses, rewritten or not, and demonstrations. */
import { basename, join } from 'node:path'
import { z } from 'zod'
import type { RightResponse } from '../algorithms/cold-start.ts'
import {
  countByDomain,
  type DomainCounts,
  readabilityFilters,
  rejectionSampling,
  type SelectedResponses,
} from '../algorithms/rejection-sampling.ts'
import { type JsonObject, writeJsonl } from '../disk/jsonl.ts'
import { replaceFile } from '../disk/replace-file.ts'
import { DataError } from '../errors.ts'
import { openSamplingModel } from '../loading/sampling-model.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import type { StageContext } from './pipeline.ts'
import { openSampledBatches } from './sampled-batches.ts'
import type { SftRow } from './sft-data.ts'
import type { StageSettings } from './stage-settings.ts'

/** Row of `data.jsonl`. */
interface DataRow extends SftRow {
  domain: string
}

export const DATA = 'data.jsonl'
const COUNTS = 'counts.json'
const TEMPLATE = 'chat_template.jinja'

export const samplingRounds = z
  .int()
  .min(1)
  .default(1)
  .describe(
    'Times a question is asked while fewer than `keep` of its responses stay: more samples where few are right',
  )

export interface Sampling {
  model: string
  questions: number
  samples: number
  rounds: number
  keep: number
  temperature: number
  maxTokens: number
  prefer?: 'first' | 'longest'
  /** The responses as they are learned; null leaves one out. */
  rewrite?: (accepted: readonly RightResponse[], context: StageContext) => Promise<(string | null)[]>
  /** Questions that a judge decides, asked after the verified ones. */
  judged?: { questions: number; question: (index: number) => AskedQuestion } | undefined
  /** So many demonstrations of general requests beside it. */
  demonstrations: number
}

/** Verified responses of a model and demonstrations of general requests, in `data.jsonl`, counted in `counts.json`. */
export async function dataStage(
  { world, evaluation }: StageSettings,
  { model: path, questions: verified, judged, demonstrations, rewrite, ...sampling }: Sampling,
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, seed, signal, progress } = context
  const model = await openSamplingModel(path)
  const batches = await openSampledBatches<SelectedResponses>(run.folder)
  try {
    const { question } = await world.reasoning(seed, evaluation.questions)
    const { temperature, maxTokens, ...rest } = sampling
    const asked = [
      ...Array.from({ length: verified }, (_, i) => question(FIRST_QUESTION + i)),
      ...Array.from({ length: judged?.questions ?? 0 }, (_, i) => judged!.question(i)),
    ]
    const sampler = rejectionSampling(asked, {
      ...rest,
      policy: model.policy,
      tokenizer: model.tokenizer,
      renderPrompt: ({ prompt }) => model.renderPrompt(prompt),
      filters: readabilityFilters(model.answerForm),
      sampling: { temperature, maxTokens, topP: 1 },
      batch: BATCH,
      from: batches.items.length,
      seed: `${seed}/${basename(run.folder)}`,
      signal,
    })
    for await (const batch of sampler) {
      batches.add(batch)
      progress(batches.items.length, asked.length)
    }
    if (signal?.aborted) return undefined
    const accepted = batches.items.flatMap((batch, i) =>
      batch.accepted.map(({ text }) => ({ ...asked[i]!, text })),
    )
    const responses = rewrite ? await rewrite(accepted, context) : accepted.map(({ text }) => text)
    if (signal?.aborted) return undefined
    const rows = accepted.flatMap(({ task, question: { prompt } }, i): DataRow[] => {
      const response = responses[i]
      return response == null ? [] : [{ domain: task.name, prompt, response }]
    })
    if (rows.length === 0)
      throw new DataError('no response of this model was right and readable.', {
        field: path,
        remedy: 'Train it longer first, or ask it more questions.',
      })
    for (let i = 0; i < demonstrations; i++) {
      const { prompt, response } = world.demonstration(seed, i)
      rows.push({ domain: world.general.name, prompt, response })
    }
    const counts = withRows(countByDomain(batches.items), rows, model.tokenizer.encode, world.general.name)
    await writeJsonl(join(run.folder, DATA), rows)
    await replaceFile(join(run.folder, TEMPLATE), world.chatTemplate)
    await replaceFile(join(run.folder, COUNTS), `${JSON.stringify(counts, null, 2)}\n`)
    return { rows: rows.length, seconds: batches.seconds() }
  } finally {
    batches.close()
    model.close()
  }
}

/** Questions sampled at a time. */
const BATCH = 64
/** Sampled questions are others than those of reinforcement, which begins at 0. */
const FIRST_QUESTION = 10_000_000

/** The counts of sampling, and what is in the data in the end: rows and mean tokens. */
function withRows(
  counts: Record<string, DomainCounts>,
  rows: readonly DataRow[],
  encode: (text: string) => Int32Array,
  general: string,
): Record<string, Partial<DomainCounts> & { rows: number; meanTokens: number }> {
  return Object.fromEntries(
    [...Object.keys(counts), general].map((domain) => {
      const ofDomain = rows.filter((row) => row.domain === domain)
      const tokens = ofDomain.reduce((sum, { response }) => sum + encode(response).length, 0)
      const meanTokens = tokens / Math.max(1, ofDomain.length)
      return [domain, { ...counts[domain], rows: ofDomain.length, meanTokens }]
    }),
  )
}
