/** Scores responses that somebody else sampled, by our verifiers and rewards. */
import { setImmediate } from 'node:timers/promises'
import { limiter } from '../../engine/limiter.ts'
import { UserError } from '../../errors.ts'
import { type Reward, type Scored, scoreResponse } from '../../rewards/reward.ts'
import type { Task } from '../../tasks/task.ts'
import type { LoadedVerifier } from '../../verifiers/case.ts'
import { KINDS, type Kind } from '../../verifiers/kinds.ts'
import { ApiError } from '../openai/errors.ts'

export interface ScoringOptions {
  rewards: readonly Reward[]
  /** Of the verifier for answers that name none. */
  kind: Kind
  /** ISO 639-1, for questions that name none. */
  language?: string | undefined
  /** Prompts end with `<think>`, which responses then lack. */
  prefilled?: boolean
  /** Cases that one verifier judges at a time. */
  concurrency: number
}

export interface Item {
  /** What errors call it. */
  place: string
  prompt: string
  response: string
  /** The reference: text, or JSON `{"kind", "gold", …}` with what else the verifier takes and `language`. */
  answer: unknown
  /** Response tokens, where the caller knows. */
  numTokens?: number | undefined
}

export interface Scorer {
  /** Begins no item after the first that fails, nor after the client has left. */
  score(items: readonly Item[], left: AbortSignal): Promise<Scored[]>
  close(): Promise<void>
}

export function createScorer({ rewards, kind, language, prefilled, concurrency }: ScoringOptions): Scorer {
  const loaded = new Map<Kind, Promise<LoadedVerifier>>()
  const load = (kind: Kind) => {
    const verifier = loaded.get(kind) ?? KINDS[kind](concurrency)
    loaded.set(kind, verifier)
    return verifier
  }

  async function score({ place, prompt, response, answer, numTokens }: Item): Promise<Scored> {
    const reference = referenceOf(answer, kind, place)
    const { gold, row } = reference
    const task: Task = {
      name: reference.kind,
      verify: async (_, prediction) =>
        (await load(reference.kind)).verify({ id: null, prediction, gold, row }),
    }
    const target = typeof row.language === 'string' ? row.language : language
    const question = {
      id: place,
      prompt,
      answer: gold ?? '',
      ...(target !== undefined && { language: target }),
      ...(Object.keys(row).length > 0 && { data: row }),
    }
    try {
      return await scoreResponse(rewards, {
        question,
        task,
        text: prefilled ? `<think>\n${response}` : response,
        numTokens: numTokens ?? response.split(/\s+/).filter((word) => word !== '').length,
        stopReason: 'stop',
      })
    } catch (error) {
      if (error instanceof UserError) throw new ApiError(400, `${place}: ${error.message}`, { param: place })
      throw error
    }
  }

  return {
    async score(items, left) {
      // A few more than are judged at a time; the rest has cost nothing yet when its client leaves.
      const limited = limiter(2 * concurrency)
      const failed = new AbortController()
      const signal = AbortSignal.any([left, failed.signal])
      const one = async (item: Item) => {
        // Rewards are computed on this thread: other requests come between.
        await setImmediate()
        signal.throwIfAborted()
        return await score(item)
      }
      try {
        return await Promise.all(items.map((item) => limited(() => one(item))))
      } catch (error) {
        failed.abort()
        throw error
      }
    },
    async close() {
      for (const verifier of loaded.values()) await (await verifier).close?.()
    },
  }
}

interface Reference {
  kind: Kind
  gold: string | undefined
  row: Record<string, unknown>
}

/** JSON that names no kind is the gold of the usual one, a puzzle; tests of code have kinds of their own. */
function referenceOf(answer: unknown, usual: Kind, place: string): Reference {
  if (answer === null || answer === undefined) return { kind: usual, gold: undefined, row: {} }
  if (typeof answer === 'number') return { kind: usual, gold: String(answer), row: {} }
  const row = typeof answer === 'string' ? parsed(answer) : (answer as Record<string, unknown>)
  const isVerifier = typeof row?.kind === 'string' && Object.hasOwn(KINDS, row.kind)
  if (row?.kind === undefined || (usual === 'code' && !isVerifier)) {
    const gold = typeof answer === 'string' ? answer : JSON.stringify(answer)
    return { kind: usual, gold, row: {} }
  }
  const { kind } = row
  const gold = typeof row.gold === 'number' ? String(row.gold) : row.gold
  if (!isVerifier)
    throw new ApiError(400, `${place}: there is no verifier ${JSON.stringify(kind)}.`, { param: place })
  if (gold !== undefined && typeof gold !== 'string')
    throw new ApiError(
      400,
      `${place}: gold is neither text nor a number. Write what it holds as JSON in a text.`,
      {
        param: place,
      },
    )
  return { kind: kind as Kind, gold, row }
}

function parsed(text: string): Record<string, unknown> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return undefined
  }
}
