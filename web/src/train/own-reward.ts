/** A reward of the user's own: it runs in a worker of its own, which is ended where it takes too long. */
import { ConfigError } from '../../../src/errors.ts'
import type { GroupReward } from '../../../src/rewards/reward.ts'
import type { RewardAnswer, RewardQuestion } from './reward-worker.ts'

/** For the responses of one question. */
const SECONDS = 3

export class RewardProblem extends Error {
  readonly line: number | undefined

  constructor(message: string, line?: number) {
    super(message)
    this.line = line
  }
}

export interface OwnReward {
  code: string
  reward: GroupReward
  close(): void
}

/** Throws a RewardProblem for code that is no reward. */
export async function openOwnReward(code: string): Promise<OwnReward> {
  let worker: Worker | undefined
  const waiting = new Map<
    number,
    { resolve: (answer: RewardAnswer) => void; reject: (error: Error) => void }
  >()
  let last = 0

  const end = (error: Error) => {
    worker?.terminate()
    worker = undefined
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  async function ask(question: RewardQuestion): Promise<RewardAnswer> {
    const id = ++last
    const timer = setTimeout(
      () => end(new RewardProblem(`It gave no score within ${SECONDS} seconds, and was ended.`)),
      SECONDS * 1000,
    )
    try {
      return await new Promise<RewardAnswer>((resolve, reject) => {
        waiting.set(id, { resolve, reject })
        worker!.postMessage({ id, question })
      })
    } finally {
      clearTimeout(timer)
      waiting.delete(id)
    }
  }

  async function start(): Promise<{ name: string; weight: GroupReward['weight'] }> {
    worker = new Worker(new URL('./reward-worker.ts', import.meta.url), { type: 'module' })
    worker.onmessage = ({ data }: MessageEvent<{ id: number; answer: RewardAnswer }>) =>
      waiting.get(data.id)?.resolve(data.answer)
    worker.onerror = ({ message }) => end(new RewardProblem(message))
    const answer = await ask({ code })
    if ('opened' in answer) return answer.opened
    end(new RewardProblem('closed'))
    throw problemIn(answer)
  }

  const { name, weight } = await start()
  return {
    code,
    reward: {
      name,
      weight,
      async scoreGroup(responses) {
        if (worker === undefined) await start()
        const answer = await ask({ score: responses.map(({ task: _, ...response }) => response) })
        if ('scores' in answer) return answer.scores
        throw problemIn(answer)
      },
    },
    close: () => end(new RewardProblem('closed')),
  }
}

const problemIn = (answer: RewardAnswer): Error =>
  'problem' in answer
    ? new RewardProblem(answer.problem, answer.line)
    : new ConfigError('the reward gave no answer.', { field: 'reward' })
