/**
 * The paper's protocol (R1 §3): k sampled responses a problem, pass@1 as their mean, pass@k by the unbiased
 * estimator of Chen et al. (arXiv 2107.03374), cons@k as the majority answer, 95 % intervals by the percentile
 * bootstrap over problems. Shares and probabilities are 0 to 1.
 */
import { mean } from '../measures/statistics.ts'
import { randomStream } from '../random.ts'

/** One graded response. */
export interface GradedSample {
  /** Which of the k responses to this problem, from 0. */
  sample: number
  correct: boolean
  /** What the verifier took as the answer; null where it found none. */
  extracted: string | null
  reason: string
  tokens: number
  thinkingTokens: number | null
  /** The length limit cut it off. */
  truncated: boolean
  /** The form that the format reward asks of this model. */
  wellFormed: boolean
  /** "wait", "but", "check", … in the thinking (R1 §2.2.4). */
  reflectionWords: number
  /** Two languages in the thinking. */
  mixedLanguage: boolean
  /** What a benchmark keeps beside the verdict. */
  details?: Record<string, unknown>
}

export interface GradedQuestion {
  id: string
  /** In order of `sample`; one that could not be had is missing. */
  samples: GradedSample[]
}

/** Are two extracted answers the same answer? */
export type Equivalent = (a: string, b: string) => boolean | Promise<boolean>

export interface Interval {
  low: number
  high: number
}

/** What every measurement says: a line in a run's metrics, its `evaluations/<name>.json`, and `r1 eval --json`. */
export interface EvaluationFigures {
  /** Problems with at least one response. */
  n: number
  /** k, the responses asked for a problem. */
  samples: number
  pass1: number
  pass1Interval: Interval
  /** pass@k for k = 1, 2, 4, … and k itself. */
  passAt: Record<string, number>
  passK: number
  passKInterval: Interval
  /** null where answers cannot be compared (programs). */
  consK: number | null
  consKInterval: Interval | null
  meanTokens: number
  /** Over the responses that think; null where none does. */
  meanThinkingTokens: number | null
  /** A response's mean. */
  reflectionWords: number
  /** Share of responses that the format reward would call right. */
  formatShare: number
  truncatedShare: number
  /** Share of responses in which an answer was found. */
  answeredShare: number
  mixedLanguageShare: number
}

/** P(at least one of k draws without replacement is right), of which `correct` among `total` are: 1 - C(n-c,k)/C(n,k). */
export function passAtK(total: number, correct: number, k: number): number {
  if (k > total) throw new RangeError(`pass@${k} needs ${k} samples, there are ${total}`)
  if (k === 1) return correct / total
  if (total - correct < k) return 1
  let none = 1
  for (let i = total - correct + 1; i <= total; i++) none *= 1 - k / i
  return 1 - none
}

/** The share of right responses to one question. */
export const pass1 = (samples: readonly Pick<GradedSample, 'correct'>[]): number =>
  samples.filter(({ correct }) => correct).length / samples.length

export interface Consensus {
  answer: string
  votes: number
  /** Whether the earliest response of the largest cluster is right. */
  correct: boolean
}

/**
 * The largest cluster of equivalent answers. A response joins the first cluster whose earliest answer is equivalent
 * to its own; responses without an answer have no vote. Of clusters of one size the one that appeared first wins.
 */
export async function consensus(
  samples: readonly Pick<GradedSample, 'extracted' | 'correct'>[],
  equivalent: Equivalent,
): Promise<Consensus | null> {
  const clusters: Consensus[] = []
  const clusterOf = new Map<string, Consensus>()
  for (const { extracted, correct } of samples) {
    if (extracted === null) continue
    let cluster = clusterOf.get(extracted)
    if (cluster === undefined) {
      for (const candidate of clusters)
        if (await equivalent(candidate.answer, extracted)) {
          cluster = candidate
          break
        }
      if (cluster === undefined) {
        cluster = { answer: extracted, votes: 0, correct }
        clusters.push(cluster)
      }
      clusterOf.set(extracted, cluster)
    }
    cluster.votes++
  }
  return clusters.reduce<Consensus | null>(
    (best, cluster) => (best === null || cluster.votes > best.votes ? cluster : best),
    null,
  )
}

const RESAMPLES = 1000

/** 95 % percentile bootstrap interval of the mean: problems are drawn again, not responses. */
export function bootstrapInterval(values: readonly number[], seed: number): Interval {
  if (values.length === 0) return { low: Number.NaN, high: Number.NaN }
  const random = randomStream(seed, 'bootstrap')
  const means = Float64Array.from({ length: RESAMPLES }, () => {
    let sum = 0
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random.uniform() * values.length)]!
    return sum / values.length
  }).sort()
  return { low: quantile(means, 0.025), high: quantile(means, 0.975) }
}

function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1)
  const below = Math.floor(place)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!)
}

/**
 * The figures of one benchmark. A problem whose responses are not all there counts with those it has; one without
 * any is left out. `equivalent` makes cons@k, over the problems whose answers can be compared; without such there is none.
 */
export async function evaluationFigures(
  questions: readonly GradedQuestion[],
  options: {
    samples: number
    seed: number
    equivalent?: ((id: string) => Equivalent | undefined) | undefined
  },
): Promise<EvaluationFigures> {
  const { samples: k, seed, equivalent } = options
  const answered = questions.filter(({ samples }) => samples.length > 0)
  const samples = answered.flatMap((question) => question.samples)
  const pass = (at: number) =>
    answered.map(({ samples }) =>
      passAtK(samples.length, samples.filter(({ correct }) => correct).length, Math.min(at, samples.length)),
    )
  const shares = pass(1)
  const passK = pass(k)
  const comparable = answered.flatMap(({ id, samples }) => {
    const same = equivalent?.(id)
    return same === undefined ? [] : [{ samples, same }]
  })
  const agreed = await Promise.all(
    comparable.map(async ({ samples, same }) => Number((await consensus(samples, same))?.correct === true)),
  )
  const thinking = samples.flatMap(({ thinkingTokens }) => thinkingTokens ?? [])
  return {
    n: answered.length,
    samples: k,
    pass1: mean(shares),
    pass1Interval: bootstrapInterval(shares, seed),
    passAt: Object.fromEntries(powersOfTwo(k).map((at) => [at, mean(pass(at))])),
    passK: mean(passK),
    passKInterval: bootstrapInterval(passK, seed),
    consK: agreed.length === 0 ? null : mean(agreed),
    consKInterval: agreed.length === 0 ? null : bootstrapInterval(agreed, seed),
    meanTokens: mean(samples.map(({ tokens }) => tokens)),
    meanThinkingTokens: thinking.length === 0 ? null : mean(thinking),
    reflectionWords: mean(samples.map(({ reflectionWords }) => reflectionWords)),
    formatShare: share(samples, ({ wellFormed }) => wellFormed),
    truncatedShare: share(samples, ({ truncated }) => truncated),
    answeredShare: share(samples, ({ extracted }) => extracted !== null),
    mixedLanguageShare: share(samples, ({ mixedLanguage }) => mixedLanguage),
  }
}

function powersOfTwo(k: number): number[] {
  const powers: number[] = []
  for (let at = 1; at < k; at *= 2) powers.push(at)
  return [...powers, k]
}

function share<T>(items: readonly T[], holds: (item: T) => boolean): number {
  return items.filter(holds).length / items.length
}
