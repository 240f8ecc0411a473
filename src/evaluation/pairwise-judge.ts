/**
 * Which of two responses is better, as a model says by Arena-Hard's protocol (arXiv 2406.11939; R1 v2 S3.1): the judge
 * answers the question itself, compares both responses with it, and ends with one of five labels. Every pair is judged in
 * both orders, since judges favour what they read first; of the paper's four verdicts two are of each order. Pairs that
 * the verdicts do not tell apart clearly are dropped. What the labels count is not in the paper: 2, 1, 0, −1, −2 here.
 */
import { randomStream } from '../random.ts'
import { splitReasoning } from '../text/reasoning.ts'
import { type Responder, responseSeed, type SamplingSettings } from './responder.ts'

export interface Comparison {
  prompt: string
  /** What the user would read: summaries, without the thinking. */
  a: string
  b: string
}

export interface Judgement {
  /** Mean verdict, from 2 (`a` is much better) to −2; null where no reply had one. */
  score: number | null
  /** In the order asked, for `a`: the first of every two saw `a` first. */
  verdicts: (number | null)[]
}

export interface JudgeOptions {
  /** Of a pair, an even number. */
  queries?: number
  sampling: SamplingSettings
  seed: number
  signal?: AbortSignal
}

export interface ChosenText {
  prompt: string
  chosen: string
  rejected: string
}

/** A judgement of each comparison, in order. A reply without a label, or that could not be had, is a null verdict. */
export async function judgePairs(
  judge: Responder,
  comparisons: readonly Comparison[],
  { queries = 4, sampling, seed, signal = new AbortController().signal }: JudgeOptions,
): Promise<Judgement[]> {
  const judgements = comparisons.map(
    (): Judgement => ({ score: null, verdicts: new Array(queries).fill(null) }),
  )
  const requests = comparisons.flatMap(({ prompt, a, b }, pair) =>
    Array.from({ length: queries }, (_, query) => ({
      questionId: String(pair),
      sample: query,
      prompt: query % 2 === 0 ? judgePrompt(prompt, a, b) : judgePrompt(prompt, b, a),
      sampling,
      seed: responseSeed(seed, 'judge', pair, query),
    })),
  )
  await judge.respond(
    requests,
    ({ questionId, sample, text }) => {
      const verdict = verdictIn(splitReasoning(text).answer)
      judgements[Number(questionId)]!.verdicts[sample] =
        verdict === null || sample % 2 === 0 ? verdict : 0 - verdict
    },
    signal,
  )
  for (const judgement of judgements) {
    const found = judgement.verdicts.filter((verdict) => verdict !== null)
    if (found.length > 0) judgement.score = found.reduce((sum, verdict) => sum + verdict, 0) / found.length
  }
  return judgements
}

/** The pairs whose mean verdict is beyond 1 either way, as the paper keeps them. */
export function clearPreferences(
  comparisons: readonly Comparison[],
  judgements: readonly Judgement[],
): ChosenText[] {
  return comparisons.flatMap(({ prompt, a, b }, i) => {
    const score = judgements[i]!.score ?? 0
    if (Math.abs(score) <= 1) return []
    return [score > 0 ? { prompt, chosen: a, rejected: b } : { prompt, chosen: b, rejected: a }]
  })
}

/**
 * As many pairs whose chosen response is the longer one as pairs whose rejected one is, so that length tells nothing
 * (R1 v2 S3.1): some of the kind that is more frequent are dropped at random.
 */
export function balanceLengths<Pair extends { chosen: { length: number }; rejected: { length: number } }>(
  pairs: readonly Pair[],
  seed: number,
): Pair[] {
  const longer = pairs.filter(({ chosen, rejected }) => chosen.length > rejected.length)
  const shorter = pairs.filter(({ chosen, rejected }) => chosen.length < rejected.length)
  const [more, fewer] = longer.length > shorter.length ? [longer, shorter] : [shorter, longer]
  const dropped = new Set(randomStream(seed, 'balance lengths').shuffle(more).slice(fewer.length))
  return pairs.filter((pair) => !dropped.has(pair))
}

const LABELS: Record<string, number> = { 'A>>B': 2, 'A>B': 1, 'A=B': 0, 'B>A': -1, 'B>>A': -2 }

/** The last label, for A; null where there is none. */
export function verdictIn(reply: string): number | null {
  const label = [...reply.matchAll(/\[\[\s*([AB]\s*(?:>>|>|=)\s*[AB])\s*\]\]/g)].at(-1)?.[1]
  return label === undefined ? null : (LABELS[label.replaceAll(/\s/g, '')] ?? null)
}

const judgePrompt = (prompt: string, a: string, b: string): string => `\
Two assistants, A and B, have answered a user. Decide whose answer serves the user better.

1. Before you judge, answer the user yourself.
2. Compare both answers with yours, and name the mistakes you find in them.
3. Weigh whether each answer helps: it does what the user asked for, keeps to it, and is as short as it can be while
clear. Where it matters, weigh also whether it is inventive. Last, name what is missing and would be needed.
4. End with exactly one of these labels:
[[A>>B]] A is much better
[[A>B]] A is a little better
[[A=B]] both are about as good
[[B>A]] B is a little better
[[B>>A]] B is much better

<user>
${prompt}
</user>

<answer of A>
${a}
</answer of A>

<answer of B>
${b}
</answer of B>`
