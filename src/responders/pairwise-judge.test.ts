import { afterEach, describe, expect, it } from 'vitest'
import { type ChatBody, type ScriptedServer, startScriptedServer } from '../../test/scripted-openai-server.ts'
import { JudgeError } from '../errors.ts'
import { endpointResponder } from './endpoint-responder.ts'
import { openJudge } from './judge.ts'
import { balanceLengths, clearPreference, pairVerdicts, verdictIn } from './pairwise-judge.ts'

let server: ScriptedServer | undefined
afterEach(() => server?.close())

async function judged(
  reply: (body: ChatBody) => string,
  comparisons: { prompt: string; a: string; b: string }[],
) {
  server = await startScriptedServer((body) => ({
    text: reply(body),
    thinking: 'A first look: [[B>>A]]',
    tokens: 9,
    faults: body.messages[0]!.content.includes('flaky') ? ['cut stream'] : [],
  }))
  const responder = await endpointResponder({
    url: server.url,
    model: 'judge',
    idleSeconds: 10,
    reasoningModel: false,
    concurrency: 3,
    retryPolicy: { retries: 2, firstWaitSeconds: 0.001, longestWaitSeconds: 0.001 },
  })
  const judge = openJudge({ responder, concurrency: 3, seed: 1 })
  return await Promise.all(comparisons.map((comparison) => pairVerdicts(judge, comparison)))
}

/** Prefers the answer that holds `good`, wherever it stands. */
const honest = ({ messages }: ChatBody) => {
  const answer = (name: string) =>
    new RegExp(`<answer of ${name}>\\n(.*?)\\n<`, 's').exec(messages[0]!.content)![1]!
  const [a, b] = ['A', 'B'].map((name) => answer(name).includes('good'))
  return `My own answer … so ${a === b ? '[[A=B]]' : a ? '[[A>>B]]' : '[[B>>A]]'}`
}

describe('judging pairs', () => {
  const comparisons = [
    { prompt: 'flaky', a: 'good', b: 'bad' },
    { prompt: 'two', a: 'bad', b: 'good' },
    { prompt: 'three', a: 'bad', b: 'worse' },
  ]

  const chosen = (all: number[][]) => all.map((verdicts, i) => clearPreference(comparisons[i]!, verdicts))

  it('asks in both orders and takes an honest judge at its word', async () => {
    const verdicts = await judged(honest, comparisons)
    expect(verdicts).toEqual([
      [2, 2, 2, 2],
      [-2, -2, -2, -2],
      [0, 0, 0, 0],
    ])
    const asked = server!.requests.filter(({ messages }) => messages[0]!.content.includes('three'))
    const isFirst = ({ messages }: ChatBody) =>
      messages[0]!.content.search('bad') < messages[0]!.content.search('worse')
    expect(asked.filter(isFirst)).toHaveLength(2)
    expect(asked).toHaveLength(4)
    // Two questions of one order are two opinions.
    expect(new Set(asked.filter(isFirst).map(({ seed }) => seed)).size).toBe(2)
    const good = { chosen: 'good', rejected: 'bad' }
    expect(chosen(verdicts)).toEqual([good, good, null])
  })

  it('a judge that always likes the first one tells nothing', async () => {
    const verdicts = await judged(() => '[[A>>B]]', comparisons)
    expect(verdicts).toEqual(comparisons.map(() => [2, -2, 2, -2]))
    expect(chosen(verdicts)).toEqual([null, null, null])
  })

  it('a missing label is no vote for either: the pair has no verdict', async () => {
    let n = 0
    await expect(
      judged(() => (n++ === 0 ? 'I cannot say.' : '[[A=B]]'), comparisons.slice(1, 2)),
    ).rejects.toThrow(JudgeError)
  })

  it('a lean of 1 is not clear', () => {
    const lean = (...verdicts: number[]) => clearPreference({ a: 'a', b: 'b' }, verdicts)
    expect([lean(1, 1), lean(2, 1), lean(-2, -1)]).toEqual([
      null,
      { chosen: 'a', rejected: 'b' },
      { chosen: 'b', rejected: 'a' },
    ])
  })
})

it.each([
  ['[[A>>B]]', 2],
  ['First [[B>A]], no: [[A>B]]', 1],
  ['[[ A = B ]]', 0],
  ['[[B>A]]', -1],
  ['[[B>>A]]', -2],
  ['A is better', null],
  ['[[A>A]]', null],
])('%s counts %s', (reply, verdict) => expect(verdictIn(reply)).toBe(verdict))

it('balances lengths by dropping from the more frequent kind', () => {
  const pairs = [3, 4, 5, 6, 7, 1].map((length, i) => ({ id: i, chosen: 'x'.repeat(length), rejected: 'xx' }))
  const tie = { id: 9, chosen: 'ab', rejected: 'ba' }
  const kept = balanceLengths([...pairs, tie], 1)
  expect(kept.filter(({ chosen }) => chosen.length > 2)).toHaveLength(1)
  expect(kept).toEqual(expect.arrayContaining([pairs[5], tie]))
  expect(kept).toEqual(balanceLengths([...pairs, tie], 1))
})
