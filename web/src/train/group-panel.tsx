/** The responses to one question: as they are written, and then with their rewards and advantages. */
import { useState } from 'preact/hooks'
import { mean, variance } from '../../../src/measures/statistics.ts'
import { whole } from '../format.ts'
import { Marked, mostAdvantage, ResponseCard } from '../rollouts/response-card.tsx'
import { type Shading, TokenList } from '../rollouts/shaded-tokens.tsx'
import { Segmented } from '../ui.tsx'
import type { TabGroup, TabResponse } from './messages.ts'
import type { TrainingState } from './training-state.ts'

const SHADINGS = [
  { value: 'none', label: 'Text' },
  { value: 'logprob', label: 'Log-probability' },
  { value: 'ratio', label: 'Likelier after the update' },
] as const

export function GroupPanel({ state: { group, rescored, writing } }: { state: TrainingState }) {
  const [shading, setShading] = useState<Shading>('none')
  const shown = rescored ?? group
  if (writing !== undefined)
    return (
      <section class="stack group-now" aria-label="The present group">
        <div class="card question-card">
          <span class="eyebrow">
            Written now · {whole(writing.done)} of {whole(writing.total)} responses of this step are done
          </span>
          <p class="question-text">{questionOf(writing.prompt)}</p>
        </div>
        <ol class="responses writing">
          {writing.texts.map((text, i) => (
            <li key={i} class="card response">
              <header>
                <span class="response-number">{i + 1}</span>
              </header>
              <div class="response-text">
                <Marked text={text} />
              </div>
            </li>
          ))}
        </ol>
      </section>
    )
  if (shown === undefined) return null
  const right = shown.responses.filter((response) => response.right).length
  return (
    <section class="stack group-now" aria-label="The present group">
      <div class="card question-card">
        <span class="eyebrow">
          {rescored === undefined ? `Step ${shown.step}` : 'The last group, by the reward as it is now'}
        </span>
        <p class="question-text">{shown.question.prompt}</p>
        <p class="muted">
          A right answer <code>{shown.question.answer}</code> · {right} of {shown.responses.length} right
        </p>
        <Segmented
          label="Shade tokens by"
          options={SHADINGS}
          value={shading}
          onChange={(value) => setShading(value)}
        />
      </div>
      <ol class="responses">
        {shown.responses.map((response, i) => (
          <ResponseCard
            key={`${shown.step}/${i}`}
            response={{ ...response, sample: i, mixed: false, tokens: response.pieces.length }}
            most={mostAdvantage(shown.responses)}
          >
            <ShownText response={response} shading={shading} />
          </ResponseCard>
        ))}
      </ol>
    </section>
  )
}

export function ShownText({ response, shading }: { response: TabResponse; shading: Shading }) {
  if (shading === 'none') return <Marked text={response.text} />
  return <TokenList tokens={tokensOf(response, shading)} shading={shading} />
}

/** A ratio is of the log-probability after the update to that before it. */
const tokensOf = ({ pieces, before, after }: TabResponse, shading: Shading) =>
  pieces.map((piece, i) => ({
    piece,
    logprob: (shading === 'ratio' ? after[i] : before[i]) ?? 0,
    reference: before[i],
  }))

/** What stands behind the template. */
export function questionOf(rendered: string): string {
  return /User: ([\s\S]*)\. Assistant:$/.exec(rendered)?.[1] ?? rendered
}

/** The mean of a group's rewards and their standard deviation, which divides their distance to it. */
export function spreadOf({ responses }: TabGroup): { mean: number; deviation: number } {
  const rewards = responses.map(({ reward }) => reward)
  return { mean: mean(rewards), deviation: Math.sqrt(variance(rewards)) }
}
