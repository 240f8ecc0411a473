/** What people write about a run: a text and tags, kept in its folder. */
import { useState } from 'preact/hooks'
import type { RunDetails, RunNotes, ServerAbilities } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { send, useJson } from '../fetch.ts'
import { Problem } from '../ui.tsx'

export function Notes({ run }: { run: RunDetails }) {
  const { value: abilities } = useJson<ServerAbilities>('/abilities')
  const [saved, setSaved] = useState<RunNotes>(run.notes)
  const [draft, setDraft] = useState<{ text: string; tags: string }>()
  const [problem, setProblem] = useState<string>()
  const save = async () => {
    const notes: RunNotes = {
      text: draft!.text.trim(),
      tags: [...new Set(draft!.tags.split(',').flatMap((tag) => (tag.trim() === '' ? [] : [tag.trim()])))],
    }
    try {
      setSaved(await send<RunNotes>('PUT', `/runs/${encodeURIComponent(run.id)}/notes`, notes))
      setDraft(undefined)
      setProblem(undefined)
    } catch (error) {
      setProblem((error as Error).message)
    }
  }
  if (draft !== undefined)
    return (
      <form
        class="notes"
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <textarea
          rows={2}
          aria-label="Notes"
          placeholder="What is this run about?"
          value={draft.text}
          onInput={(event) => setDraft({ ...draft, text: event.currentTarget.value })}
        />
        <input
          aria-label="Tags"
          placeholder="tags, with commas between"
          value={draft.tags}
          onInput={(event) => setDraft({ ...draft, tags: event.currentTarget.value })}
        />
        <button type="submit" class="button primary">
          Keep
        </button>
        <button type="button" class="ghost" onClick={() => setDraft(undefined)}>
          Cancel
        </button>
        <Problem text={problem} />
      </form>
    )
  const empty = saved.text === '' && saved.tags.length === 0
  if (empty && !abilities?.notes) return null
  return (
    <p class="notes">
      {saved.tags.map((tag) => (
        <span key={tag} class="tag">
          {visible(tag)}
        </span>
      ))}
      {saved.text === '' ? null : <span>{visible(saved.text)}</span>}
      {abilities?.notes ? (
        <button
          type="button"
          class="ghost"
          onClick={() => setDraft({ text: saved.text, tags: saved.tags.join(', ') })}
        >
          {empty ? 'Add a note or tags' : 'Edit'}
        </button>
      ) : null}
    </p>
  )
}
