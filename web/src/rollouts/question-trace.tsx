/** One problem through the whole run: how its responses fared at each step and evaluation that asked it. */
import { useEffect, useState } from 'preact/hooks'
import type { QuestionTrace as Found, RolloutGroup, RunDetails } from '../../../src/server/dashboard/api.ts'
import { streamLines } from '../fetch.ts'
import { percent, whole } from '../format.ts'
import { Icon } from '../icons.tsx'
import { href } from '../router.ts'
import { Problem } from '../ui.tsx'
import { Marks } from './group-list.tsx'

export function QuestionTrace({ run, question }: { run: RunDetails; question: string }) {
  const [found, setFound] = useState<{ source: string; group: RolloutGroup }[]>([])
  const [progress, setProgress] = useState({ searched: 0, of: 1 })
  const [error, setError] = useState<string>()
  useEffect(() => {
    const abort = new AbortController()
    const path = `/runs/${encodeURIComponent(run.id)}/questions?id=${encodeURIComponent(question)}`
    const read = async () => {
      for await (const line of streamLines<Found>(path, abort.signal)) {
        if ('source' in line) setFound((before) => [...before, line])
        else setProgress(line)
      }
    }
    read().catch((reason: Error) => abort.signal.aborted || setError(reason.message))
    return () => abort.abort()
  }, [question])
  const ordered = [...found].sort((a, b) => place(a.source) - place(b.source))
  const searching = progress.searched < progress.of
  return (
    <section class="trace">
      <a class="back" href={href(['runs', run.id, 'rollouts'])}>
        <Icon name="left" />
        All questions
      </a>
      <h2 class="question-text">{found[0]?.group.prompt ?? question}</h2>
      <p class="muted" aria-live="polite">
        {found.length === 0 && !searching ? 'Nothing in this run asks it.' : null}
        {found.length > 0
          ? `Reference answer ${found[0]!.group.answer} · asked ${found.length === 1 ? 'once' : `${found.length} times`}`
          : null}
        {searching ? ` · searched ${progress.searched} of ${progress.of} files` : null}
      </p>
      <Problem text={error} />
      <ol class="trace-list">
        {ordered.map(({ source, group }) => {
          const right = group.marks.filter((mark) => mark.right).length / group.marks.length
          return (
            <li key={`${source}/${group.group}`}>
              <a class="card trace-item" href={href(['runs', run.id, 'rollouts', source, group.group])}>
                <b>{/^\d+$/.test(source) ? `step ${source}` : source}</b>
                <Marks group={group} />
                <span class="track">
                  <span style={{ width: `${100 * right}%` }} />
                </span>
                <span class="number">{percent(right, 0)} right</span>
                <span class="muted number">
                  {whole(group.marks.reduce((sum, { tokens }) => sum + tokens, 0) / group.marks.length)}{' '}
                  tokens
                </span>
              </a>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

/** The base before every step, the trained model after them. */
function place(source: string): number {
  if (source.startsWith('base')) return -1
  const step = /^(?:step-)?(\d+)$/.exec(source)
  return step === null ? Number.POSITIVE_INFINITY : Number(step[1])
}
