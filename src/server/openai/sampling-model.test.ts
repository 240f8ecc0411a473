/** `folder@url` against this project's own server: the tokens and log-probabilities of the engine behind it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { rejectionSampling } from '../../algorithms/rejection-sampling.ts'
import { localResponder } from '../../evaluation/local-responder.ts'
import { openModel } from '../../loading/local-model.ts'
import { checkSamplingModel, openSamplingModel } from '../../loading/sampling-model.ts'
import type { ModelResponse } from '../../responders/responder.ts'
import { sampleGroups } from '../../rollout/sample-groups.ts'
import { pocketTask } from '../../tasks/pocket/task.ts'
import { type RunningServer, startServer } from '../server.ts'
import { openServedModel, type ServedModel } from './served-model.ts'

let served: ServedModel
let server: RunningServer
let path: string
beforeAll(async () => {
  served = await openServedModel({ id: 'pocket-base', path: 'pocket-base' }, 64)
  server = await startServer({ models: [served], runs: 'runs', port: 0 })
  path = `pocket-base@${server.url}/v1`
}, 300_000)
afterAll(async () => {
  await server.drain(0)
  served.model.close()
})

const task = pocketTask('countdown')
const askedOf = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ task, question: task.question(1, index) }))
const asked = askedOf(2)

describe('a model behind r1 serve', () => {
  it('samples what the engine itself would score the same', { timeout: 120_000 }, async () => {
    const model = await openSamplingModel(path)
    const { engine } = await openModel('pocket-base')
    expect(model.maxPositions).toBe(engine.config.maxPositions)
    const groups = await sampleGroups(
      {
        ...{ policy: model.policy, tokenizer: model.tokenizer, rewards: [] },
        renderPrompt: ({ prompt }) => model.renderPrompt(prompt),
        sampling: { maxTokens: 24, temperature: 1 },
      },
      asked,
      4,
      'seed',
    )
    const rollouts = groups.flatMap((group) => group.rollouts)
    expect(new Set(rollouts.map(({ stopReason }) => stopReason))).toEqual(new Set(['stop', 'length']))
    const scores = await engine.logprobs(
      rollouts.map(({ prompt, tokens }) => Int32Array.from([...prompt, ...tokens])),
    )
    rollouts.forEach(({ prompt, tokens, logprobs, text }, i) => {
      expect(logprobs.length).toBe(tokens.length)
      for (const [t, score] of scores[i]!.subarray(prompt.length - 1).entries())
        expect(logprobs[t]).toBeCloseTo(score, 3)
      expect(text.length).toBeGreaterThan(0)
    })
  })

  it('gives data by rejection sampling, the same each time', { timeout: 120_000 }, async () => {
    const select = async () => {
      const model = await openSamplingModel(path)
      const selections = rejectionSampling(askedOf(8), {
        ...{ policy: model.policy, tokenizer: model.tokenizer, filters: [], batch: 2, seed: 'data' },
        renderPrompt: ({ prompt }) => model.renderPrompt(prompt),
        sampling: { maxTokens: 64, temperature: 1 },
        ...{ samples: 16, keep: 2 },
      })
      const all = []
      for await (const batch of selections) all.push(...batch)
      return all
    }
    const first = await select()
    expect(first.flatMap(({ accepted }) => accepted).length).toBeGreaterThan(0)
    expect(await select()).toEqual(first)
  })

  it('is evaluated as it would be here', { timeout: 120_000 }, async () => {
    const responder = await localResponder(path)
    expect(responder.answerForm).toBe('tags')
    const responses: ModelResponse[] = []
    const requests = [0, 1].map((sample) => ({
      ...{ questionId: 'a', sample, seed: sample, prompt: asked[0]!.question.prompt },
      sampling: { temperature: 0.6, topP: 0.95, maxTokens: 32_768 },
    }))
    await responder.respond(requests, (response) => responses.push(response), new AbortController().signal)
    expect(responses.length).toBe(2)
    for (const { text, tokens } of responses) expect([text.length > 0, tokens > 1]).toEqual([true, true])
  })

  it('has its stop tokens, and no others', async () => {
    const response = await fetch(`${server.url}/v1/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'pocket-base', prompt: 'a', stop_token_ids: [17] }),
    })
    expect(await response.json()).toMatchObject({ error: { param: 'stop_token_ids' } })
  })

  it.each([
    ['no server', 'pocket-base@http://127.0.0.1:9/v1', /^http:\/\/127\.0\.0\.1:9\/v1: no server answers/],
    ['no API', 'pocket-base@URL/v1/nowhere', /\/nowhere: \/models answered 404/],
    ['no tokenizer', 'nowhere@URL/v1', /^nowhere: there is nothing here/],
  ])('%s is one sentence', async (_, at, message) => {
    await expect(checkSamplingModel(at.replace('URL', server.url))).rejects.toThrow(message)
  })
})
