/** A conversation: turns of one question and the replies of one or two models. As a link it lives in the fragment alone. */
export type ReplyState = 'waiting' | 'thinking' | 'answering' | 'done' | 'stopped' | 'failed'

/** Text may still come. */
export const isUnfinished = (state: ReplyState) => !['done', 'stopped', 'failed'].includes(state)

export interface Reply {
  model: string
  thinking: string
  answer: string
  state: ReplyState
  /** Seconds from the question to the end of the thinking, and to the end. */
  thinkingSeconds: number | undefined
  seconds: number | undefined
  thinkingTokens: number
  tokens: number
  /** The length limit cut it off. */
  truncated?: boolean
  error?: string
}

interface Turn {
  question: string
  /** One a column. */
  replies: Reply[]
}

export interface Sampling {
  temperature: number
  topP: number
  maxTokens: number
  /** Empty for a fresh one each time. */
  seed: string
  system: string
}

export interface Conversation {
  models: string[]
  sampling: Sampling
  turns: Turn[]
}

export const SAMPLING: Sampling = { temperature: 0.6, topP: 0.95, maxTokens: 384, seed: '', system: '' }

export const emptyReply = (model: string): Reply => ({
  model,
  thinking: '',
  answer: '',
  state: 'waiting',
  thinkingSeconds: undefined,
  seconds: undefined,
  thinkingTokens: 0,
  tokens: 0,
})

export interface Message {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** What a model is told: answers without their thinking, as DeepSeek's API asks (past thinking is dropped). */
export function messagesFor(
  { turns, sampling: { system } }: Conversation,
  column: number,
  turn: number,
): Message[] {
  const past = turns.slice(0, turn).flatMap(({ question, replies }): Message[] => [
    { role: 'user', content: question },
    { role: 'assistant', content: replies[column]?.answer ?? '' },
  ])
  return [
    ...(system === '' ? [] : [{ role: 'system' as const, content: system }]),
    ...past,
    { role: 'user', content: turns[turn]!.question },
  ]
}

export async function toFragment(conversation: Conversation): Promise<string> {
  const packed = new Blob([JSON.stringify(conversation)])
    .stream()
    .pipeThrough(new CompressionStream('deflate-raw'))
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer())
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

export async function fromFragment(text: string): Promise<Conversation> {
  const bytes = Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))
  return readConversation(await textWithin(unpacked, MOST_CHARACTERS))
}

/** A link of a few kilobytes may unpack to gigabytes. */
const MOST_CHARACTERS = 10_000_000

async function textWithin(stream: ReadableStream<Uint8Array<ArrayBuffer>>, most: number): Promise<string> {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
    if (text.length > most) {
      await reader.cancel()
      throw new RangeError('This conversation is too long.')
    }
  }
}

/** Throws for a file that is no conversation. What was still on its way when it was saved is stopped: nothing more comes. */
export function readConversation(text: string): Conversation {
  const { models, sampling, turns } = JSON.parse(text) as Conversation
  if (!Array.isArray(models) || !Array.isArray(turns)) throw new TypeError('This is no conversation.')
  return {
    models: models.map(String).slice(0, 2),
    sampling: { ...SAMPLING, ...sampling },
    turns: turns.map(({ question, replies }) => ({
      question: String(question),
      replies: replies.map((reply) => ({
        ...emptyReply(''),
        ...reply,
        state: isUnfinished(reply.state) ? 'stopped' : reply.state,
      })),
    })),
  }
}
