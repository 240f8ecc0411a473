/** One result of `r1 eval` problem by problem, and one problem's responses with their verdicts. */
import { useState } from 'preact/hooks'
import type { EvaluationList, GradedProblem, GradedResponse } from '../../../src/server/dashboard/api.ts'
import { useJson } from '../fetch.ts'
import { percent, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { Marked } from '../rollouts/response-card.tsx'
import { href } from '../router.ts'
import { Scrollable, Segmented } from '../ui.tsx'

type Kind = 'all' | 'never' | 'sometimes' | 'always'

export function GradedProblems({
  evaluation: { id, result },
  problem,
}: {
  evaluation: EvaluationList['evaluations'][number]
  problem: string | undefined
}) {
  const path = `/evaluations/${encodeURIComponent(id)}`
  const { value: problems } = useJson<GradedProblem[]>(path)
  const [kind, setKind] = useState<Kind>('all')
  const [shown, setShown] = useState(100)
  const chosen = problems?.find((one) => one.id === problem)
  const back = chosen === undefined ? ['evaluations'] : ['evaluations', id]
  const matching = (problems ?? []).filter((one) => kind === 'all' || kindOf(one) === kind)
  return (
    <section class="page">
      <a class="back" href={href(back)}>
        <Icon name="left" />
        {chosen === undefined ? 'Evaluations' : result.title}
      </a>
      <div class="heading">
        <div>
          <h1>{chosen === undefined ? result.title : chosen.id}</h1>
          <p class="facts">
            <span>{result.model}</span>
            <span>
              {chosen === undefined
                ? `pass@1 ${percent(result.pass1)}`
                : `${percent(chosen.passRate, 0)} right`}
            </span>
          </p>
        </div>
        {chosen === undefined ? (
          <Segmented
            label="Show problems"
            value={kind}
            onChange={setKind}
            options={[
              { value: 'all', label: 'All' },
              { value: 'never', label: 'Never right' },
              { value: 'sometimes', label: 'Sometimes' },
              { value: 'always', label: 'Always' },
            ]}
          />
        ) : null}
      </div>
      {chosen !== undefined ? (
        <ProblemResponses path={path} problem={chosen} />
      ) : (
        <ol class="problem-list">
          {matching.slice(0, shown).map((one) => (
            <li key={one.id}>
              <a class="card problem-item" href={href(['evaluations', id, one.id])}>
                <span class="group-question">{one.prompt ?? one.id}</span>
                <span class="marks" aria-hidden="true">
                  {one.samples.slice(0, 64).map((sample, i) => (
                    <i key={i} class={sample.correct ? 'right' : 'wrong'} style={{ height: '14px' }} />
                  ))}
                </span>
                <b class="number">{percent(one.passRate, 0)}</b>
              </a>
            </li>
          ))}
        </ol>
      )}
      {chosen === undefined && matching.length > shown ? (
        <button type="button" class="button" onClick={() => setShown(shown + 200)}>
          {matching.length - shown} more
        </button>
      ) : null}
    </section>
  )
}

function ProblemResponses({ path, problem }: { path: string; problem: GradedProblem }) {
  const { value } = useJson<GradedResponse[]>(`${path}/responses?problem=${encodeURIComponent(problem.id)}`)
  return (
    <>
      <div class="card question-card">
        <p class="question-text">{problem.prompt ?? problem.id}</p>
        {problem.answer === null ? null : (
          <p class="muted">
            Reference answer <code>{problem.answer}</code>
          </p>
        )}
      </div>
      <ol class="responses">
        {(value ?? []).map(({ sample, correct, extracted, reason, tokens, truncated, text }) => (
          <li key={sample} class={`card response ${correct ? 'is-right' : 'is-wrong'}`}>
            <header>
              <span class="response-number">{sample + 1}</span>
              <span class={`verdict ${correct ? 'right' : 'wrong'}`}>{correct ? 'right' : 'wrong'}</span>
              {truncated ? <span class="tag">truncated</span> : null}
              <span class="muted number grow">{whole(tokens)} tokens</span>
            </header>
            <p class="muted reason">
              {extracted === null ? 'no answer found' : <code>{extracted}</code>} {reason}
            </p>
            <Scrollable class="response-text" label={`Response ${sample + 1}`}>
              {text === null ? (
                <span class="muted">The text is no longer in the cache.</span>
              ) : (
                <Marked text={text} />
              )}
            </Scrollable>
          </li>
        ))}
      </ol>
    </>
  )
}

function kindOf({ passRate }: GradedProblem): Kind {
  return passRate === null || passRate === 0 ? 'never' : passRate === 1 ? 'always' : 'sometimes'
}
