/** Talk to a model, or ask two at once. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from '../icons.tsx'
import { href, navigate, useRoute } from '../router.ts'
import { Command, download, Empty, Loading, Notice, Problem, toClipboard } from '../ui.tsx'
import { listModels, type ServedModel } from './completions.ts'
import { Composer } from './composer.tsx'
import {
  type Conversation,
  emptyReply,
  fromFragment,
  isUnfinished,
  readConversation,
  SAMPLING,
  toFragment,
} from './conversation.ts'
import { ReplyView } from './reply.tsx'
import { SamplingPanel } from './sampling-panel.tsx'
import { useReplies } from './use-replies.ts'

export function Chat() {
  const [served, setServed] = useState<ServedModel[]>()
  const [conversation, setConversation] = useState<Conversation>({
    models: [],
    sampling: SAMPLING,
    turns: [],
  })
  const [panel, setPanel] = useState(false)
  const [notice, setNotice] = useState<string>()
  const [problem, setProblem] = useState<string>()
  const linked = useRoute().query.get('c')
  /** The link whose conversation is here. */
  const here = useRef<string | null>(null)
  const end = useRef<HTMLDivElement>(null)
  const now = useRef(conversation)
  now.current = conversation
  const change = (changes: Partial<Conversation>) => {
    now.current = { ...now.current, ...changes }
    setConversation(now.current)
  }
  const replies = useReplies((turn, column, reply) =>
    change({
      turns: now.current.turns.map((one, t) =>
        t === turn ? { ...one, replies: one.replies.map((old, c) => (c === column ? reply : old)) } : one,
      ),
    }),
  )

  const say = (said: { notice?: string; problem?: string } = {}) => {
    setNotice(said.notice)
    setProblem(said.problem)
  }
  const open = (other: Partial<Conversation>) => {
    replies.drop()
    say()
    change(other)
  }

  useEffect(() => {
    if (linked === here.current) return
    here.current = linked
    if (linked === null) return
    fromFragment(linked).then(
      (other) => here.current === linked && open(other),
      () => say({ problem: 'This link holds no conversation that can be read.' }),
    )
  }, [linked])
  useEffect(() => {
    void listModels().then((models) => {
      setServed(models)
      if (now.current.models.length === 0) change({ models: models.slice(0, 1).map(({ id }) => id) })
    })
    return replies.drop
  }, [])
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [
    conversation.turns.length,
    conversation.turns
      .at(-1)
      ?.replies.map(({ state }) => state)
      .join(),
  ])

  const { turns, sampling } = conversation
  const models = served?.map(({ id }) => id)
  const abilities = served?.find(({ id }) => id === conversation.models[0])?.abilities
  // Until the server has said which models it has, there is none to ask or to compare.
  const ready = conversation.models.length > 0
  const busy = turns.some((turn) => turn.replies.some(({ state }) => isUnfinished(state)))
  const ask = (question: string) => {
    if (!ready || busy || question.trim() === '') return
    say()
    const turn = now.current.turns.length
    const fresh = { question: question.trim(), replies: now.current.models.map(emptyReply) }
    change({ turns: [...now.current.turns, fresh] })
    for (const column of now.current.models.keys()) replies.ask(now.current, turn, column)
  }
  const retry = (turn: number, column: number) => {
    if (busy) return
    // What followed was said to an answer that no longer is.
    change({ turns: now.current.turns.slice(0, turn + 1) })
    replies.ask(now.current, turn, column)
  }
  const compare = () => {
    const [first] = conversation.models
    const other = models?.find((name) => name !== first) ?? first
    change({ models: conversation.models.length === 2 ? [first!] : [first!, other!], turns: [] })
  }
  const share = async () => {
    const fragment = await toFragment(now.current)
    here.current = fragment
    const address = href(['chat'], { c: fragment })
    navigate(address, { replace: true })
    const copied = await toClipboard(new URL(address, location.href).href)
    say({ notice: `The address now holds this conversation${copied ? '; it is in the clipboard too' : ''}.` })
  }

  if (models === undefined && turns.length === 0) return <Loading />
  if (models?.length === 0 && turns.length === 0)
    return (
      <Empty page title="No model is served here">
        <p>A run's model is offered here once it has one. To talk to another, or to two side by side:</p>
        <Command text="npx r1 serve pocket-base" />
      </Empty>
    )
  return (
    <section class={`chat ${conversation.models.length === 2 ? 'two' : ''}`}>
      {conversation.turns.length > 0 ? <h1 class="unseen">Chat</h1> : null}
      <header class="chat-head">
        <div class="model-choice">
          {conversation.models.map((model, column) => (
            <select
              key={column}
              aria-label={conversation.models.length === 2 ? `Model ${column + 1}` : 'Model'}
              value={model}
              disabled={busy}
              onChange={(event) => {
                const chosen = event.currentTarget.value
                change({ models: conversation.models.map((name, c) => (c === column ? chosen : name)) })
              }}
            >
              {[...new Set([model, ...(models ?? [])])].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          ))}
          <button
            type="button"
            class="ghost"
            aria-label="Compare two models"
            aria-pressed={conversation.models.length === 2}
            disabled={busy || models === undefined || !ready}
            onClick={compare}
          >
            <Icon name="compare" />
            <span>Compare</span>
          </button>
        </div>
        <div class="actions">
          <button
            type="button"
            class="ghost"
            aria-label="Sampling settings"
            aria-expanded={panel}
            onClick={() => setPanel(!panel)}
          >
            <Icon name="sliders" />
            <span>Sampling</span>
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Conversation as a link"
            title="As a link"
            onClick={share}
          >
            <Icon name="link" />
          </button>
          <button
            type="button"
            class="icon-button"
            aria-label="Conversation as a file"
            title="As a file"
            onClick={() =>
              download('conversation.json', `${JSON.stringify(conversation, null, 2)}\n`, 'application/json')
            }
          >
            <Icon name="download" />
          </button>
          <label class="icon-button" title="Open a file">
            <Icon name="file" />
            <input
              type="file"
              class="hidden-input"
              aria-label="Open a conversation file"
              accept="application/json,.json"
              onChange={async (event) => {
                const input = event.currentTarget
                try {
                  open(readConversation((await input.files?.[0]?.text()) ?? ''))
                } catch {
                  say({ problem: 'This file holds no conversation.' })
                }
                // The same file may be opened again.
                input.value = ''
              }}
            />
          </label>
          {turns.length === 0 ? null : (
            <button
              type="button"
              class="ghost"
              onClick={() => {
                open({ turns: [] })
                navigate(href(['chat']), { replace: true })
              }}
            >
              New
            </button>
          )}
        </div>
      </header>
      {panel ? <SamplingPanel sampling={sampling} onChange={(next) => change({ sampling: next })} /> : null}
      <div class="conversation" role="log" aria-label="Conversation">
        {turns.length === 0 ? (
          <div class="greeting">
            <h1>Ask, and watch it think</h1>
            {abilities === undefined ? null : <p class="muted">{abilities.summary}</p>}
            <ul>
              {(abilities?.examples ?? []).map((example) => (
                <li key={example}>
                  <button type="button" class="example" disabled={!ready} onClick={() => ask(example)}>
                    {example}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        ) : null}
        {turns.map((turn, t) => (
          <div key={t} class="turn">
            <p class="question">{turn.question}</p>
            <div class="replies">
              {turn.replies.map((reply, column) => (
                <ReplyView
                  key={column}
                  reply={reply}
                  question={turn.question}
                  newest={t === turns.length - 1}
                  onRetry={() => retry(t, column)}
                />
              ))}
            </div>
          </div>
        ))}
        <div ref={end} />
      </div>
      <Problem text={problem} />
      <Notice text={notice} />
      <Composer ready={ready} busy={busy} hint={abilities?.examples[0]} onAsk={ask} onStop={replies.stop} />
    </section>
  )
}
