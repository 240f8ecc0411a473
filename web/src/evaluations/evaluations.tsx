/** The results that `r1 eval` left: a table, the chart of the paper's Figure 1, and each problem behind a figure. */
import type { EvaluationList } from '../../../src/server/dashboard/api.ts'
import { SELDOM, usePoll } from '../fetch.ts'
import { percent, whole } from '../format.ts'
import { href } from '../router.ts'
import { Command, Empty, Loading, NumberHeads, Problem, Scrollable } from '../ui.tsx'
import { ReportFigure } from './figure.tsx'
import { GradedProblems } from './graded-problems.tsx'

export function Evaluations({ id, problem }: { id: string | undefined; problem: string | undefined }) {
  const { value, error } = usePoll<EvaluationList>('/evaluations', () => SELDOM)
  const chosen = value?.evaluations.find((evaluation) => evaluation.id === id)
  if (chosen !== undefined) return <GradedProblems key={id} evaluation={chosen} problem={problem} />
  if (value?.evaluations.length === 0)
    return (
      <Empty page title="No evaluations yet">
        <p>Measure a model on one of the paper's benchmarks, or on a file of your own.</p>
        <Command text="npx r1 eval pocket-base --benchmark pocket-countdown --limit 100" />
      </Empty>
    )
  return (
    <section class="page">
      <div class="heading">
        <h1>Evaluations</h1>
      </div>
      {value === undefined && error === undefined ? <Loading /> : null}
      <Problem text={error} />
      {value?.figure ? <ReportFigure svg={value.figure} /> : null}
      {value === undefined ? null : (
        <Scrollable class="card table-card" label="Evaluations">
          <table>
            <thead>
              <tr>
                <th>benchmark</th>
                <th>model</th>
                <NumberHeads names={['problems', 'k', 'pass@1', '95 %', 'pass@k', 'cons@k', 'tokens']} />
              </tr>
            </thead>
            <tbody>
              {value.evaluations.map(({ id: name, result, graded }) => (
                <tr key={name}>
                  <td>{graded ? <a href={href(['evaluations', name])}>{result.title}</a> : result.title}</td>
                  <td>{result.model}</td>
                  <td class="number right-align">{whole(result.n)}</td>
                  <td class="number right-align">{result.samples}</td>
                  <td class="number right-align strong">{percent(result.pass1)}</td>
                  <td class="number right-align muted">
                    {result.pass1Interval === null
                      ? '–'
                      : `${(100 * result.pass1Interval.low).toFixed(1)}–${(100 * result.pass1Interval.high).toFixed(1)}`}
                  </td>
                  <td class="number right-align">{percent(result.passK)}</td>
                  <td class="number right-align">{percent(result.consK)}</td>
                  <td class="number right-align">{whole(result.meanTokens)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      )}
    </section>
  )
}
