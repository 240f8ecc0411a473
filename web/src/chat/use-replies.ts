/** Asks models and lets their replies grow in the conversation; every reply can be stopped. */
import { useRef } from 'preact/hooks'
import { streamChat } from './completions.ts'
import { type Conversation, emptyReply, messagesFor, type Reply } from './conversation.ts'

export interface Replies {
  ask: (conversation: Conversation, turn: number, column: number) => void
  stop: () => void
  /** Stops, and shows nothing of it: the conversation is another one. */
  drop: () => void
}

export function useReplies(onReply: (turn: number, column: number, reply: Reply) => void): Replies {
  const running = useRef(new Set<AbortController>())
  const stop = () => {
    for (const abort of running.current) abort.abort()
  }
  return {
    stop,
    drop() {
      stop()
      running.current.clear()
    },
    ask(conversation, turn, column) {
      const abort = new AbortController()
      running.current.add(abort)
      void stream(conversation, turn, column, abort.signal, (reply) => {
        if (running.current.has(abort)) onReply(turn, column, reply)
      }).finally(() => running.current.delete(abort))
    },
  }
}

async function stream(
  conversation: Conversation,
  turn: number,
  column: number,
  signal: AbortSignal,
  show: (reply: Reply) => void,
): Promise<void> {
  const model = conversation.models[column]!
  const started = performance.now()
  const seconds = () => (performance.now() - started) / 1000
  let reply = emptyReply(model)
  let shown = 0
  const update = (changes: Partial<Reply>, now = false) => {
    reply = { ...reply, ...changes }
    // No more often than a screen can show.
    if (!now && performance.now() - shown < 40) return
    shown = performance.now()
    show(reply)
  }
  update({}, true)
  try {
    for await (const delta of streamChat(
      model,
      messagesFor(conversation, column, turn),
      conversation.sampling,
      signal,
    )) {
      const { thinking, answer, finish, usage } = delta
      update({
        ...(thinking !== '' && {
          state: 'thinking' as const,
          thinking: reply.thinking + thinking,
          thinkingSeconds: seconds(),
        }),
        ...(answer !== '' && { state: 'answering' as const, answer: reply.answer + answer }),
        ...(finish === 'length' && { truncated: true }),
        ...(usage && {
          tokens: usage.tokens,
          thinkingTokens: usage.thinkingTokens ?? reply.thinkingTokens,
        }),
      })
    }
    update({ state: 'done', seconds: seconds() }, true)
  } catch (error) {
    if (signal.aborted) update({ state: 'stopped', seconds: seconds() }, true)
    else update({ state: 'failed', error: (error as Error).message }, true)
  }
}
