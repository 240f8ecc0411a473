/** The bodies are those that OpenRLHF, verl and TRL send; what they read of the answer is checked. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UserError } from '../../errors.ts'
import { accuracyReward } from '../../rewards/accuracy.ts'
import { formatReward } from '../../rewards/format.ts'
import { languageConsistencyReward } from '../../rewards/language-consistency.ts'
import type { Listening } from '../listen.ts'
import { startRewardServer } from './reward-server.ts'
import { openRlhfItems } from './shapes.ts'

const rewards = [accuracyReward(), formatReward({ weight: 0.5 })]
let server: Listening
beforeAll(async () => {
  server = await startRewardServer({ rewards, kind: 'math', concurrency: 2, port: 0 })
})
afterAll(() => server.close(0))

const post = async (path: string, body: unknown, headers: Record<string, string> = {}, to = server) => {
  const response = await fetch(to.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

const right = '<think> one half </think> <answer> 0.5 </answer>'
const untidy = 'It is \\boxed{\\frac{1}{2}}.'
const wrong = '<think> one </think> <answer> 2 </answer>'
const prompt = '<｜User｜>What is 1/2?<｜Assistant｜>'

describe('/get_reward, as OpenRLHF asks', () => {
  it('takes the prompt and the last special tokens off the query', async () => {
    const query = [
      `${prompt}${right}<｜end▁of▁sentence｜>`,
      `${prompt}${untidy}<|im_end|>\n`,
      `<s>${prompt}${wrong}</s>`,
      `${prompt}${right}`,
    ]
    const { status, body } = await post('/get_reward', {
      query,
      prompts: query.map(() => prompt),
      labels: ['1/2', '1/2', '1/2', 0.5],
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      rewards: [1.5, 1, 0.5, 1.5],
      scores: [1, 1, 0, 1],
      extra_logs: { accuracy: [1, 1, 0, 1], format: [1, 0, 1, 1] },
    })
  })

  it('takes them off long queries and leaves white space alone', () => {
    const [P, gap, ends] = ['P', ' '.repeat(200_000), '</s> <|im_end|>\n'.repeat(20_000)]
    const responses = [`${gap}x`, `x${gap}`, `x${ends}`, `x <|a${gap}`, '<'.repeat(200_000)]
    const items = openRlhfItems({
      query: responses.map((response) => P + response),
      prompts: responses.map(() => P),
      labels: [],
    })
    expect(items.map(({ response }) => response)).toEqual(responses.with(2, 'x'))
  })

  it('one response, as its agents ask', async () => {
    const { body } = await post('/get_reward', {
      query: [prompt + right],
      prompts: [prompt],
      labels: ['1/2'],
    })
    expect(body).toMatchObject({ rewards: [1.5], scores: [1] })
  })
})

describe('/compute_score, as verl asks', () => {
  it('one response, with what else verl passes', async () => {
    const { body } = await post('/compute_score', {
      data_source: 'openai/gsm8k',
      solution_str: right,
      ground_truth: '1/2',
      extra_info: { split: 'train', index: 3 },
    })
    expect(body).toEqual({ score: 1.5, acc: 1, accuracy: 1, format: 1 })
  })

  it('several, for the batch manager', async () => {
    const { body } = await post('/compute_score', {
      data_sources: ['a', 'a'],
      solution_strs: [wrong, untidy],
      ground_truths: ['1/2', '1/2'],
      extra_infos: [null, null],
    })
    expect(body).toEqual([
      { score: 0.5, acc: 0, accuracy: 0, format: 1 },
      { score: 1, acc: 1, accuracy: 1, format: 0 },
    ])
  })
})

describe('/reward, as TRL asks', () => {
  it('texts and conversations', async () => {
    const said = (content: string) => [{ role: 'assistant', content }]
    const { body } = await post('/reward', {
      prompts: [[{ role: 'user', content: 'What is 1/2?' }], 'What is 1/2?'],
      completions: [said(right), wrong],
      answer: ['1/2', '1/2'],
      completion_ids: [
        [1, 2],
        [1, 2, 3],
      ],
    })
    expect(body).toEqual({
      rewards: [1.5, 0.5],
      parts: [
        { accuracy: 1, format: 1 },
        { accuracy: 0, format: 1 },
      ],
    })
  })

  it('are read after the tag that the prompt has opened', async () => {
    const opened = await startRewardServer({
      rewards,
      kind: 'math',
      prefilled: true,
      concurrency: 1,
      port: 0,
    })
    const completions = ['half</think> It is \\boxed{1/2}', 'so \\boxed{1/2}. But wait']
    const { body } = await post('/reward', { completions, answer: ['1/2', '1/2'] }, {}, opened)
    expect(body.parts).toMatchObject([{ accuracy: 1 }, { accuracy: 0 }])
    await opened.close(0)
  })

  it('null where nothing applies', async () => {
    const alone = await startRewardServer({
      rewards: [accuracyReward()],
      kind: 'math',
      concurrency: 1,
      port: 0,
    })
    const { body } = await post('/reward', { completions: ['hi', right], answer: [null, '1/2'] }, {}, alone)
    expect(body.rewards).toEqual([null, 1])
    await alone.close(0)
  })
})

describe('answers of other kinds', () => {
  it.each<[string, string, unknown, number]>([
    ['code', '```javascript\nconsole.log(2 * Number(readline()))\n```', code(), 1],
    ['code that fails', '```javascript\nconsole.log(3 * Number(readline()))\n```', code(), 0],
    ['a choice', 'Answer: Paris', { kind: 'choice', gold: 'B', choices: ['Rome', 'Paris'] }, 1],
    ['a number', '<answer> 42 </answer>', { kind: 'math', gold: 42 }, 1],
    ['a puzzle', '<answer> 3 * 5 + 7 </answer>', { kind: 'countdown', numbers: [3, 5, 7], target: 22 }, 1],
    ['as JSON in a text', '<answer> 3 + 5 </answer>', '{"kind":"countdown","numbers":[3,5],"target":8}', 1],
    ['braces that are no JSON', '\\boxed{\\{1, 2\\}}', '{1, 2}', 1],
  ])('%s', async (_, solution_str, ground_truth, accuracy) => {
    const { body } = await post('/compute_score', { solution_str, ground_truth })
    expect(body).toMatchObject({ accuracy })
  })

  function code() {
    const gold = JSON.stringify({
      kind: 'stdio',
      language: 'javascript',
      tests: [{ input: '3\n', output: '6\n' }],
    })
    return { kind: 'code', gold }
  }

  it('tests of code in their own form, where code is what is judged', async () => {
    const coding = await startRewardServer({
      rewards: [accuracyReward()],
      kind: 'code',
      concurrency: 1,
      port: 0,
    })
    const tests = JSON.parse(code().gold) as object
    const solution_str = '```javascript\nconsole.log(2 * Number(readline()))\n```'
    for (const ground_truth of [tests, JSON.stringify(tests), code()])
      expect((await post('/compute_score', { solution_str, ground_truth }, {}, coding)).body).toMatchObject({
        accuracy: 1,
      })
    const unknown = { solution_str, ground_truth: { kind: 'toString', gold: 'x' } }
    expect((await post('/compute_score', unknown, {}, coding)).status).toBe(400)
    await coding.close(0)
  })

  it('a language of their own', async () => {
    const consistent = await startRewardServer({
      ...{ rewards: [languageConsistencyReward()], kind: 'math', language: 'en', concurrency: 1, port: 0 },
    } as const)
    const thinking = '<think> we take the half of one </think> 1/2'
    const score = async (ground_truth: unknown) =>
      (await post('/compute_score', { solution_str: thinking, ground_truth }, {}, consistent)).body.score
    expect(await score('1/2')).toBeGreaterThan(0.8)
    expect(await score({ kind: 'math', gold: '1/2', language: 'zh' })).toBeLessThan(0.2)
    await consistent.close(0)
  })
})

it('a client that leaves, or one item that fails, leaves the rest of its batch unscored', async () => {
  let begun = 0
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const score = async ({ text }: { text: string }) => {
    begun++
    if (text === 'fails') throw new UserError('cannot be scored.')
    await released
    return 1
  }
  const slow = await startRewardServer({
    rewards: [{ name: 'slow', weight: 1, score }],
    kind: 'math',
    concurrency: 2,
    port: 0,
  })
  const body = { completions: Array(1000).fill('x'), answer: Array(1000).fill('1') }
  const leave = new AbortController()
  const sent = fetch(`${slow.url}/reward`, {
    method: 'POST',
    body: JSON.stringify(body),
    signal: leave.signal,
  })
  await expect.poll(() => begun).toBe(4)
  leave.abort()
  await expect(sent).rejects.toThrow()
  // The server has noticed once a later request was answered.
  expect(
    (await post('/reward', { ...body, completions: ['fails', ...body.completions.slice(1)] }, {}, slow))
      .status,
  ).toBe(400)
  release()
  await slow.close(5)
  expect(begun).toBeLessThan(20)
})

it('nonsense of megabytes is refused at once', async () => {
  const zeros = Array(2_500_000).fill(0)
  for (const [path, body] of [
    ['/get_reward', { query: zeros, prompts: zeros, labels: zeros }],
    ['/compute_score', { solution_strs: zeros, ground_truths: zeros }],
    ['/reward', { completions: zeros, answer: zeros }],
    ['/reward', { completions: ['x'], answer: ['x'], completion_ids: [zeros] }],
    ['/reward', { completions: Array(60_000).fill({}), answer: [] }],
  ] as const)
    expect(await post(path, body), path).toMatchObject({ status: 400 })
})

describe('requests that make no sense', () => {
  it.each<[string, string, unknown, number, string]>([
    ['no JSON', '/reward', '{', 400, 'not valid JSON'],
    [
      'lists of unequal length',
      '/get_reward',
      { query: ['a'], prompts: [], labels: ['1'] },
      400,
      'equally long',
    ],
    ['completions without answers', '/reward', { completions: ['a'] }, 400, 'answer'],
    ['a text for a list', '/get_reward', { query: 'a', prompts: ['a'], labels: ['1'] }, 400, 'query'],
    [
      'an unknown verifier',
      '/compute_score',
      { solution_str: 'a', ground_truth: { kind: 'toString', gold: 'x' } },
      400,
      'solution_str: there is no verifier "toString"',
    ],
    [
      'tests that are none',
      '/compute_score',
      { solution_strs: [right, 'x'], ground_truths: ['1/2', { kind: 'code', gold: 'nonsense' }] },
      400,
      'solution_strs[1]: ',
    ],
    ['no ground truth', '/compute_score', { solution_str: 'a' }, 400, 'ground_truth: '],
    [
      'a reference in pieces',
      '/compute_score',
      { solution_str: 'a', ground_truth: { kind: 'math', gold: ['1', '2'] } },
      400,
      'solution_str: gold is neither text nor a number',
    ],
    ['another address', '/score', {}, 404, '/get_reward'],
  ])('%s', async (_, path, body, status, message) => {
    const answer = await post(path, body)
    expect(answer).toMatchObject({ status, body: { error: { message: expect.stringContaining(message) } } })
  })

  it('of another site, or without the key where one is asked for', async () => {
    expect((await post('/reward', {}, { origin: 'https://evil.example' })).status).toBe(403)
    const locked = await startRewardServer({ rewards, kind: 'math', concurrency: 1, port: 0, apiKey: 'k' })
    const body = { completions: [right], answer: ['1/2'] }
    expect((await post('/reward', body, {}, locked)).status).toBe(401)
    expect((await post('/reward', body, { authorization: 'Bearer k' }, locked)).status).toBe(200)
    expect((await fetch(`${locked.url}/healthz`)).status).toBe(200)
    await locked.close(0)
  })
})
