/** The G responses to one question side by side. */
import { useState } from 'preact/hooks'
import type {
  RolloutFilter,
  RolloutGroupDetails,
  RolloutResponse,
} from '../../../src/server/dashboard/api.ts'
import { useJson } from '../fetch.ts'
import { Icon } from '../icons.tsx'
import { Problem, Segmented } from '../ui.tsx'
import { mostAdvantage, ResponseCard, StoredText } from './response-card.tsx'
import type { Shading } from './shaded-tokens.tsx'

interface Props {
  run: string
  source: string
  group: string
  filter: RolloutFilter
  onClose: () => void
  onFollow: (question: string) => void
}

export function GroupView({ run, source, group, filter, onClose, onFollow }: Props) {
  const path = `/runs/${encodeURIComponent(run)}/rollouts/${source}/${group}`
  const { value, error } = useJson<RolloutGroupDetails>(path)
  const [shading, setShading] = useState<Shading>('none')
  if (value === undefined) return <Problem text={error} />
  const { question, prompt, answer, responses } = value
  const shown = responses.filter((response) => passes(response, filter))
  const right = responses.filter((response) => response.right).length
  const shadings = [
    { value: 'none', label: 'Text' },
    ...(responses.some(({ hasLogprobs }) => hasLogprobs)
      ? [{ value: 'logprob' as const, label: 'Log-probability' }]
      : []),
    ...(responses.some(({ hasReference }) => hasReference)
      ? [{ value: 'ratio' as const, label: 'Ratio to reference' }]
      : []),
  ] as const
  return (
    <section class="group-view" aria-label="One question and its responses">
      <header class="card question-card">
        <div class="question-head">
          <span class="eyebrow">Question {Number(group) + 1}</span>
          <button type="button" class="ghost" onClick={() => onFollow(question)}>
            Follow across steps
          </button>
          <button type="button" class="icon-button" aria-label="Close this question" onClick={onClose}>
            <Icon name="close" />
          </button>
        </div>
        <p class="question-text">{prompt}</p>
        <p class="muted">
          Reference answer <code>{answer}</code> · {right} of {responses.length} right
          {shown.length < responses.length ? ` · ${shown.length} shown` : ''}
        </p>
        {shadings.length > 1 ? (
          <div class="shading-row">
            <Segmented
              label="Shade tokens by"
              options={shadings}
              value={shading}
              onChange={(value) => setShading(value as Shading)}
            />
            <ShadingKey shading={shading} />
          </div>
        ) : null}
      </header>
      <ol class="responses">
        {shown.map((response) => (
          <ResponseCard key={response.sample} response={response} most={mostAdvantage(responses)}>
            <StoredText response={response} path={path} shading={shading} />
          </ResponseCard>
        ))}
      </ol>
    </section>
  )
}

function ShadingKey({ shading }: { shading: Shading }) {
  if (shading === 'none') return null
  return (
    <span class={`shading-key ${shading}`}>
      {shading === 'logprob' ? 'certain' : 'less likely than before'}
      <i />
      {shading === 'logprob' ? 'surprising' : 'likelier'}
    </span>
  )
}

function passes({ right, truncated, mixed }: RolloutResponse, filter: RolloutFilter): boolean {
  return { all: true, right, wrong: !right, truncated, mixed }[filter]
}
