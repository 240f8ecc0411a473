/**
 * When rollouts are sampled. By default sampling and training take turns. With staleness s the sampling and the
 * verification of the next s rollouts continue while the engine trains: rollout r + s is begun with the weights as they are
 * before the training on rollout r, and is trained on by weights that have seen s rollouts more. With a deadline a
 * step takes the groups that are there `deadline` seconds after the rollout was begun. Groups that come later join the next
 * rollout that is taken, and all are counted.
 */

import type { Engine, Policy } from '../engine/engine.ts'
import { JudgeError } from '../errors.ts'
import type { Group } from '../rollout/rollout.ts'
import type { UnjudgedGroup } from '../rollout/sample-groups.ts'

/** A share of a rollout. */
export interface SampledPart {
  groups: Group[]
  dropped: Dropped
  /** That its rewards took; unknown of what was sampled before the run was stopped. */
  verifySeconds?: number
}

/** What was sampled besides, and taught nothing. */
export interface Dropped {
  /** Of equal rewards, with dynamic sampling. */
  groups: number
  /** Of all that were dropped. */
  tokens: number
  /** Groups with a response that no judge could judge. */
  unjudged: number
  /** Why the last of those has no verdict. */
  reason?: string
}

/** Counts each group that no judge could judge. */
export const unjudgedInto =
  (dropped: Dropped) =>
  ({ tokens, reason }: UnjudgedGroup): void => {
    dropped.unjudged++
    dropped.tokens += tokens
    dropped.reason = reason
  }

/** Throws where a judge failed on every question: with nothing to learn from, its failure is the run's. */
export function checkJudged({ groups, dropped: { unjudged, reason } }: SampledPart): void {
  if (groups.length > 0 || unjudged === 0) return
  throw new JudgeError(`no response of this rollout has a verdict: ${reason}`, {
    remedy: 'See to the judge, then continue the run with --resume.',
  })
}

/** A share of a rollout that was begun and not yet trained on; without groups where it is still being sampled. */
export interface BegunPart extends Partial<SampledPart> {
  rollout: number
  part: number
  /** Rollouts that its policy had been trained on. */
  seen: number
}

export interface TakenRollout extends SampledPart {
  /** Of each group: rollouts that training is ahead of its policy. */
  staleness: number[]
  /** Parts of this rollout that missed the deadline. */
  late: number
  /** Parts of earlier rollouts among `groups`. */
  joined: number
  verifySeconds: number
  /** That sampling this rollout took so far; 0 where it was sampled before the run was stopped. */
  seconds: number
}

export interface ScheduleOptions {
  engine: Pick<Engine, 'snapshot'> & Policy
  /** Rollouts that sampling may be ahead of training. */
  staleness: number
  /** Seconds after which a step continues without what is late; null waits for all. */
  deadline: number | null
  /** The rollout to begin with, and the first that is none. */
  from: number
  end: number
  /** Parts that a rollout is sampled in, each on its own. */
  parts: number
  /** A step waits for this many parts, whatever the deadline. */
  fewestParts: number
  /** What was begun before this run was stopped; parts without groups are sampled again. */
  begun?: readonly BegunPart[]
  /** Undefined where `signal` cut it short. */
  sample(
    policy: Policy,
    rollout: number,
    part: number,
    signal: AbortSignal | undefined,
  ): Promise<SampledPart | undefined>
  signal?: AbortSignal | undefined
}

export interface RolloutSchedule {
  /** The groups to train on next; rollouts are taken in order. Undefined where the signal cut sampling short. */
  take(rollout: number): Promise<TakenRollout | undefined>
  /** What a run that continues from here needs besides the weights. Without a deadline all of it is finished first. */
  begun(): Promise<BegunPart[]>
  /** Gives up what is still being sampled. */
  close(): void
}

interface Job extends BegunPart {
  pending: boolean
  /** Resolves when it is over, also where it failed. */
  over: Promise<void>
  error?: unknown
}

export function scheduleRollouts(options: ScheduleOptions): RolloutSchedule {
  const { engine, staleness, deadline, from, end, parts, fewestParts, begun = [], sample } = options
  // Training changes the weights meanwhile, so sampling has a copy; and stopping waits for what is on its way.
  const overlaps = staleness > 0 || deadline !== null
  const closed = new AbortController()
  const signal = overlaps ? closed.signal : options.signal
  /** When the sampling of each rollout began and was over for as many parts as are, in milliseconds. */
  const times = new Map<number, { began: number; ended: number }>()
  let jobs: Job[] = begun
    .filter(({ groups }) => groups !== undefined)
    .map((part) => ({ ...part, pending: false, over: Promise.resolve() }))
  let again = begun.filter(({ groups }) => groups === undefined)
  let next = Math.max(from, ...begun.map(({ rollout }) => rollout + 1))

  async function begin(wanted: readonly Pick<BegunPart, 'rollout' | 'part'>[], seen: number): Promise<void> {
    if (wanted.length === 0) return
    const snapshot = overlaps ? await engine.snapshot() : undefined
    const fresh = wanted.map(({ rollout, part }) => {
      const now = performance.now()
      const time = times.get(rollout) ?? { began: now, ended: now }
      times.set(rollout, time)
      const job: Job = { rollout, part, seen, pending: true, over: Promise.resolve() }
      job.over = sample(snapshot ?? engine, rollout, part, signal).then(
        (sampled) => {
          Object.assign(job, sampled)
          time.ended = performance.now()
          job.pending = false
        },
        (error: unknown) => {
          job.error = error
          job.pending = false
        },
      )
      return job
    })
    jobs.push(...fresh)
    if (snapshot !== undefined) void overAll(fresh).then(() => snapshot.close())
  }

  /** Until the whole rollout is there, or enough and the deadline has passed. */
  async function wait(rollout: number): Promise<void> {
    const whole = overAll(jobs.filter((job) => job.rollout === rollout))
    if (deadline === null) return await whole
    const began = times.get(rollout)?.began ?? 0
    await Promise.race([whole, after(began + 1000 * deadline - performance.now())])
    const pending = () => jobs.filter((job) => job.pending && job.rollout <= rollout)
    const there = () => jobs.filter((job) => !job.pending && job.rollout <= rollout)
    while (there().length < fewestParts && pending().length > 0)
      await Promise.race(pending().map(({ over }) => over))
  }

  return {
    async take(rollout) {
      await begin(again, rollout)
      again = []
      for (const upTo = Math.min(rollout + staleness + 1, end); next < upTo; next++)
        await begin(partsOf(next, parts), rollout)
      await wait(rollout)
      const over = jobs.filter((job) => !job.pending && job.rollout <= rollout)
      for (const { error } of over) if (error !== undefined) throw error
      if (over.some(({ groups }) => groups === undefined)) return undefined
      jobs = jobs.filter((job) => !over.includes(job))
      over.sort((a, b) => a.rollout - b.rollout || a.part - b.part)
      const { began, ended } = times.get(rollout) ?? { began: 0, ended: 0 }
      return {
        groups: over.flatMap(({ groups }) => groups!),
        dropped: allDropped(over),
        verifySeconds: over.reduce((sum, job) => sum + (job.verifySeconds ?? 0), 0),
        staleness: over.flatMap(({ groups, seen }) => groups!.map(() => rollout - seen)),
        late: jobs.filter((job) => job.rollout === rollout).length,
        joined: over.filter((job) => job.rollout < rollout).length,
        seconds: (ended - began) / 1000,
      }
    },
    async begun() {
      if (deadline === null) await overAll(jobs)
      for (const { error } of jobs) if (error !== undefined) throw error
      return jobs.map(({ rollout, part, seen, groups, dropped }) => ({
        rollout,
        part,
        seen,
        ...(groups && { groups }),
        ...(dropped && { dropped }),
      }))
    },
    close: () => closed.abort(),
  }
}

const overAll = async (jobs: readonly Job[]): Promise<void> => {
  await Promise.all(jobs.map(({ over }) => over))
}

function allDropped(parts: readonly Partial<SampledPart>[]): Dropped {
  const all = parts.flatMap(({ dropped = [] }) => dropped)
  const sum = (key: 'groups' | 'tokens' | 'unjudged') => all.reduce((total, part) => total + part[key], 0)
  const reason = all.findLast((part) => part.reason !== undefined)?.reason
  return {
    groups: sum('groups'),
    tokens: sum('tokens'),
    unjudged: sum('unjudged'),
    ...(reason !== undefined && { reason }),
  }
}

const partsOf = (rollout: number, parts: number) =>
  Array.from({ length: parts }, (_, part) => ({ rollout, part }))

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, milliseconds)).unref()
  })
