/**
 * Rejection sampling (paper.md §5.4): several responses to each question, of which only those stay that a verifier
 * calls right and no filter refuses. What is left is data for supervised fine-tuning, counted by domain as the
 * report's table does.
 */
import { repeatedShare } from '../rewards/repetition.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { type AskedQuestion, type GroupSampler, sampleGroups } from '../rollout/sample-groups.ts'
import { isMixed, languageShare } from '../text/language.ts'
import { splitReasoning } from '../text/reasoning.ts'

export interface ResponseFilter {
  name: string
  rejects: (rollout: Rollout) => boolean
}

/** Words that one paragraph of thinking may have at most; the paper drops long ones and gives no number. */
const LONGEST_PARAGRAPH = 400
const MOST_REPETITION = 0.5

/** What the report filters out besides wrong answers: mixed languages, long paragraphs, code blocks, endless repetition. */
export const READABILITY_FILTERS: readonly ResponseFilter[] = [
  { name: 'truncated', rejects: ({ stopReason }) => stopReason !== 'stop' },
  { name: 'mixed languages', rejects: ({ text }) => isMixed(thoughts(text), 0) },
  {
    name: 'another language',
    rejects: ({ question: { language }, text }) =>
      language !== undefined && (languageShare(thoughts(text), language) ?? 1) < 0.5,
  },
  {
    name: 'long paragraphs',
    rejects: ({ text }) =>
      thoughts(text)
        .split(/\n\s*\n/)
        .some((paragraph) => (paragraph.match(/\S+/g)?.length ?? 0) > LONGEST_PARAGRAPH),
  },
  { name: 'code blocks', rejects: ({ text }) => thoughts(text).includes('```') },
  { name: 'repetition', rejects: ({ text }) => repeatedShare(text, 8) > MOST_REPETITION },
]

const thoughts = (text: string) => splitReasoning(text).thinking ?? text

export interface RejectionSampling extends Omit<GroupSampler, 'rewards'> {
  /** Responses to each question. */
  samples: number
  /** Right and readable responses that stay of each question, at most; the first ones drawn. */
  keep: number
  filters: readonly ResponseFilter[]
  /** Questions that are sampled at a time. */
  batch: number
  seed: string
  onBatch?: (done: number) => void
}

export interface DomainCounts {
  questions: number
  sampled: number
  /** Responses refused, by the first reason that applied; `wrong` is the verifier's. */
  refused: Record<string, number>
  /** Right and readable, but more than `keep` or the same text again. */
  surplus: number
  kept: number
  /** Mean tokens of the kept responses. */
  meanTokens: number
}

export interface RejectionSampled {
  accepted: Rollout[]
  /** By the name of the question's task. */
  counts: Record<string, DomainCounts>
}

/** Undefined where the signal cut it short. */
export async function rejectionSampling(
  asked: readonly AskedQuestion[],
  options: RejectionSampling,
): Promise<RejectionSampled | undefined> {
  const { samples, batch, seed, signal, onBatch } = options
  const accepted: Rollout[] = []
  const counts: Record<string, DomainCounts> = {}
  for (let start = 0; start < asked.length; start += batch) {
    const part = asked.slice(start, start + batch)
    const groups = await sampleGroups({ ...options, rewards: [] }, part, samples, `${seed}/${start}`)
    if (signal?.aborted) return undefined
    for (const [i, group] of groups.entries())
      accepted.push(...(await select(group, part[i]!, options, counts)))
    onBatch?.(start + part.length)
  }
  return { accepted, counts }
}

async function select(
  { question, rollouts }: Group,
  { task }: AskedQuestion,
  { keep, filters }: RejectionSampling,
  counts: Record<string, DomainCounts>,
): Promise<Rollout[]> {
  counts[task.name] ??= { questions: 0, sampled: 0, refused: {}, surplus: 0, kept: 0, meanTokens: 0 }
  const of = counts[task.name]!
  of.questions++
  const kept = new Map<string, Rollout>()
  for (const rollout of rollouts) {
    of.sampled++
    const { correct } = await task.verify(question, rollout.text)
    const reason = correct ? filters.find(({ rejects }) => rejects(rollout))?.name : 'wrong'
    if (reason !== undefined) of.refused[reason] = (of.refused[reason] ?? 0) + 1
    else if (kept.size >= keep || kept.has(rollout.text)) of.surplus++
    else kept.set(rollout.text, rollout)
  }
  for (const { tokens } of kept.values()) {
    of.kept++
    of.meanTokens += (tokens.length - of.meanTokens) / of.kept
  }
  return [...kept.values()]
}
