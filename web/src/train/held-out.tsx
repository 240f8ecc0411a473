/** The same held-out problem, answered by the base and by the model as it is now. */
import { useState } from 'preact/hooks'
import { percent } from '../format.ts'
import { Marked } from '../rollouts/response-card.tsx'
import { Scrollable } from '../ui.tsx'
import type { Measured } from './messages.ts'

export function HeldOut({ measured }: { measured: readonly Measured[] }) {
  const [chosen, setChosen] = useState<number>()
  const [first] = measured
  const last = measured.at(-1)
  if (first === undefined || last === undefined) return null
  // What the base gets wrong shows most.
  const wrong = Math.max(
    0,
    first.problems.findIndex(({ right }) => !right),
  )
  const at = (chosen ?? wrong) % first.problems.length
  const problem = first.problems[at]!
  return (
    <section class="stack" aria-label="Held-out problems">
      <div class="heading small">
        <div>
          <h2>The same problem, before and now</h2>
          <p class="muted">
            It is one of {first.problems.length} that are never trained on. Right:{' '}
            <b class="number">{percent(first.pass1)}</b> before
            {last === first ? '' : ', '}
            {last === first ? null : (
              <>
                <b class="number">{percent(last.pass1)}</b> after step {last.step}
              </>
            )}
            .
          </p>
        </div>
        <button type="button" class="button" onClick={() => setChosen(at + 1)}>
          Another problem
        </button>
      </div>
      <p class="question-text">{problem.prompt}</p>
      <div class="before-now">
        <Answer title="The base" answer={problem} />
        {last === first ? (
          <p class="muted">The model as it is now answers every five steps.</p>
        ) : (
          <Answer title={`After step ${last.step}`} answer={last.problems[at]!} />
        )}
      </div>
    </section>
  )
}

function Answer({ title, answer: { text, right } }: { title: string; answer: Measured['problems'][number] }) {
  return (
    <article class={`card response ${right ? 'is-right' : 'is-wrong'}`} aria-label={title}>
      <header>
        <b>{title}</b>
        <span class={`verdict ${right ? 'right' : 'wrong'}`}>{right ? 'right' : 'wrong'}</span>
      </header>
      <Scrollable class="response-text" label={`Answer, ${title.toLowerCase()}`}>
        <Marked text={text} />
      </Scrollable>
    </article>
  )
}
