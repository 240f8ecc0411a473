/**
 * Rejection sampling (R1 §2.3.3): several responses to each question, of which only those stay that a verifier
 * calls right and no filter refuses. What is left is data for supervised fine-tuning, counted by domain as the
 * paper's table does.
 */
import { JudgeError } from '../errors.ts'
import { isStrictFormat, isThinkFormat } from '../rewards/format.ts'
import { repeatedShare } from '../rewards/repetition.ts'
import type { Group, Rollout } from '../rollout/rollout.ts'
import { type GroupSampler, sampleGroups } from '../rollout/sample-groups.ts'
import type { AskedQuestion } from '../tasks/task.ts'
import { countWords, isMixed, languageShare } from '../text/language.ts'
import { type AnswerForm, splitReasoning } from '../text/reasoning.ts'

export interface ResponseFilter {
  name: string
  rejects: (rollout: Rollout) => boolean
}

/** Words that one paragraph may have at most, by script where no spaces are; the paper drops long ones and gives no number. */
const LONGEST_PARAGRAPH = 400
const MOST_REPETITION = 0.5

/**
 * What the paper filters out besides wrong answers: mixed languages, long paragraphs, code blocks, endless repetition. The whole
 * response is looked at, summary and form too, since all of it is learned.
 */
export const readabilityFilters = (form: AnswerForm): readonly ResponseFilter[] => [
  { name: 'truncated', rejects: ({ stopReason }) => stopReason !== 'stop' },
  { name: 'form', rejects: ({ text }) => !(form === 'tags' ? isStrictFormat(text) : isThinkFormat(text)) },
  { name: 'mixed languages', rejects: ({ text }) => isMixed(text, 0) },
  {
    name: 'another language',
    rejects: ({ question: { language }, text }) =>
      language !== undefined && parts(text).some((part) => (languageShare(part, language) ?? 1) < 0.5),
  },
  {
    name: 'long paragraphs',
    rejects: ({ text }) => text.split(/\n\s*\n/).some((paragraph) => numWords(paragraph) > LONGEST_PARAGRAPH),
  },
  // An answer may be a program; thoughts are not.
  { name: 'code blocks', rejects: ({ text }) => (parts(text)[0] ?? '').includes('```') },
  { name: 'repetition', rejects: ({ text }) => repeatedShare(text, 8) > MOST_REPETITION },
]

/** Thinking and summary; all of it where it has no thinking. */
function parts(text: string): string[] {
  const { thinking, answer } = splitReasoning(text)
  return thinking === null ? [text] : [thinking, answer]
}

/** As spaces or as scripts tell words apart, whichever finds more: numbers are words to the one, Chinese has them in the other alone. */
function numWords(text: string): number {
  const { latin, han, other } = countWords(text)
  return Math.max(text.match(/\S+/g)?.length ?? 0, latin + han + other)
}

export interface RejectionSampling extends Omit<GroupSampler, 'rewards'> {
  /** Responses to each question. */
  samples: number
  /** A question is sampled again while fewer than `keep` of its responses stay, so many times in all. Default 1. */
  rounds?: number
  /** Right and readable responses that stay of each question, at most. */
  keep: number
  /** Which ones, where there are more: the first ones drawn, or those of the longest thinking, as a cold start wants them. */
  prefer?: 'first' | 'longest'
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
  /** Responses refused, by the first reason that applied; `wrong` is the verifier's, `unjudged` has no verdict. */
  refused: Record<string, number>
  /** Right and readable, but more than `keep` or the same text again. */
  surplus: number
}

/** The selections of one batch of questions after the other, in order; ends early where the signal says so. */
export async function* rejectionSampling(
  asked: readonly AskedQuestion[],
  options: RejectionSampling,
): AsyncGenerator<SelectedResponses[]> {
  const { samples, rounds = 1, keep, batch, from = 0, seed, signal } = options
  for (let start = from; start < asked.length; start += batch) {
    const part = asked.slice(start, start + batch)
    const judged = part.map((): JudgedResponse[] => [])
    for (let round = 0; round < rounds; round++) {
      const wanting = [...part.keys()].filter((i) => select(judged[i]!, options).accepted.length < keep)
      if (wanting.length === 0) break
      const groups = await sampleGroups(
        { ...options, rewards: [] },
        wanting.map((i) => part[i]!),
        samples,
        [seed, start, ...(round === 0 ? [] : [round])].join('/'),
      )
      if (signal?.aborted) return
      const verdicts = await Promise.all(
        groups.map((group, at) => judge(group, part[wanting[at]!]!, options.filters)),
      )
      for (const [at, responses] of verdicts.entries()) judged[wanting[at]!]!.push(...responses)
    }
    yield judged.map((responses, i) => ({ domain: part[i]!.task.name, ...select(responses, options) }))
  }
}

/** `refused` is the first reason that applies. */
interface JudgedResponse {
  rollout: Rollout
  refused: string | undefined
}

const judge = (
  { question, rollouts }: Group,
  { task }: AskedQuestion,
  filters: readonly ResponseFilter[],
): Promise<JudgedResponse[]> =>
  Promise.all(
    rollouts.map(async (rollout) => ({
      rollout,
      refused:
        (await unlikeReference(task, question, rollout.text)) ??
        filters.find(({ rejects }) => rejects(rollout))?.name,
    })),
  )

function select(
  responses: readonly JudgedResponse[],
  { keep, prefer = 'first' }: RejectionSampling,
): Omit<SelectedResponses, 'domain'> {
  const right = new Map<string, number>()
  const refused: SelectedResponses['refused'] = {}
  let surplus = 0
  for (const { rollout, refused: reason } of responses) {
    if (reason !== undefined) refused[reason] = (refused[reason] ?? 0) + 1
    else if (right.has(rollout.text)) surplus++
    else right.set(rollout.text, rollout.tokens.length)
  }
  const different = [...right].map(([text, numTokens]) => ({ text, numTokens }))
  if (prefer === 'longest') different.sort((a, b) => b.numTokens - a.numTokens)
  const accepted = different.slice(0, keep)
  return { accepted, refused, surplus: surplus + different.length - accepted.length }
}

/** `wrong`, or `unjudged` where there is no verdict: such a response is no example, and counted apart. */
async function unlikeReference(
  task: AskedQuestion['task'],
  question: AskedQuestion['question'],
  response: string,
): Promise<string | undefined> {
  try {
    return (await task.verify(question, response)).correct ? undefined : 'wrong'
  } catch (error) {
    if (error instanceof JudgeError) return 'unjudged'
    throw error
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
