/**
 * Preference pairs by a judge, as the paper's helpful reward model has them (R1 v2 S3.1): a model answers each request twice, the
 * judge compares the summaries in both orders, clear preferences stay, and of those as many whose chosen summary is the longer
 * one as whose rejected one is.
 */
import { join } from 'node:path'
import { type JsonObject, readJsonlFile, writeJsonl } from '../disk/jsonl.ts'
import { DataError, JudgeError } from '../errors.ts'
import { openSamplingModel } from '../loading/sampling-model.ts'
import type { Judge } from '../responders/judge.ts'
import { balanceLengths, clearPreference, pairVerdicts } from '../responders/pairwise-judge.ts'
import { judgedPart } from '../rewards/preference.ts'
import type { Group } from '../rollout/rollout.ts'
import { sampleGroups } from '../rollout/sample-groups.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import type { StageContext } from './pipeline.ts'
import { openSampledBatches } from './sampled-batches.ts'
import type { StageSettings } from './stage-settings.ts'

export interface SummaryPair {
  prompt: string
  chosen: string
  rejected: string
}

export interface PreferencePairs {
  /** The model that answers. */
  model: string
  /** Requests, and so pairs to judge. */
  requests: number
  maxTokens: number
  judge: Judge
}

/** Why there is no pair of a request. */
type Missing = 'same' | 'unclear' | 'unjudged'

const PAIRS = 'pairs.jsonl'
/** Requests sampled at a time. */
const BATCH = 32
/** Others than those of reinforcement, which begin at 0. */
const FIRST_REQUEST = 20_000_000

export async function preferencePairsStage(
  { world }: StageSettings,
  { model: path, requests, maxTokens, judge }: PreferencePairs,
  { run, seed, signal, progress }: StageContext,
): Promise<JsonObject | undefined> {
  const model = await openSamplingModel(path)
  const batches = await openSampledBatches<SummaryPair | Missing>(run.folder)
  try {
    const asked = helpfulRequests(world, seed, requests)
    const sampler = {
      policy: model.policy,
      tokenizer: model.tokenizer,
      renderPrompt: ({ prompt }: { prompt: string }) => model.renderPrompt(prompt),
      rewards: [],
      sampling: { maxTokens, temperature: 1, topP: 1 },
      signal,
    }
    for (let first = batches.items.length; first < requests; first = batches.items.length) {
      const groups = await sampleGroups(sampler, asked.slice(first, first + BATCH), 2, `${seed}/pairs`, first)
      if (signal?.aborted) return undefined
      const judged = await Promise.all(groups.map((group) => judgedPair(judge, group)))
      if (signal?.aborted) return undefined
      batches.add(judged)
      progress(batches.items.length, requests)
    }
    const count = (reason: Missing) => batches.items.filter((item) => item === reason).length
    const clear = batches.items.filter((item) => typeof item !== 'string')
    const pairs = balanceLengths(clear, seed)
    if (pairs.length === 0)
      throw new DataError('the judge clearly preferred none of the responses.', {
        field: path,
        remedy: 'Ask more requests: rewardModels.pairs.',
      })
    await writeJsonl(join(run.folder, PAIRS), pairs)
    return {
      pairs: pairs.length,
      same: count('same'),
      unclear: count('unclear'),
      unjudged: count('unjudged'),
      droppedForLength: clear.length - pairs.length,
      seconds: batches.seconds(),
    }
  } finally {
    batches.close()
    model.close()
  }
}

/** What `preferencePairsStage` left in a folder. */
export const readPairs = async (folder: string): Promise<SummaryPair[]> =>
  (await readJsonlFile(join(folder, PAIRS))) as unknown as SummaryPair[]

async function judgedPair(judge: Judge, { question, rollouts }: Group): Promise<SummaryPair | Missing> {
  const { prompt } = question
  const [a, b] = rollouts.map(({ text }) => judgedPart('summary', text)) as [string, string]
  if (a === b) return 'same'
  try {
    const preference = clearPreference({ a, b }, await pairVerdicts(judge, { prompt, a, b }))
    return preference === null ? 'unclear' : { prompt, ...preference }
  } catch (error) {
    if (error instanceof JudgeError) return 'unjudged'
    throw error
  }
}

function helpfulRequests({ general, scope }: StageSettings['world'], seed: number, n: number) {
  const asked: AskedQuestion[] = []
  for (let index = FIRST_REQUEST; asked.length < n; index++) {
    const question = general.question(seed, index)
    if (scope(question) === 'helpful') asked.push({ task: general, question })
  }
  return asked
}
