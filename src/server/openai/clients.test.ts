/** The API as the packages that people use see it: `openai`, and `ai` with @ai-sdk/openai-compatible. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../server.ts'
import { openServedModel, type ServedModel } from './served-model.ts'

let served: ServedModel
let server: RunningServer
let inline: RunningServer
let openai: OpenAI
beforeAll(async () => {
  served = await openServedModel({ id: 'pocket-base', path: 'pocket-base' }, 8)
  const options = { models: [served], runs: 'runs', port: 0 }
  server = await startServer({ ...options, apiKey: 'secret' })
  inline = await startServer({ ...options, reasoning: 'inline' })
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'secret', maxRetries: 0 })
  const thoughtful = await Promise.all(
    Array.from({ length: 24 }, async (_, seed) => {
      const { choices } = await openai.chat.completions.create({ ...request, seed })
      const { message, finish_reason } = choices[0]!
      return finish_reason === 'stop' && message.content !== '' && reasoningOf(message).includes('=')
    }),
  )
  request.seed = thoughtful.indexOf(true)
}, 300_000)
afterAll(async () => {
  await Promise.all([server.drain(0), inline.drain(0)])
  served.model.close()
})

const question = { role: 'user' as const, content: 'Using the numbers 3, 7, 9, make 30' }
/** With a seed that makes it think and answer. */
const request = { model: 'pocket-base', messages: [question], seed: 0 }

/** DeepSeek's field, which OpenAI's types do not know. */
const reasoningOf = (part: object | undefined) =>
  (part as { reasoning_content?: string })?.reasoning_content ?? ''

describe('openai', () => {
  it('lists models', async () => {
    const { data } = await openai.models.list()
    expect(data).toMatchObject([{ id: 'pocket-base', object: 'model' }])
    expect(await openai.models.retrieve('pocket-base')).toMatchObject({ id: 'pocket-base' })
  })

  it('streams what it gives whole, thinking apart', async () => {
    const whole = await openai.chat.completions.create(request)
    const { message, finish_reason } = whole.choices[0]!
    expect(finish_reason).toBe('stop')
    expect(message.content).toMatch(/\d/)
    expect(reasoningOf(message).length).toBeGreaterThan(10)
    expect(message.content! + reasoningOf(message)).not.toMatch(/[<>]/)

    const stream = await openai.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true },
    })
    const said = { content: '', reasoning: '', finish: '' }
    let usage: OpenAI.CompletionUsage | null | undefined
    for await (const chunk of stream) {
      usage = chunk.usage
      const [choice] = chunk.choices
      said.content += choice?.delta.content ?? ''
      said.reasoning += reasoningOf(choice?.delta)
      said.finish += choice?.finish_reason ?? ''
    }
    expect(said).toEqual({ content: message.content, reasoning: reasoningOf(message), finish: 'stop' })
    expect(usage).toEqual(whole.usage)
    const { prompt_tokens, completion_tokens, total_tokens, completion_tokens_details } = whole.usage!
    expect(total_tokens).toBe(prompt_tokens + completion_tokens)
    expect(completion_tokens_details!.reasoning_tokens).toBeGreaterThan(5)
    expect(completion_tokens_details!.reasoning_tokens).toBeLessThan(completion_tokens)
  })

  it('tells the usage so far in every event where asked', async () => {
    const stream = await openai.chat.completions.create({
      ...request,
      stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true } as { include_usage: boolean },
    })
    const counts: number[] = []
    for await (const { usage } of stream) counts.push(usage!.completion_tokens)
    expect(counts.length).toBeGreaterThan(2)
    expect(counts).toEqual(counts.slice().sort((a, b) => a - b))
    const { usage } = await openai.chat.completions.create(request)
    expect(counts.at(-1)).toBe(usage!.completion_tokens)
  })

  it('thinking in the text with --reasoning inline', async () => {
    const apart = (await openai.chat.completions.create(request)).choices[0]!.message
    const client = new OpenAI({ baseURL: `${inline.url}/v1`, apiKey: 'none' })
    const { content } = (await client.chat.completions.create(request)).choices[0]!.message
    expect(content!.trim()).toBe(`<think> ${reasoningOf(apart)} </think> <answer> ${apart.content} </answer>`)
  })

  it('the same seed gives the same text, whatever else is in the batch', async () => {
    const ask = async (seed: number) =>
      (await openai.chat.completions.create({ ...request, seed, temperature: 1 })).choices[0]!.message
    const alone = await ask(7)
    const together = await Promise.all(Array.from({ length: 24 }, (_, i) => ask(i)))
    expect(together[7]).toEqual(alone)
    expect(new Set(together.map((one) => JSON.stringify(one))).size).toBeGreaterThan(12)
  })

  it('n choices, whole and streamed, the first as if it were alone', async () => {
    const { choices } = await openai.chat.completions.create({ ...request, n: 3, temperature: 1 })
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2])
    const alone = await openai.chat.completions.create({ ...request, temperature: 1 })
    expect(choices[0]).toEqual(alone.choices[0])
    const texts = ['', '', '']
    const stream = await openai.chat.completions.create({ ...request, n: 3, temperature: 1, stream: true })
    for await (const {
      choices: [choice],
    } of stream)
      texts[choice!.index] += choice!.delta.content ?? ''
    expect(texts).toEqual(choices.map(({ message }) => message.content))
  })

  it('limits and stop strings', async () => {
    const short = await openai.chat.completions.create({ ...request, max_completion_tokens: 4 })
    expect(short.choices[0]!.finish_reason).toBe('length')
    expect(short.usage!.completion_tokens).toBe(4)
    const whole = reasoningOf((await openai.chat.completions.create(request)).choices[0]!.message)
    const stopped = await openai.chat.completions.create({ ...request, stop: ['=', 'zebra'] })
    expect(stopped.choices[0]!.finish_reason).toBe('stop')
    expect(reasoningOf(stopped.choices[0]!.message)).toBe(whole.slice(0, whole.indexOf('=')).trim())
  })

  it('log-probabilities of every token, thinking apart', async () => {
    const { choices } = await openai.chat.completions.create({
      ...request,
      temperature: 0,
      logprobs: true,
      top_logprobs: 2,
    })
    const { message, logprobs } = choices[0]!
    const answer = logprobs!.content!
    const thinking = (logprobs as unknown as { reasoning_content: typeof answer }).reasoning_content
    const text = (tokens: typeof answer) => tokens.map(({ token }) => token).join('')
    expect(text(answer)).toContain(message.content)
    expect(text(thinking)).toContain(reasoningOf(message))
    for (const { token, logprob, bytes, top_logprobs } of [...answer, ...thinking]) {
      expect(top_logprobs).toHaveLength(2)
      expect(top_logprobs[0]).toMatchObject({ token, logprob: expect.closeTo(logprob, 6) })
      expect(Buffer.from(bytes!).toString()).toBe(token)
      expect(logprob).toBeLessThanOrEqual(0)
    }
  })

  it('past thinking is dropped from the history', async () => {
    const past = (content: string, more = {}) => ({
      ...request,
      messages: [question, { role: 'assistant' as const, content, ...more }, question],
    })
    const plain = await openai.chat.completions.create(past('30'))
    const withTags = await openai.chat.completions.create(past('<think> so </think> 30'))
    const withField = await openai.chat.completions.create(past('30', { reasoning_content: 'so' }))
    for (const other of [withTags, withField]) expect(other.usage).toEqual(plain.usage)
  })

  it('completions: text as it is, several prompts, token ids, log-probabilities', async () => {
    const prompt = served.model.renderPrompt(question.content)
    const ids = Array.from(await served.encode(prompt, 'prompt'))
    const settings = { model: 'pocket-base', max_tokens: 400, temperature: 0, logprobs: 1 }
    const { choices, usage } = await openai.completions.create({
      ...settings,
      prompt: [prompt, prompt],
      n: 2,
    })
    expect(choices.map(({ index, text }) => [index, text])).toEqual(
      choices.map((_, index) => [index, choices[0]!.text]),
    )
    expect(choices).toHaveLength(4)
    expect(choices[0]!.text).toMatch(/^ <think> .*/s)
    expect(usage!.prompt_tokens).toBe(2 * ids.length)
    const { tokens, token_logprobs, text_offset, top_logprobs } = choices[0]!.logprobs!
    expect(tokens!.join('')).toBe(choices[0]!.text)
    expect(text_offset![3]).toBe(tokens!.slice(0, 3).join('').length)
    expect(top_logprobs![2]![tokens![2]!]).toBeCloseTo(token_logprobs![2]!, 6)
    const streamed = await openai.completions.create({ ...settings, prompt: ids, stream: true })
    let text = ''
    for await (const chunk of streamed) text += chunk.choices[0]!.text
    expect(text).toBe(choices[0]!.text)
    const byDefault = await openai.completions.create({ model: 'pocket-base', temperature: 0, prompt })
    expect(byDefault.usage!.completion_tokens).toBe(Math.min(16, tokens!.length + 1))
  })

  it('a client that stops reading gives its place back', async () => {
    const stream = await openai.chat.completions.create({ ...request, n: 8, stream: true, temperature: 2 })
    for await (const _ of stream) {
      expect(served.gate.running).toBeGreaterThan(0)
      break
    }
    await expect.poll(() => served.gate.running, { timeout: 20_000 }).toBe(0)
  })

  it('errors are of its own classes', async () => {
    const refused = (params: object) =>
      openai.chat.completions.create({ ...request, ...params } as typeof request).catch((error) => error)
    expect(await refused({ model: 'nobody' })).toBeInstanceOf(OpenAI.NotFoundError)
    expect(await refused({ model: 'nobody' })).toMatchObject({ code: 'model_not_found', param: 'model' })
    expect(await refused({ temperature: 'hot' })).toMatchObject({ status: 400, param: 'temperature' })
    expect(await refused({ messages: [] })).toMatchObject({ status: 400, param: 'messages' })
    expect(await refused({ messages: [{ role: 'user', content: 'word '.repeat(600) }] })).toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
    })
    expect(await refused({ tools: [{ type: 'function', function: { name: 'f' } }] })).toMatchObject({
      code: 'unsupported_parameter',
      param: 'tools',
    })
    const stranger = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'wrong', maxRetries: 0 })
    await expect(stranger.models.list()).rejects.toBeInstanceOf(OpenAI.AuthenticationError)
  })
})

describe('ai', () => {
  const pocket = () =>
    createOpenAICompatible({ name: 'r1', baseURL: `${server.url}/v1`, apiKey: 'secret', includeUsage: true })(
      'pocket-base',
    )

  it('generateText and streamText agree, reasoning apart', async () => {
    const options = {
      prompt: question.content,
      seed: request.seed,
      temperature: 0.6,
      topP: 0.95,
      maxRetries: 0,
    }
    const whole = await generateText({ model: pocket(), ...options })
    expect(whole.reasoningText!.length).toBeGreaterThan(10)
    expect(whole.text).toMatch(/\d/)
    expect(whole.finishReason).toBe('stop')
    const streamed = streamText({ model: pocket(), ...options })
    expect(await streamed.text).toBe(whole.text)
    expect(await streamed.reasoningText).toBe(whole.reasoningText)
    expect((await streamed.usage).outputTokens).toBe(whole.usage.outputTokens)
  })

  it('abort ends the response', async () => {
    const stop = new AbortController()
    const { fullStream } = streamText({
      model: pocket(),
      prompt: question.content,
      abortSignal: stop.signal,
      temperature: 2,
      maxRetries: 0,
    })
    // Left at once: now and then the package itself waits forever for parts after an abort.
    for await (const part of fullStream)
      if (part.type.endsWith('delta')) {
        stop.abort()
        break
      }
    await expect.poll(() => served.gate.running, { timeout: 20_000 }).toBe(0)
  })
})
