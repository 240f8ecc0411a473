/** A model's reply: its thinking in a pane, the answer, and whether it is right where a rule can tell. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { splitReasoning } from '../../../src/text/reasoning.ts'
import { duration, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { Marked } from '../rollouts/response-card.tsx'
import { Scrollable } from '../ui.tsx'
import { isUnfinished, type Reply } from './conversation.ts'
import { RichText } from './rich-text.tsx'
import { puzzleVerdict } from './verdict.ts'

export function ReplyView({
  reply,
  question,
  newest,
  onRetry,
}: {
  reply: Reply
  question: string
  /** No later question has been asked. */
  newest: boolean
  onRetry: () => void
}) {
  const { thinking, answer } = partsOf(reply)
  const { state, error, seconds, tokens, truncated, model } = reply
  const busy = isUnfinished(state)
  const verdict = state === 'done' ? puzzleVerdict(question, answer) : undefined
  return (
    <article class={`reply ${state}`} aria-busy={busy} aria-label={`Reply of ${model}`}>
      <header>
        <span class="model-name">{model}</span>
        {seconds === undefined ? null : (
          <span class="muted number">
            {whole(tokens)} tokens · {duration(seconds)} · {whole(tokens / Math.max(seconds, 0.01))} tokens/s
          </span>
        )}
        {verdict === undefined ? null : (
          <span class={`verdict ${verdict.correct ? 'right' : 'wrong'}`} title={verdict.reason}>
            {verdict.correct ? 'right' : 'wrong'}
          </span>
        )}
        {state === 'stopped' ? <span class="tag">stopped</span> : null}
        {truncated ? <span class="tag">cut off</span> : null}
        {busy ? null : (
          <button
            type="button"
            class="icon-button"
            aria-label={`Ask ${model} again`}
            title="Ask again"
            onClick={onRetry}
          >
            <Icon name="retry" />
          </button>
        )}
      </header>
      {state === 'waiting' ? (
        <p class="dots" aria-hidden="true">
          <i />
          <i />
          <i />
        </p>
      ) : null}
      {thinking === '' ? null : <Thinking text={thinking} reply={reply} newest={newest} />}
      {answer === '' ? null : /<answer>/.test(answer) ? (
        <p class="rich">
          <Marked text={answer} />
        </p>
      ) : (
        <RichText text={answer} />
      )}
      {error === undefined ? null : (
        <p class="problem" role="alert">
          {error}
        </p>
      )}
    </article>
  )
}

/** A server that does not set the thinking apart leaves it in the text. */
function partsOf({ thinking, answer }: Reply): { thinking: string; answer: string } {
  if (thinking !== '' || !/<\/?think>/.test(answer)) return { thinking, answer }
  const split = splitReasoning(answer)
  return { thinking: split.thinking ?? '', answer: split.answer }
}

/** Open while it grows, and then for whoever watched it grow, until the next question. */
function Thinking({ text, reply, newest }: { text: string; reply: Reply; newest: boolean }) {
  const { state, thinkingSeconds, thinkingTokens } = reply
  const live = state === 'thinking'
  const [chosen, setChosen] = useState<boolean>()
  const [watched, setWatched] = useState(live)
  if (live && !watched) setWatched(true)
  const open = chosen ?? (live || (watched && newest))
  const pane = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (live && pane.current) pane.current.scrollTop = pane.current.scrollHeight
  }, [text, live])
  return (
    <section class={`thinking ${live ? 'live' : ''}`}>
      <button type="button" aria-expanded={open} onClick={() => setChosen(!open)}>
        <Icon name="thought" />
        <span>{live ? 'Thinking' : 'Thought'}</span>
        <span class="muted number">
          {thinkingSeconds === undefined ? '' : `for ${duration(thinkingSeconds)} · `}
          {whole(thinkingTokens)} tokens
        </span>
        <Icon name="down" />
      </button>
      {open ? (
        <Scrollable class="thinking-text" label="Thinking" pane={pane}>
          {text.trim()}
        </Scrollable>
      ) : null}
    </section>
  )
}
