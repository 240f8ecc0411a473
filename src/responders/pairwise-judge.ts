/**
 * Which of two responses is better, as a model says by Arena-Hard's protocol (arXiv 2406.11939; R1 v2 S3.1): the judge
 * answers the question itself, compares both responses with it, and ends with one of five labels. Every pair is judged in
 * both orders, since judges favour what they read first; of the paper's four verdicts two are of each order. Pairs that
 * the verdicts do not tell apart clearly are dropped. What the labels count is not in the paper: 2, 1, 0, −1, −2 here.
 */
import { randomStream } from '../random.ts'
import type { Judge } from './judge.ts'

export interface Comparison {
  prompt: string
  /** What the user would read: summaries, without the thinking. */
  a: string
  b: string
}

/**
 * The verdicts on `a`, from 2 (much better) to −2, in the order asked: the first of every two saw `a` first. Throws a JudgeError
 * where one is missing: what only one order says, favours a place.
 */
export const pairVerdicts = (
  judge: Judge,
  { prompt, a, b }: Comparison,
  { queries = 4 }: { queries?: number } = {},
): Promise<number[]> =>
  Promise.all(
    Array.from({ length: queries }, async (_, query) => {
      const isFirst = query % 2 === 0
      const verdict = await judge.ask({
        prompt: isFirst ? judgePrompt(prompt, a, b) : judgePrompt(prompt, b, a),
        read: verdictIn,
        expected: Object.keys(LABELS)
          .map((label) => `[[${label}]]`)
          .join(', '),
        sample: Math.floor(query / 2),
      })
      return isFirst ? verdict : 0 - verdict
    }),
  )

/** The pair as the verdicts order it; null where their mean is not beyond 1 either way, as the paper drops those. */
export function clearPreference<Text>(
  { a, b }: { a: Text; b: Text },
  verdicts: readonly number[],
): { chosen: Text; rejected: Text } | null {
  const mean = verdicts.reduce((sum, verdict) => sum + verdict, 0) / verdicts.length
  if (Math.abs(mean) <= 1) return null
  return mean > 0 ? { chosen: a, rejected: b } : { chosen: b, rejected: a }
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
