/** The settings of several runs side by side; what differs is marked and comes first. */
import { useState } from 'preact/hooks'
import type { RunDetails } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { useJson } from '../fetch.ts'
import { href } from '../router.ts'
import { Loading, Problem, Scrollable } from '../ui.tsx'

export function CompareSettings({ ids }: { ids: readonly string[] }) {
  const [all, setAll] = useState(false)
  const [loaded, setLoaded] = useState<Record<string, RunDetails>>({})
  const runs = ids.flatMap((id) => loaded[id] ?? [])
  const rows = comparedSettings(runs)
  const shown = all ? rows : rows.filter(({ differs }) => differs)
  const whole = runs.length === ids.length
  return (
    <>
      {ids.map((id) => (
        <Details key={id} id={id} onLoad={(run) => setLoaded((now) => ({ ...now, [id]: run }))} />
      ))}
      <label class="toggle">
        <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
        Also what is the same
      </label>
      {!whole ? <Loading /> : null}
      {whole && shown.length === 0 ? <p class="muted">All settings are the same.</p> : null}
      {whole && shown.length > 0 ? (
        <Scrollable class="card table-card" label="Settings side by side">
          <table>
            <thead>
              <tr>
                <th>setting</th>
                {runs.map(({ id }) => (
                  <th key={id}>
                    <a href={href(['runs', id])}>{visible(id)}</a>
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {shown.map(({ path, values, differs }) => (
                <tr key={path} class={differs ? 'differs' : 'muted'}>
                  <td class="mono">{path}</td>
                  {values.map((value, i) => (
                    <td key={runs[i]!.id} class="mono">
                      {value === undefined ? '–' : JSON.stringify(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scrollable>
      ) : null}
    </>
  )
}

function Details({ id, onLoad }: { id: string; onLoad: (run: RunDetails) => void }) {
  const { value, error } = useJson<RunDetails>(`/runs/${encodeURIComponent(id)}`)
  const [told, setTold] = useState<RunDetails>()
  if (value !== undefined && value !== told) {
    setTold(value)
    onLoad(value)
  }
  return <Problem text={error} />
}

export interface ComparedSetting {
  path: string
  /** One for each run; undefined where it has none of this name. */
  values: unknown[]
  differs: boolean
}

export function comparedSettings(runs: readonly Pick<RunDetails, 'settings'>[]): ComparedSetting[] {
  const own = runs.map(({ settings }) => new Map(settings.map(({ path, value }) => [path, value])))
  const paths = [...new Set(own.flatMap((settings) => [...settings.keys()]))]
  return paths
    .map((path) => {
      const values = own.map((settings) => settings.get(path))
      return { path, values, differs: new Set(values.map((value) => JSON.stringify(value))).size > 1 }
    })
    .sort((a, b) => Number(b.differs) - Number(a.differs))
}
