/**
 * Rejection sampling (R1 §2.3.3): several responses to each question, of which only those stay that a verifier
 * calls right and no filter refuses. What is left is data for supervised fine-tuning, counted by domain as the
 * paper's table does.
 */
import { repeatedShare } from '../rewards/repetition.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { type GroupSampler, sampleGroups } from '../rollout/sample-groups.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { isMixed, languageShare } from '../text/language.ts'
import { splitReasoning } from '../text/reasoning.ts'

export interface ResponseFilter {
  name: string
  rejects: (rollout: Rollout) => boolean
}

/** Words that one paragraph of thinking may have at most; the paper drops long ones and gives no number. */
const LONGEST_PARAGRAPH = 400
const MOST_REPETITION = 0.5

/** What the paper filters out besides wrong answers: mixed languages, long paragraphs, code blocks, endless repetition. */
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
  /** The first question to sample, a multiple of `batch`: what came before is known. */
  from?: number
  seed: string
}

/** What became of the responses to one question. */
export interface SelectedResponses {
  /** Of the question's task. */
  domain: string
  /** Right, readable and different. */
  accepted: { text: string; numTokens: number }[]
  /** Responses refused, by the first reason that applied; `wrong` is the verifier's. */
  refused: Record<string, number>
  /** Right and readable, but more than `keep` or the same text again. */
  surplus: number
}

/** The selections of one batch of questions after the other, in order; ends early where the signal says so. */
export async function* rejectionSampling(
  asked: readonly AskedQuestion[],
  options: RejectionSampling,
): AsyncGenerator<SelectedResponses[]> {
  const { samples, batch, from = 0, seed, signal } = options
  for (let start = from; start < asked.length; start += batch) {
    const part = asked.slice(start, start + batch)
    const groups = await sampleGroups({ ...options, rewards: [] }, part, samples, `${seed}/${start}`)
    if (signal?.aborted) return
    yield await Promise.all(groups.map((group, i) => select(group, part[i]!, options)))
  }
}

async function select(
  { question, rollouts }: Group,
  { task }: AskedQuestion,
  { keep, filters }: RejectionSampling,
): Promise<SelectedResponses> {
  const accepted = new Map<string, number>()
  const refused: SelectedResponses['refused'] = {}
  let surplus = 0
  for (const rollout of rollouts) {
    const { correct } = await task.verify(question, rollout.text)
    const reason = correct ? filters.find(({ rejects }) => rejects(rollout))?.name : 'wrong'
    if (reason !== undefined) refused[reason] = (refused[reason] ?? 0) + 1
    else if (accepted.size >= keep || accepted.has(rollout.text)) surplus++
    else accepted.set(rollout.text, rollout.tokens.length)
  }
  return {
    domain: task.name,
    accepted: [...accepted].map(([text, numTokens]) => ({ text, numTokens })),
    refused,
    surplus,
  }
}

export interface DomainCounts {
  questions: number
  sampled: number
  refused: Record<string, number>
  surplus: number
  accepted: number
}

export function countByDomain(selections: readonly SelectedResponses[]): Record<string, DomainCounts> {
  const counts: Record<string, DomainCounts> = {}
  for (const { domain, accepted, refused, surplus } of selections) {
    counts[domain] ??= { questions: 0, sampled: 0, refused: {}, surplus: 0, accepted: 0 }
    const counted = counts[domain]
    counted.questions++
    counted.sampled += accepted.length + surplus
    counted.accepted += accepted.length
    counted.surplus += surplus
    for (const [reason, n] of Object.entries(refused)) {
      counted.sampled += n
      counted.refused[reason] = (counted.refused[reason] ?? 0) + n
    }
  }
  return counts
}
