/** R1-Zero in the reader's own tab: controls, curves, responses, rewards, and what one keeps. */
import { useEffect, useState } from 'preact/hooks'
import { megabytes } from '../../../src/disk/limits.ts'
import { duration, percent } from '../format.ts'
import { Mark } from '../icons.tsx'
import { ThemeSwitch } from '../theme.tsx'
import { Problem } from '../ui.tsx'
import { Ask } from './ask.tsx'
import { Recorded } from './recorded.tsx'
import { RewardEditor } from './reward-editor.tsx'
import { fromQuery, type TabSettings, TEN_MINUTES } from './settings.ts'
import { linkTo, SettingsPanel } from './settings-panel.tsx'
import { secondsLeft, type TrainingState } from './training-state.ts'
import { type Training, useTraining } from './use-training.ts'
import { Views } from './views.tsx'

export function TrainPage() {
  const [settings, setSettings] = useState(() => fromQuery(new URLSearchParams(location.hash.slice(1))))
  const training = useTraining(settings)
  const { state, send } = training
  const { restored } = state
  useEffect(() => {
    if (restored !== undefined) setSettings(restored.settings)
  }, [restored])
  const change = (next: TabSettings) => {
    setSettings(next)
    history.replaceState(null, '', linkTo(next))
    send({ do: 'settings', settings: next })
  }
  return (
    <div class="tab-frame">
      <header class="tab-head">
        <a class="brand" href="../" aria-label="r1">
          <Mark />
        </a>
        <ThemeSwitch />
      </header>
      <main id="main" class="page wide">
        <div class="heading">
          <div>
            <h1>R1-Zero in your browser</h1>
            <p class="muted">
              A small language model learns to reason by trying, on your own machine. A rule tells it whether
              its answer is right, and nobody shows it a solution.
            </p>
          </div>
        </div>
        {state.status === 'unable' ? (
          <Recorded unable={state.unable!} />
        ) : (
          <>
            <Controls training={training} settings={settings} onChange={change} />
            <Views state={state}>
              <SettingsPanel settings={settings} onChange={change} />
              <RewardEditor
                key={restored === undefined ? 'new' : 'known'}
                state={state}
                code={restored?.reward}
                onUse={(code) => send({ do: 'reward', code })}
              />
              <Ask state={state} onAsk={(id, question) => send({ do: 'ask', id, question })} />
              <Keep training={training} />
            </Views>
          </>
        )}
      </main>
    </div>
  )
}

const PHASES = {
  measuring: 'answering held-out problems',
  sampling: 'writing responses',
  scoring: 'scoring them, and comparing with the base',
  training: 'learning from them',
  saving: 'keeping a checkpoint in this browser',
} as const

function Controls({
  training,
  settings,
  onChange,
}: {
  training: Training
  settings: TabSettings
  onChange: (settings: TabSettings) => void
}) {
  const { state, send, reset } = training
  const { status, step, device, problem, saved } = state
  const { steps } = settings
  const running = status === 'running'
  const left = secondsLeft(state, steps)
  return (
    <section class="card panel controls-panel" aria-label="Training">
      <div class="actions">
        {running ? (
          <button type="button" class="button primary" onClick={() => send({ do: 'pause' })}>
            Pause
          </button>
        ) : (
          <button
            type="button"
            class="button primary"
            disabled={status === 'loading' || step >= steps}
            onClick={() => send({ do: 'train', one: false })}
          >
            {step === 0 && status !== 'paused' ? 'Start' : 'Continue'}
          </button>
        )}
        <button
          type="button"
          class="button"
          disabled={running || status === 'loading' || step >= steps}
          onClick={() => send({ do: 'train', one: true })}
        >
          One step
        </button>
        <button
          type="button"
          class="button"
          disabled={status === 'loading' || status === 'ready'}
          onClick={() => reset({ ...settings })}
        >
          Reset
        </button>
        <span class="grow" />
        <span class="muted">{device === undefined ? 'Loading the model …' : device.name}</span>
      </div>
      <div
        class="track"
        role="progressbar"
        aria-label="Steps"
        aria-valuemin={0}
        aria-valuemax={steps}
        aria-valuenow={step}
      >
        <span style={{ width: `${Math.min(100, (100 * step) / steps)}%` }} />
      </div>
      <p class="number" role="status">
        {summary(state, steps)}
        {running && left !== undefined ? ` · about ${duration(left)} left` : ''}
        {saved === undefined
          ? ''
          : ` · step ${saved.step} is kept in this browser, ${megabytes(saved.bytes)}`}
      </p>
      {device?.software ? (
        <div class="actions">
          <p class="muted grow">
            This is a program on the processor in the place of a GPU. It learns the same, and takes much
            longer.
          </p>
          {step > 0 ? null : (
            <button type="button" class="button" onClick={() => onChange({ ...settings, ...TEN_MINUTES })}>
              Settings for ten minutes
            </button>
          )}
        </div>
      ) : null}
      <Problem text={problem} />
    </section>
  )
}

function summary({ status, step, phase, figures, measured }: TrainingState, steps: number): string {
  if (status === 'loading') return 'Loading the model …'
  if (status === 'ready') return `Ready: ${steps} steps. The first one compiles the model for your GPU.`
  const accuracy = figures.at(-1)?.metrics.accuracy
  const heldOut = measured.at(-1)
  const known = [
    `Step ${step} of ${steps}`,
    ...(accuracy === undefined ? [] : [`${percent(accuracy)} right in training`]),
    ...(heldOut === undefined ? [] : [`${percent(heldOut.pass1)} held out`]),
  ]
  const now = status === 'running' && phase !== undefined ? PHASES[phase] : status
  return `${known.join(' · ')} · ${now}`
}

function Keep({ training: { state, send } }: { training: Training }) {
  const ready = state.status !== 'loading'
  return (
    <section class="card panel" aria-label="Keep it">
      <div>
        <h2>Keep it</h2>
        <p class="muted">
          The model is a folder that <code>r1 eval</code>, <code>r1 serve</code> and transformers open. The
          run is a folder that <code>r1 dashboard</code> opens. Unpack the zip first.
        </p>
      </div>
      <div class="actions">
        <button
          type="button"
          class="button"
          disabled={!ready}
          onClick={() => send({ do: 'keep', what: 'model' })}
        >
          Keep the model
        </button>
        <button
          type="button"
          class="button"
          disabled={!ready}
          onClick={() => send({ do: 'keep', what: 'run' })}
        >
          Keep the run
        </button>
      </div>
    </section>
  )
}
