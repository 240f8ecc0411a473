/** The responses of a training step or an evaluation: its groups, and one of them open. */
import { useEffect, useLayoutEffect, useState } from 'preact/hooks'
import type { RolloutFilter, RolloutOrder, RunDetails } from '../../../src/server/dashboard/api.ts'
import { Icon } from '../icons.tsx'
import { href, navigate, useRoute } from '../router.ts'
import { Empty, Segmented, Select } from '../ui.tsx'
import { GroupList } from './group-list.tsx'
import { GroupView } from './group-view.tsx'
import { QuestionTrace } from './question-trace.tsx'

const FILTERS = [
  { value: 'all', label: 'All' },
  { value: 'right', label: 'Right' },
  { value: 'wrong', label: 'Wrong' },
  { value: 'truncated', label: 'Truncated' },
  { value: 'mixed', label: 'Mixed language' },
] as const satisfies { value: RolloutFilter; label: string }[]

const ORDERS = [
  { value: 'file', label: 'as asked' },
  { value: 'longest', label: 'longest' },
  { value: 'hardest', label: 'hardest' },
  { value: 'easiest', label: 'easiest' },
  { value: 'contested', label: 'most divided' },
] as const satisfies { value: RolloutOrder; label: string }[]

export function Rollouts({
  run,
  source,
  group,
}: {
  run: RunDetails
  source: string | undefined
  group: string | undefined
}) {
  const { query } = useRoute()
  const filter = FILTERS.find(({ value }) => value === query.get('filter'))?.value ?? 'all'
  const order = ORDERS.find(({ value }) => value === query.get('order'))?.value ?? 'file'
  const search = query.get('search') ?? ''
  const { evaluations, steps } = run.sources
  const current = nearest(run, source)
  const go = (
    place: (string | number)[],
    changes: Record<string, string | undefined> = {},
    replace = false,
  ) =>
    navigate(
      href(['runs', run.id, 'rollouts', ...place], {
        filter: known(filter, 'all'),
        order: known(order, 'file'),
        search,
        ...changes,
      }),
      { replace },
    )

  // With the step that is shown: a key may be pressed before the next frame.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      // ⌘[ and Ctrl+[ go back in the browser; Alt may be what types a bracket.
      if (event.metaKey || event.ctrlKey) return
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
      const turn = event.key === '[' ? -1 : event.key === ']' ? 1 : 0
      const next = steps[steps.indexOf(Number(current)) + turn]
      if (turn !== 0 && next !== undefined) go([next])
    }
    addEventListener('keydown', pressed)
    return () => removeEventListener('keydown', pressed)
  })

  if (current === undefined)
    return (
      <Empty title="No responses yet">
        <p>They appear with the first rollout.</p>
      </Empty>
    )
  if (query.has('question')) return <QuestionTrace run={run} question={query.get('question')!} />
  const place = steps.indexOf(Number(current))
  return (
    <div class={`rollouts ${group === undefined ? '' : 'with-group'}`}>
      <div class="toolbar" role="toolbar" aria-label="Responses">
        <div class="stepper">
          <button
            type="button"
            aria-label="Earlier step"
            title="Earlier step ( [ )"
            disabled={place <= 0}
            onClick={() => go([steps[place - 1]!])}
          >
            <Icon name="left" />
          </button>
          <label class="field inline">
            <span>Responses of</span>
            <select value={current} onChange={(event) => go([event.currentTarget.value])}>
              {evaluations.length === 0 ? null : (
                <optgroup label="Evaluations, held-out problems">
                  {evaluations.map((name) => (
                    <option key={name} value={name}>
                      {name}
                    </option>
                  ))}
                </optgroup>
              )}
              <optgroup label="Training steps">
                {shownSteps(steps, place).map((step) => (
                  <option key={step} value={String(step)}>
                    step {step}
                  </option>
                ))}
              </optgroup>
            </select>
          </label>
          <button
            type="button"
            aria-label="Later step"
            title="Later step ( ] )"
            disabled={place >= steps.length - 1}
            onClick={() => go([steps[place + 1]!])}
          >
            <Icon name="right" />
          </button>
        </div>
        <Segmented
          label="Show"
          options={FILTERS}
          value={filter}
          onChange={(value) => go([current], { filter: known(value, 'all') })}
        />
        <Select
          label="Order"
          options={ORDERS}
          value={order}
          onChange={(value) => go([current], { order: known(value, 'file') })}
        />
        <SearchBox key={current} search={search} onSearch={(text) => go([current], { search: text }, true)} />
      </div>
      <div class="rollout-columns">
        <GroupList
          key={`${current}/${filter}/${order}/${search}`}
          run={run.id}
          source={current}
          filter={filter}
          order={order}
          search={search}
          open={group}
          onOpen={(number) => go([current, number])}
        />
        {group === undefined ? null : (
          <GroupView
            key={`${current}/${group}`}
            run={run.id}
            source={current}
            group={group}
            filter={filter}
            onClose={() => go([current])}
            onFollow={(question) => navigate(href(['runs', run.id, 'rollouts', current], { question }))}
          />
        )}
      </div>
    </div>
  )
}

function SearchBox({ search, onSearch }: { search: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(search)
  useEffect(() => {
    if (text === search) return
    const timer = setTimeout(() => onSearch(text), 300)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        aria-label="Search questions and responses"
        placeholder="Search text"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
    </label>
  )
}

/** The step asked for where its responses are kept, else the nearest; the newest where none was asked for. */
function nearest(
  { sources: { evaluations, steps } }: RunDetails,
  source: string | undefined,
): string | undefined {
  if (source !== undefined && evaluations.includes(source)) return source
  const wanted = Number(source)
  if (source === undefined || !Number.isFinite(wanted)) return steps.at(-1)?.toString() ?? evaluations.at(-1)
  const found = steps.reduce<number | undefined>(
    (best, step) => (best === undefined || Math.abs(step - wanted) < Math.abs(best - wanted) ? step : best),
    undefined,
  )
  return found?.toString() ?? evaluations.at(-1)
}

/** A menu of 100,000 steps is none: those around the present one, and some between the ends. */
function shownSteps(steps: readonly number[], place: number): number[] {
  if (steps.length <= 200) return [...steps]
  const stride = Math.ceil(steps.length / 100)
  return steps.filter((_, i) => i % stride === 0 || i === steps.length - 1 || Math.abs(i - place) <= 20)
}

const known = (value: string, standard: string) => (value === standard ? undefined : value)
