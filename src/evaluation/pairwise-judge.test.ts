import { afterEach, describe, expect, it } from 'vitest'
import { type ChatBody, type ScriptedServer, startScriptedServer } from '../../test/scripted-openai-server.ts'
import { endpointResponder } from './endpoint-responder.ts'
import { balanceLengths, clearPreferences, judgePairs, verdictIn } from './pairwise-judge.ts'

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
  const judge = await endpointResponder({
    url: server.url,
    model: 'judge',
    idleSeconds: 10,
    reasoningModel: false,
    concurrency: 3,
    retryPolicy: { retries: 2, firstWaitSeconds: 0.001, longestWaitSeconds: 0.001 },
  })
  const sampling = { temperature: 0.5, topP: 1, maxTokens: 100 }
  return await judgePairs(judge, comparisons, { sampling, seed: 1 })
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

  it('asks in both orders and takes an honest judge at its word', async () => {
    const judgements = await judged(honest, comparisons)
    expect(judgements.map(({ score }) => score)).toEqual([2, -2, 0])
    expect(judgements[0]!.verdicts).toEqual([2, 2, 2, 2])
    const asked = server!.requests
      .map(({ messages }) => messages[0]!.content)
      .filter((text) => text.includes('three'))
    expect(asked.filter((text) => text.indexOf('bad') < text.indexOf('worse'))).toHaveLength(2)
    expect(asked).toHaveLength(4)
    expect(clearPreferences(comparisons, judgements)).toEqual([
      { prompt: 'flaky', chosen: 'good', rejected: 'bad' },
      { prompt: 'two', chosen: 'good', rejected: 'bad' },
    ])
  })

  it('a judge that always likes the first one tells nothing', async () => {
    const judgements = await judged(() => '[[A>>B]]', comparisons)
    expect(judgements.map(({ score, verdicts }) => [score, verdicts])).toEqual(
      comparisons.map(() => [0, [2, -2, 2, -2]]),
    )
    expect(clearPreferences(comparisons, judgements)).toEqual([])
  })

  it('a reply without a label has no vote; a lean of 1 is not clear', async () => {
    let n = 0
    const judgements = await judged(() => (n++ === 0 ? 'I cannot say.' : '[[A=B]]'), comparisons.slice(1, 2))
    expect(judgements[0]!.verdicts.filter((verdict) => verdict === null)).toHaveLength(1)
    expect(judgements[0]!.score).toBe(0)
    const lean = (score: number | null) =>
      clearPreferences(comparisons.slice(0, 1), [{ score, verdicts: [] }])
    expect([lean(1), lean(null), lean(1.25)].map(({ length }) => length)).toEqual([0, 0, 1])
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
