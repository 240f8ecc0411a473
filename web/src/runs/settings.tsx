/** Every setting of a run and where it came from; those that are not defaults first. */
import { useState } from 'preact/hooks'
import type { RunDetails } from '../../../src/server/dashboard/api.ts'
import { Icon } from '../icons.tsx'
import { Scrollable } from '../ui.tsx'

export function Settings({ run }: { run: RunDetails }) {
  const [search, setSearch] = useState('')
  const wanted = search.toLowerCase()
  const shown = run.settings
    .filter(({ path }) => path.toLowerCase().includes(wanted))
    .sort((a, b) => Number(a.source === 'default') - Number(b.source === 'default'))
  return (
    <>
      <label class="search">
        <Icon name="search" />
        <input
          type="search"
          aria-label="Search settings"
          placeholder="Search settings"
          value={search}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
      </label>
      <Scrollable class="card table-card" label="Settings">
        <table>
          <thead>
            <tr>
              <th>setting</th>
              <th>value</th>
              <th>from</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(({ path, value, source }) => (
              <tr key={path} class={source === 'default' ? 'muted' : ''}>
                <td class="mono">{path}</td>
                <td class="mono">{JSON.stringify(value)}</td>
                <td>{source}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scrollable>
    </>
  )
}
