/** The groups of a file, page by page: a question, and a mark for each of its responses. */
import { useState } from 'preact/hooks'
import type { RolloutFilter, RolloutGroup, RolloutOrder } from '../../../src/server/dashboard/api.ts'
import { percent, whole } from '../format.ts'
import { Problem } from '../ui.tsx'
import { useGroups } from './group-pages.ts'

interface Props {
  run: string
  source: string
  filter: RolloutFilter
  order: RolloutOrder
  search: string
  open: string | undefined
  onOpen: (group: number) => void
}

const PAGE = 30

export function GroupList({ run, source, filter, order, search, open, onOpen }: Props) {
  const [wanted, setWanted] = useState(PAGE)
  const query = new URLSearchParams({ filter, order, search })
  const path = `/runs/${encodeURIComponent(run)}/rollouts/${source}?${query}`
  const { groups, list, error } = useGroups(path, order, wanted)
  const { summary } = list ?? {}
  const more = list !== undefined && list.next !== null
  return (
    <section class="group-list" aria-label="Questions">
      <Problem text={error} />
      {list === undefined || summary === undefined ? null : (
        <p class="muted summary number" aria-live="polite">
          {whole(list.matching)} of {whole(list.total)} questions · {whole(summary.responses)} responses ·{' '}
          {percent(summary.right / summary.responses)} right · {whole(summary.meanTokens)} tokens
          {list.read < 1 ? ` · reading ${Math.round(100 * list.read)} %` : ''}
        </p>
      )}
      <ol>
        {groups.map((group) => (
          <li key={group.group}>
            <button
              type="button"
              class="group-item"
              aria-current={String(group.group) === open ? 'true' : undefined}
              onClick={() => onOpen(group.group)}
            >
              <span class="group-question">{group.prompt}</span>
              <Marks group={group} />
              <span class="muted number">
                {group.marks.filter(({ right }) => right).length} of {group.marks.length} right ·{' '}
                {whole(group.marks.reduce((sum, { tokens }) => sum + tokens, 0) / group.marks.length)} tokens
              </span>
            </button>
          </li>
        ))}
      </ol>
      {groups.length === 0 && list !== undefined && !more ? (
        <p class="muted">No question has such a response.</p>
      ) : null}
      {more && groups.length >= wanted ? (
        <button type="button" class="button" onClick={() => setWanted(wanted + PAGE)}>
          More questions
        </button>
      ) : null}
    </section>
  )
}

/** A bar for each response: as high as it is long, coloured by its verdict. */
export function Marks({ group: { marks } }: { group: RolloutGroup }) {
  const most = Math.max(1, ...marks.map(({ tokens }) => tokens))
  return (
    <span
      class="marks"
      role="img"
      aria-label={`${marks.filter(({ right }) => right).length} of ${marks.length} right`}
    >
      {marks.map(({ sample, right, truncated, mixed, tokens }) => (
        <i
          key={sample}
          class={`${right ? 'right' : 'wrong'} ${truncated ? 'truncated' : ''} ${mixed ? 'mixed' : ''}`}
          style={{ height: `${5 + 17 * (tokens / most)}px` }}
        />
      ))}
    </span>
  )
}
