/** A reward is a plain function; the weighted sum of several is what GRPO normalises (R1 §2.3.4). */

import type { StopReason } from '../engine/engine.ts'
import { limiter } from '../engine/limiter.ts'
import { ConfigError, UserError } from '../errors.ts'
import type { Question, Task } from '../tasks/task.ts'
import { isNothing, type Weight, weightAt } from './weight.ts'

/** What a reward may look at. */
export interface ResponseToScore {
  question: Question
  task: Task
  /** The whole response text. */
  text: string
  /** Number of response tokens. */
  numTokens: number
  stopReason: StopReason
}

/** A score, usually 0 to 1; null means "does not apply to this question", which is not 0. */
export type Score = number | null

interface NamedReward {
  name: string
  /** A number, or `{ from, to, steps }` for one that changes while a run trains. */
  weight: Weight
  /** For rewards that wait for something: a server, a sandbox. */
  limits?: RewardLimits
}

export interface RewardLimits {
  /** Longest time that one score may take, in seconds. */
  seconds?: number
  /** Scores that are asked for at a time; all at once by default. */
  concurrency?: number
  /**
   * What a score that fails or comes too late does. `stop`, the default: it is an error of the run. `skip`: the reward does not
   * apply to this response, and `failed:<name>` in the metrics counts it. It is never a 0.
   */
  onFailure?: 'stop' | 'skip'
}

/** Scores each response by itself. */
export interface Reward extends NamedReward {
  score(response: ResponseToScore): Score | Promise<Score>
  scoreGroup?: never
}

/** Sees all responses to one question at once: for diversity, or for length beside the shortest right answer. */
export interface GroupReward extends NamedReward {
  /** A score for each response, in order. */
  scoreGroup(responses: readonly ResponseToScore[]): readonly Score[] | Promise<readonly Score[]>
  score?: never
}

export type AnyReward = Reward | GroupReward

export interface Scored {
  /** Each reward by name; null where it does not apply. */
  rewards: Record<string, Score>
  /** The weighted sum. */
  reward: number
  /** Names of rewards that failed and were skipped. */
  failed?: string[]
}

/**
 * Scores one response with every reward; parts that do not apply are left out of the sum. Weights are those of step `step`.
 *
 * @throws {ConfigError} For a score that is neither a finite number nor null: one alone would make every gradient of its
 * update NaN.
 */
export async function scoreResponse(
  rewards: readonly Reward[],
  response: ResponseToScore,
  step = 0,
): Promise<Scored> {
  return (await scoreGroup(rewards, [response], step))[0]!
}

/**
 * Scores the responses to one question with every reward. Weights are those of step `step`, the number of updates done.
 *
 * @throws {ConfigError} As `scoreResponse`, and for a group reward that does not give one score a response.
 */
export async function scoreGroup(
  rewards: readonly AnyReward[],
  responses: readonly ResponseToScore[],
  step = 0,
): Promise<Scored[]> {
  const scored: Scored[] = responses.map(() => ({ rewards: {}, reward: 0 }))
  for (const reward of rewards) {
    const scores = await scoresOf(reward, responses)
    const weight = weightAt(reward.weight, step)
    for (const [i, score] of scores.entries()) {
      const one = scored[i]!
      one.rewards[reward.name] = score === 'failed' ? null : score
      if (score === 'failed') one.failed = [...(one.failed ?? []), reward.name]
      else if (score !== null) one.reward += weight * score
    }
  }
  return scored
}

/** `weight:<name>` of each at a step, for the metrics. */
export const rewardWeights = (rewards: readonly AnyReward[], step: number): Record<string, number> =>
  Object.fromEntries(rewards.map(({ name, weight }) => [`weight:${name}`, weightAt(weight, step)]))

async function scoresOf(
  reward: AnyReward,
  responses: readonly ResponseToScore[],
): Promise<(Score | 'failed')[]> {
  if (reward.scoreGroup === undefined)
    return await Promise.all(
      responses.map((response) =>
        limited(reward, async () => checked(reward, await reward.score(response)), 'failed' as const),
      ),
    )
  const ask = async () => {
    const scores = await reward.scoreGroup(responses)
    if (!Array.isArray(scores) || scores.length !== responses.length)
      throw new ConfigError('scoreGroup did not give each response one score.', {
        field: `reward ${reward.name}`,
        value: scores,
        expected: `an array of ${responses.length} numbers or nulls, one for each response`,
      })
    return scores.map((score) => checked(reward, score))
  }
  return await limited(
    reward,
    ask,
    responses.map(() => 'failed' as const),
  )
}

function checked({ name }: AnyReward, score: Score): Score {
  if (score === null || (typeof score === 'number' && Number.isFinite(score))) return score
  throw new ConfigError(`its score was ${typeof score === 'object' ? JSON.stringify(score) : score}.`, {
    field: `reward ${name}`,
    expected: 'a finite number or null',
  })
}

const limiters = new WeakMap<AnyReward, ReturnType<typeof limiter>>()

async function limited<T, F>(reward: AnyReward, ask: () => Promise<T>, failed: F): Promise<T | F> {
  const { seconds, concurrency, onFailure = 'stop' } = reward.limits ?? {}
  const timed = seconds === undefined ? ask : () => withinSeconds(reward, seconds, ask())
  let limit = limiters.get(reward)
  if (limit === undefined && concurrency !== undefined) {
    limit = limiter(concurrency)
    limiters.set(reward, limit)
  }
  try {
    return await (limit === undefined ? timed() : limit(timed))
  } catch (error) {
    // A wrong shape is a mistake of the code's, which no second try mends.
    if (onFailure === 'stop' || error instanceof ConfigError) throw error
    return failed
  }
}

async function withinSeconds<T>({ name }: AnyReward, seconds: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () =>
        reject(
          new RewardTimeout('no score within its time.', {
            field: `reward ${name}`,
            expected: `a score within ${seconds} s (limits.seconds)`,
            remedy: "Raise it, or set limits.onFailure to 'skip'.",
          }),
        ),
      seconds * 1000,
    )
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}

/** Not of the settings: another try may be in time. */
class RewardTimeout extends UserError {}

/**
 * Throws where no reward ever counts, since a run would look like any other and learn nothing; and where two have one name, since
 * figures and rules could not tell them apart.
 */
export function checkRewarded(rewards: readonly Pick<AnyReward, 'name' | 'weight'>[]): void {
  if (rewards.every(({ weight }) => isNothing(weight)))
    throw new ConfigError('nothing is rewarded, so nothing would be learned.', {
      field: 'rewards',
      remedy: 'Give at least one reward a weight other than 0.',
    })
  const names = rewards.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice !== undefined)
    throw new ConfigError('two rewards have the same name.', {
      field: 'rewards',
      value: twice,
      remedy: 'Give your own another name: accuracy, format and their like are those of the settings.',
    })
}
