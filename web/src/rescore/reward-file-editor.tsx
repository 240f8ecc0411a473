/** The reward file as it is, and as it is written here; either side may change it. */
import { useEffect, useState } from 'preact/hooks'
import type { RewardFile } from '../../../src/server/dashboard/api.ts'
import { visible } from '../../../src/text/visible.ts'
import { CodeEditor } from '../code-editor.tsx'
import { send } from '../fetch.ts'
import { Problem } from '../ui.tsx'

/** What is written here and not, or not yet, in the file. */
interface Draft {
  code: string
  /** Of the file that it began with, or that it was saved as. */
  version: string
  /** Of the file before it was saved: the page still has that one for a moment. */
  replaced?: string
}

export function RewardFileEditor({ file, problem }: { file: RewardFile; problem: string | undefined }) {
  const [draft, setDraft] = useState<Draft>()
  const [refused, setRefused] = useState<string>()
  useEffect(() => {
    if (draft?.code === file.code) setDraft(undefined)
  }, [file, draft])
  const overtaken = draft !== undefined && ![draft.version, draft.replaced].includes(file.version)
  const save = async () => {
    if (draft === undefined) return
    try {
      const { version } = await send<RewardFile>('PUT', '/reward', {
        code: draft.code,
        version: file.version,
      })
      setDraft((now) => now && { ...now, version, replaced: file.version })
      setRefused(undefined)
    } catch (error) {
      setRefused((error as Error).message)
    }
  }
  return (
    <form
      class="card panel"
      aria-label="The reward's file"
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
      onKeyDown={(event) => {
        if (event.key !== 's' || !(event.ctrlKey || event.metaKey)) return
        event.preventDefault()
        void save()
      }}
    >
      <div>
        <h2 class="mono">{visible(file.path)}</h2>
        <p class="muted">Write here or in an editor of yours: responses are scored again once it is saved.</p>
      </div>
      <CodeEditor
        label="Code of the reward"
        code={draft?.code ?? file.code}
        onInput={(code) => setDraft({ version: file.version, ...draft, code })}
        wrongLine={problem === undefined ? undefined : lineOf(problem)}
        problem={problem && 'reward-problem'}
      />
      {problem === undefined ? null : (
        <p id="reward-problem" class="problem" role="alert">
          {problem}
        </p>
      )}
      <Problem text={refused} />
      {overtaken ? (
        <p class="notice" role="status">
          The file has changed since you began to write here. Saving replaces it.
        </p>
      ) : null}
      <div class="actions">
        <button type="submit" class="button primary" disabled={draft === undefined}>
          Save
        </button>
        <button
          type="button"
          class="ghost"
          disabled={draft === undefined}
          onClick={() => setDraft(undefined)}
        >
          Discard
        </button>
      </div>
    </form>
  )
}

/** Where the compiler names one: `short.ts:3:14`. */
function lineOf(problem: string): number | undefined {
  const line = /\.[cm]?[jt]s:(\d+):\d+/.exec(problem)?.[1]
  return line === undefined ? undefined : Number(line)
}
