/**
 * POST /v1/chat/completions. Thinking is `reasoning_content`, as DeepSeek's API has it, or stands in <think> tags in
 * the text. Past thinking is dropped from the history, whichever way it is sent.
 */
import { randomUUID } from 'node:crypto'
import type { StreamedToken } from '../../rollout/stream-response.ts'
import type { ChatMessage } from '../../text/chat-template.ts'
import { openedThinking } from '../../text/reasoning.ts'
import { type ReasoningPiece, reasoningStream } from '../../text/reasoning-stream.ts'
import type { Client } from '../client.ts'
import type { ServerMetrics } from '../metrics.ts'
import { ApiError } from './errors.ts'
import { eventStream } from './event-stream.ts'
import { type Generation, startGeneration } from './generate.ts'
import { type TokenLogprobs, tokenLogprobs } from './logprobs.ts'
import type { ChatRequest } from './requests.ts'
import type { ServedModel } from './served-model.ts'

/** `separate`: thinking in `reasoning_content`; `inline`: in <think> tags in `content`. */
export type ReasoningForm = 'separate' | 'inline'

/** `separate_reasoning`, where a request has it, is about this request alone. */
const formOf = ({ separate_reasoning: separate }: ChatRequest, usual: ReasoningForm): ReasoningForm =>
  separate == null ? usual : separate ? 'separate' : 'inline'

interface Segment extends ReasoningPiece {
  logprobs: TokenLogprobs[]
}

export async function chatCompletion(
  served: ServedModel,
  request: ChatRequest,
  usual: ReasoningForm,
  client: Client,
  metrics: ServerMetrics,
): Promise<Response> {
  const form = formOf(request, usual)
  const { tokenizer, renderChat } = served.model
  if (tokenizer.chatTemplate === undefined && request.messages.every(({ role }) => role !== 'user'))
    throw new ApiError(400, 'messages: none is of the user, whose last message this model is asked.', {
      param: 'messages',
    })
  const prompt = renderChat(history(request), request.chat_template_kwargs ?? {})
  const generation: Generation = {
    served,
    prompts: [await served.encode(prompt, 'messages')],
    n: request.n,
    seed: request.seed,
    sampling: { temperature: request.temperature, topP: request.top_p, topK: request.top_k },
    maxTokens: request.max_completion_tokens ?? request.max_tokens ?? undefined,
    stop: request.stop,
    stopTokens: request.stop_token_ids,
    alternatives: request.logprobs ? request.top_logprobs : 0,
    keptLogprobs: request.logprobs && !request.stream ? 1 + request.top_logprobs : 0,
  }
  const { run, usage } = await startGeneration(generation, client.left, metrics)
  const opened = openedThinking(prompt)
  const choices = Array.from({ length: request.n }, () => createChoice(served, request, form, opened))
  const detailedUsage = () => ({
    ...usage(),
    completion_tokens_details: {
      reasoning_tokens: choices.reduce((sum, choice) => sum + choice.reasoningTokens, 0),
    },
  })
  const head = {
    id: `chatcmpl-${randomUUID()}`,
    created: Math.floor(Date.now() / 1000),
    model: served.id,
  }

  if (!request.stream) {
    const reasons: string[] = []
    await run(
      (choice, text, token) => choices[choice]!.add(text, token),
      (choice, { stopReason }) => {
        reasons[choice] = stopReason
      },
    )
    return Response.json({
      ...head,
      object: 'chat.completion',
      choices: choices.map((choice, index) => {
        const segments = choice.end()
        return {
          index,
          message: { role: 'assistant', ...message(segments) },
          logprobs: request.logprobs ? logprobsOf(segments) : null,
          finish_reason: reasons[index],
        }
      }),
      usage: detailedUsage(),
    })
  }

  const { include_usage: includeUsage, continuous_usage_stats: live } = request.stream_options ?? {}
  const chunk = (index: number, delta: object, logprobs: object | null, finish_reason: string | null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index, delta, logprobs, finish_reason }],
    ...(includeUsage ? { usage: live ? detailedUsage() : null } : {}),
  })
  const said = (index: number, segments: readonly Segment[]) =>
    segments.map((segment) =>
      chunk(index, deltaOf(segment), request.logprobs ? logprobsOf([segment]) : null, null),
    )
  let events: object[] = choices.map((_, index) =>
    chunk(index, { role: 'assistant', content: '' }, null, null),
  )
  return eventStream(client, {
    take() {
      const taken = [...events, ...choices.flatMap((choice, index) => said(index, choice.take()))]
      events = []
      return taken
    },
    async run(touch) {
      await run(
        (choice, text, token) => {
          choices[choice]!.add(text, token)
          touch()
        },
        (choice, { stopReason }) => {
          events.push(...said(choice, choices[choice]!.end()), chunk(choice, {}, null, stopReason))
          touch()
        },
      )
      if (includeUsage)
        events.push({ ...head, object: 'chat.completion.chunk', choices: [], usage: detailedUsage() })
    },
  })
}

/** What the model is shown: of past answers only what follows their thinking. */
function history({ messages }: ChatRequest): ChatMessage[] {
  return messages.map(({ role, content }) => ({
    role: role === 'developer' ? 'system' : role,
    content: role === 'assistant' ? content.split('</think>').at(-1)!.trimStart() : content,
  }))
}

interface Choice {
  add(text: string, token: StreamedToken | undefined): void
  /** What came since the last time. */
  take(): Segment[]
  /** As `take`, with what was held back. */
  end(): Segment[]
  readonly reasoningTokens: number
}

function createChoice(
  { model: { tokenizer, answerForm } }: ServedModel,
  request: ChatRequest,
  form: ReasoningForm,
  opened: string,
): Choice {
  const reasoning = reasoningStream({ opened: opened !== '', answerTags: answerForm === 'tags' })
  let segments: Segment[] = []
  let reasoningTokens = 0
  let toldThought = false

  function append({ kind, text }: ReasoningPiece, logprobs: TokenLogprobs[]): void {
    const last = segments.at(-1)
    if (last?.kind === kind) {
      last.text += text
      last.logprobs.push(...logprobs)
    } else segments.push({ kind, text, logprobs })
  }

  if (form === 'inline') append({ kind: 'answer', text: opened }, [])
  return {
    get reasoningTokens() {
      return reasoningTokens
    },
    add(text, token) {
      const pieces = reasoning.push(text)
      const thinking = reasoning.wasThinking
      if (token !== undefined && thinking) reasoningTokens++
      const kind = thinking && form === 'separate' ? 'thinking' : 'answer'
      if (token !== undefined && request.logprobs)
        append({ kind, text: '' }, [tokenLogprobs(tokenizer, token)])
      // Empty thinking is thinking: a client could not tell it from none.
      if (form === 'separate' && reasoning.hasThought && !toldThought) {
        toldThought = true
        append({ kind: 'thinking', text: '' }, [])
      }
      if (form === 'inline') append({ kind: 'answer', text }, [])
      else for (const piece of pieces) append(piece, [])
    },
    take() {
      const taken = segments
      segments = []
      return taken.filter(
        ({ kind, text, logprobs }) => kind === 'thinking' || text !== '' || logprobs.length > 0,
      )
    },
    end() {
      if (form === 'separate') for (const piece of reasoning.end()) append(piece, [])
      return this.take()
    },
  }
}

function deltaOf({ kind, text }: Segment) {
  return kind === 'thinking' ? { reasoning_content: text } : { content: text }
}

function message(segments: readonly Segment[]) {
  const texts = (kind: Segment['kind']) =>
    segments.flatMap((segment) => (segment.kind === kind ? [segment.text] : []))
  const thinking = texts('thinking')
  return {
    content: texts('answer').join(''),
    ...(thinking.length === 0 ? {} : { reasoning_content: thinking.join('') }),
  }
}

/** As in DeepSeek's API, log-probabilities of the thinking are apart. */
function logprobsOf(segments: readonly Segment[]) {
  const joined = (kind: Segment['kind']) =>
    segments.flatMap((segment) => (segment.kind === kind ? segment.logprobs : []))
  const thinking = joined('thinking')
  return { content: joined('answer'), ...(thinking.length === 0 ? {} : { reasoning_content: thinking }) }
}
