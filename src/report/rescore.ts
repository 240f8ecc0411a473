/**
 * What another reward would have said of the responses that a run kept: its scores, the groups that gain or lose a signal, and
 * the advantages that change most. Nothing is sampled.
 */
import { readJsonl } from '../disk/jsonl.ts'
import { groupAdvantages, isDegenerate } from '../objectives/advantages.ts'
import { type AnyReward, type ResponseToScore, scoreGroup } from '../rewards/reward.ts'
import type { RolloutRow } from '../rollout/rollout-rows.ts'
import type { AskedQuestion } from '../tasks/task.ts'

export interface RescoreOptions {
  /** A file of rollouts, and its step. */
  path: string
  step: number
  rewards: readonly AnyReward[]
  /** Weights of the run's own parts that stay, by name; parts of the new rewards' names are left out. */
  kept: Readonly<Record<string, number>>
  /** How the run scales advantages. */
  advantageScale: 'group' | 'batch' | 'none'
  /** The run's question by its id, where its task can be loaded; what the line holds otherwise. */
  questionOf: (id: string) => AskedQuestion | undefined
}

export interface Distribution {
  mean: number
  deviation: number
  min: number
  max: number
  /** Responses that it applies to. */
  n: number
}

export interface ChangedResponse {
  group: number
  sample: number
  question: string
  text: string
  reward: { before: number; after: number }
  advantage: { before: number; after: number }
}

export interface Rescored {
  step: number
  responses: number
  groups: number
  /** The whole reward, and each part of either, by name. */
  reward: { before: Distribution; after: Distribution }
  parts: Record<string, { before?: Distribution; after?: Distribution }>
  /** Groups whose rewards differ. */
  signal: { before: number; after: number; gained: number[]; lost: number[] }
  /** Correlation of the advantages before and after; 1 changes nothing but the scale. */
  agreement: number
  /** The ten responses whose advantage changes most. */
  changed: ChangedResponse[]
}

export async function rescore(options: RescoreOptions): Promise<Rescored> {
  const groups = await readGroups(options.path)
  const names = options.rewards.map(({ name }) => name)
  const after = await Promise.all(
    groups.map(async (group) => {
      const scored = await scoreGroup(
        options.rewards,
        group.map((line) => toScore(line, options.questionOf)),
        options.step,
      )
      return group.map(({ rewards }, i) => {
        const kept = Object.entries(rewards).filter(([name]) => name in options.kept && !names.includes(name))
        const sum = kept.reduce((total, [name, score]) => total + options.kept[name]! * (score ?? 0), 0)
        return {
          rewards: { ...Object.fromEntries(kept), ...scored[i]!.rewards },
          reward: sum + scored[i]!.reward,
        }
      })
    }),
  )
  const scale = { scale: options.advantageScale }
  const rewardsOf = (scored: readonly (readonly { reward: number }[])[]) =>
    scored.map((group) => group.map(({ reward }) => reward))
  const [was, is] = [rewardsOf(groups), rewardsOf(after)]
  const [advantagesBefore, advantagesAfter] = [groupAdvantages(was, scale), groupAdvantages(is, scale)]
  const gained: number[] = []
  const lost: number[] = []
  for (const [g, group] of groups.entries()) {
    const [before, now] = [!isDegenerate(was[g]!), !isDegenerate(is[g]!)]
    if (now && !before) gained.push(group[0]!.group)
    if (before && !now) lost.push(group[0]!.group)
  }
  const changed = groups
    .flatMap((group, g) =>
      group.map(
        ({ group: number, sample, question, text, reward }, i): ChangedResponse => ({
          ...{ group: number, sample, question, text },
          reward: { before: reward, after: is[g]![i]! },
          advantage: { before: advantagesBefore[g]![i]!, after: advantagesAfter[g]![i]! },
        }),
      ),
    )
    .sort((a, b) => gap(b) - gap(a))
    .filter((response) => gap(response) > 1e-9)
    .slice(0, 10)
  return {
    step: options.step,
    responses: groups.flat().length,
    groups: groups.length,
    reward: { before: distribution(was.flat()), after: distribution(is.flat()) },
    parts: partsOf(groups.flat(), after.flat()),
    signal: {
      before: was.filter((group) => !isDegenerate(group)).length,
      after: is.filter((group) => !isDegenerate(group)).length,
      gained,
      lost,
    },
    agreement: correlation(advantagesBefore.flat(), advantagesAfter.flat()),
    changed,
  }
}

const gap = ({ advantage }: ChangedResponse) => Math.abs(advantage.after - advantage.before)

async function readGroups(path: string): Promise<RolloutRow[][]> {
  const groups = new Map<number, RolloutRow[]>()
  for await (const { value } of readJsonl(path)) {
    const line = value as unknown as RolloutRow
    const group = groups.get(line.group) ?? []
    groups.set(line.group, group)
    group.push(line)
  }
  return [...groups.values()]
}

/** Without the run's task, its verdict is the one that was kept. */
function toScore(
  { question: id, prompt, answer, text, stopReason, tokens, rewards }: RolloutRow,
  questionOf: RescoreOptions['questionOf'],
): ResponseToScore {
  const asked = questionOf(id) ?? {
    question: { id, prompt, answer },
    task: {
      name: 'kept',
      verify: () => ({ correct: rewards.accuracy === 1, extracted: null, reason: 'as the run judged it' }),
    },
  }
  return { ...asked, text, stopReason, numTokens: tokens.length }
}

type Parts = readonly { rewards: Record<string, number | null> }[]

function partsOf(before: Parts, after: Parts): Rescored['parts'] {
  const names = [...new Set([...before, ...after].flatMap(({ rewards }) => Object.keys(rewards)))]
  const distributionOf = (all: Parts, name: string) => {
    const scores = all.map(({ rewards }) => rewards[name] ?? null).filter((score) => score !== null)
    return scores.length === 0 ? undefined : distribution(scores)
  }
  return Object.fromEntries(
    names.map((name) => {
      const [was, is] = [distributionOf(before, name), distributionOf(after, name)]
      return [name, { ...(was && { before: was }), ...(is && { after: is }) }]
    }),
  )
}

function distribution(values: readonly number[]): Distribution {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return {
    mean,
    deviation: Math.sqrt(squares / values.length),
    min: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    max: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    n: values.length,
  }
}

/** 0 where one of the two does not vary. Advantages have a mean of 0. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, i) => sum + value * y[i]!, 0)
  const norm = Math.sqrt(dot(a, a) * dot(b, b))
  return norm === 0 ? 0 : dot(a, b) / norm
}
