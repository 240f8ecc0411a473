/** What a run's evaluations say: base beside trained, and the problems behind the figures. */
import { useState } from 'preact/hooks'
import { EVALUATION_KEYS, measuresOf } from '../../../src/measures/measures.ts'
import type { RolloutGroup, RunDetails } from '../../../src/server/dashboard/api.ts'
import { useJson } from '../fetch.ts'
import { percent, whole } from '../format.ts'
import { useGroups } from '../rollouts/group-pages.ts'
import { href } from '../router.ts'
import { Empty, NumberHeads, Problem, Scrollable, Select } from '../ui.tsx'
import { ReportFigure } from './figure.tsx'

const MEASURES = measuresOf(EVALUATION_KEYS)

export function RunEvaluation({ run }: { run: RunDetails }) {
  const { results } = run
  const names = Object.keys(results).sort((a, b) => protocol(a).localeCompare(protocol(b)))
  const { value: figure } = useJson<{ figure: string | null }>(
    `/runs/${encodeURIComponent(run.id)}/figure?${names.join()}`,
  )
  if (names.length === 0)
    return (
      <Empty title="Not evaluated yet">
        <p>R1-Zero measures the base before its first step and the trained model after its last.</p>
      </Empty>
    )
  const measures = MEASURES.filter(({ key }) => names.some((name) => typeof results[name]![key] === 'number'))
  return (
    <div class="stack">
      <div class={`stage-row ${names.length > 3 ? 'stacked' : ''}`}>
        <Scrollable class="card table-card" label="Figures">
          <table class="stages">
            <thead>
              <tr>
                <th>held-out problems</th>
                <NumberHeads names={names} />
              </tr>
            </thead>
            <tbody>
              {measures.map(({ key, label, explanation, format }) => (
                <tr key={key}>
                  <td title={explanation}>{label}</td>
                  {names.map((name) => {
                    const value = results[name]![key]
                    return (
                      <td key={name} class="number right-align">
                        {typeof value === 'number' ? format(value) : '–'}
                      </td>
                    )
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
        {figure?.figure ? <ReportFigure svg={figure.figure} /> : null}
      </div>
      {run.sources.evaluations.length === 0 ? null : <Problems run={run} />}
    </div>
  )
}

/** What stages are compared by: '' of base and trained, before `temperature-1` of base-temperature-1. */
const protocol = (name: string) => name.split('-').slice(1).join('-')

/** Each problem's pass rate in two evaluations, what changed most first. */
function Problems({ run }: { run: RunDetails }) {
  const { evaluations } = run.sources
  const [before, setBefore] = useState(evaluations[0]!)
  const [after, setAfter] = useState(evaluations.includes('trained') ? 'trained' : evaluations.at(-1)!)
  const [shown, setShown] = useState(40)
  const path = (name: string) => `/runs/${encodeURIComponent(run.id)}/rollouts/${name}?order=file`
  const first = useGroups(path(before), 'file', Number.POSITIVE_INFINITY)
  const second = useGroups(path(after), 'file', Number.POSITIVE_INFINITY)
  const rows = pairs(first.groups, second.groups)
  const read = Math.min(first.list?.read ?? 0, second.list?.read ?? 0)
  const options = evaluations.map((name) => ({ value: name, label: name }))
  return (
    <section>
      <div class="heading small">
        <div>
          <h2>Problem by problem</h2>
          <p class="muted number" aria-live="polite">
            {whole(rows.length)} problems{read < 1 ? ` · reading ${Math.round(100 * read)} %` : ''}
          </p>
        </div>
        <div class="actions">
          <Select label="From" options={options} value={before} onChange={setBefore} />
          <Select label="to" options={options} value={after} onChange={setAfter} />
        </div>
      </div>
      <Problem text={first.error ?? second.error} />
      <Scrollable class="card table-card" label="Problems">
        <table class="problems">
          <thead>
            <tr>
              <th>problem</th>
              <th>answer</th>
              <NumberHeads names={[before, after, 'gain']} />
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map(({ from, to, gain }) => (
              <tr key={to.question}>
                <td>
                  <a href={href(['runs', run.id, 'rollouts', after], { question: to.question })}>
                    {to.prompt}
                  </a>
                </td>
                <td class="mono">{to.answer}</td>
                <td class="right-align">
                  <a class="number" href={href(['runs', run.id, 'rollouts', before, from.group])}>
                    {percent(share(from), 0)}
                  </a>
                </td>
                <td class="right-align">
                  <a class="number" href={href(['runs', run.id, 'rollouts', after, to.group])}>
                    {percent(share(to), 0)}
                  </a>
                </td>
                <td class={`number right-align ${gain > 0 ? 'gain' : gain < 0 ? 'loss' : 'muted'}`}>
                  {gain > 0 ? '+' : ''}
                  {(100 * gain).toFixed(0)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > shown ? (
          <button type="button" class="button" onClick={() => setShown(shown + 100)}>
            {rows.length - shown} more
          </button>
        ) : null}
      </Scrollable>
    </section>
  )
}

const share = ({ marks }: RolloutGroup) => marks.filter(({ right }) => right).length / marks.length

function pairs(before: readonly RolloutGroup[], after: readonly RolloutGroup[]) {
  const known = new Map(before.map((group) => [group.question, group]))
  return after
    .flatMap((to) => {
      const from = known.get(to.question)
      return from === undefined ? [] : [{ from, to, gain: share(to) - share(from) }]
    })
    .sort((a, b) => Math.abs(b.gain) - Math.abs(a.gain))
}
