/** Starts a run of R1-Zero on this machine, where the server lets the page do so. */
import { useRef, useState } from 'preact/hooks'
import type { StartedTraining } from '../../../src/server/dashboard/api.ts'
import { send } from '../fetch.ts'
import { href, navigate } from '../router.ts'
import { Problem } from '../ui.tsx'

export function StartRun({ presets }: { presets: readonly string[] }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [preset, setPreset] = useState(presets[0] ?? '')
  const [seed, setSeed] = useState('1')
  const [settings, setSettings] = useState('')
  const [problem, setProblem] = useState<string>()
  const [busy, setBusy] = useState(false)
  const start = async () => {
    setBusy(true)
    setProblem(undefined)
    const set = settings.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]))
    const training: StartedTraining = { preset, seed: Number(seed), set }
    try {
      const { id } = await send<{ id: string }>('POST', '/trainings', training)
      dialog.current?.close()
      navigate(href(['runs', id]))
    } catch (error) {
      setProblem((error as Error).message)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <button type="button" class="button" onClick={() => dialog.current?.showModal()}>
        New run
      </button>
      <dialog ref={dialog} class="card dialog" aria-label="New run">
        <form
          class="stack"
          onSubmit={(event) => {
            event.preventDefault()
            void start()
          }}
        >
          <h2>R1-Zero on this machine</h2>
          <label class="field">
            <span>Preset</span>
            <select value={preset} onChange={(event) => setPreset(event.currentTarget.value)}>
              {presets.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            <span>Seed</span>
            <input
              type="number"
              min="0"
              step="1"
              required
              value={seed}
              onInput={(event) => setSeed(event.currentTarget.value)}
            />
          </label>
          <label class="stacked-field">
            <span class="muted">Settings, one a line</span>
            <textarea
              rows={4}
              class="mono"
              placeholder="grpo.learningRate=1e-4"
              value={settings}
              onInput={(event) => setSettings(event.currentTarget.value)}
            />
          </label>
          <Problem text={problem} />
          <div class="actions">
            <button type="submit" class="button primary" disabled={busy}>
              {busy ? 'Starting …' : 'Start'}
            </button>
            <button type="button" class="ghost" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </div>
        </form>
      </dialog>
    </>
  )
}
