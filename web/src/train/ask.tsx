/** A puzzle for the model as it is now; a rule judges the answer. */
import { useState } from 'preact/hooks'
import { POCKET_ABILITIES } from '../../../src/text/pocket-abilities.ts'
import { puzzleVerdict } from '../chat/verdict.ts'
import { Marked } from '../rollouts/response-card.tsx'
import { Scrollable } from '../ui.tsx'
import type { TrainingState } from './training-state.ts'

export function Ask({
  state: { answers, status },
  onAsk,
}: {
  state: TrainingState
  onAsk: (id: number, question: string) => void
}) {
  const [text, setText] = useState('')
  const [asked, setAsked] = useState<{ id: number; question: string }[]>([])
  const ready = status !== 'loading' && status !== 'unable'
  const ask = (question: string) => {
    if (!ready || question.trim() === '') return
    const id = asked.length + 1
    setAsked([{ id, question: question.trim() }, ...asked].slice(0, 5))
    onAsk(id, question.trim())
    setText('')
  }
  return (
    <section class="card panel" aria-label="Ask it a puzzle">
      <div>
        <h2>Ask it a puzzle</h2>
        <p class="muted">{POCKET_ABILITIES.summary}</p>
      </div>
      <form
        class="ask"
        onSubmit={(event) => {
          event.preventDefault()
          ask(text)
        }}
      >
        <input
          type="text"
          aria-label="Your puzzle"
          placeholder={POCKET_ABILITIES.examples[0]}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <button type="submit" class="button" disabled={!ready || text.trim() === ''}>
          Ask
        </button>
      </form>
      <div class="actions">
        {POCKET_ABILITIES.examples.slice(0, 2).map((example) => (
          <button key={example} type="button" class="example" disabled={!ready} onClick={() => ask(example)}>
            {example}
          </button>
        ))}
      </div>
      <ol class="asked">
        {asked.map(({ id, question }) => {
          const answer = answers[id]
          const verdict = answer?.done ? puzzleVerdict(question, answer.text) : undefined
          return (
            <li key={id} aria-busy={answer?.done !== true}>
              <p class="question-text">{question}</p>
              <Scrollable class="response-text" label={`Answer to ${question}`}>
                <Marked text={answer?.text ?? '…'} />
              </Scrollable>
              {verdict === undefined ? null : (
                <span class={`verdict ${verdict.correct ? 'right' : 'wrong'}`} title={verdict.reason}>
                  {verdict.correct ? 'right' : `wrong: ${verdict.reason}`}
                </span>
              )}
            </li>
          )
        })}
      </ol>
    </section>
  )
}
