/** Runs a reward of the user's own, apart from everything else, so that it can be ended. */
import { transform } from 'sucrase'
import { UserError } from '../../../src/errors.ts'
import { checkedReward } from '../../../src/rewards/checked-reward.ts'
import type { AnyReward, ResponseToScore, Score } from '../../../src/rewards/reward.ts'
import type { Weight } from '../../../src/rewards/weight.ts'
import { pocketTask } from '../../../src/tasks/pocket/task.ts'

export type SentResponse = Omit<ResponseToScore, 'task'>

export type RewardQuestion = { code: string } | { score: SentResponse[] }

export type RewardAnswer =
  | { opened: { name: string; weight: Weight } }
  | { scores: Score[] }
  | { problem: string; line: number | undefined }

const task = pocketTask('countdown')
let reward: AnyReward | undefined

addEventListener('message', async ({ data }: MessageEvent<{ id: number; question: RewardQuestion }>) => {
  postMessage({ id: data.id, answer: await answerTo(data.question).catch(problemOf) })
})

async function answerTo(question: RewardQuestion): Promise<RewardAnswer> {
  if ('score' in question) return { scores: await scored(question.score) }
  reward = await opened(question.code)
  return { opened: { name: reward.name, weight: reward.weight } }
}

/** Types are taken out where they stand, so that a line of the code is the same line when it runs. */
async function opened(code: string): Promise<AnyReward> {
  const { code: script } = transform(code, { transforms: ['typescript'], disableESTransforms: true })
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }))
  try {
    const { reward: exported } = (await import(/* @vite-ignore */ url)) as { reward?: unknown }
    return checkedReward('reward', exported)
  } finally {
    URL.revokeObjectURL(url)
  }
}

async function scored(sent: readonly SentResponse[]): Promise<Score[]> {
  const responses = sent.map((response) => ({ ...response, task }))
  if (reward === undefined) throw new Error('there is no reward')
  if (reward.scoreGroup !== undefined) return [...(await reward.scoreGroup(responses))]
  const { score } = reward
  return await Promise.all(responses.map((response) => score(response)))
}

function problemOf(error: unknown): RewardAnswer {
  // What the code itself threw knows its line.
  const thrown = error instanceof UserError ? error.cause : error
  if (!(thrown instanceof Error)) return { problem: (error as Error).message, line: undefined }
  const { message, stack = '' } = thrown
  // Of the parser, or of the script that the browser ran.
  const place = /\((\d+):\d+\)\s*$/.exec(message) ?? /blob:[^\s)]*?:(\d+):\d+/.exec(stack)
  const text = message
    .replace(/^Error transforming [^:]*: /, '')
    .replace(/\s*\(\d+:\d+\)\s*$/, '')
    .replace(/blob:\S+/, 'the code')
  return {
    problem: /module specifier/.test(text) ? 'Nothing can be imported here.' : text,
    line: place === null ? undefined : Number(place[1]),
  }
}
