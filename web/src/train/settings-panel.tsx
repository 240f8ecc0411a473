/** Sliders that take effect at the next step, and a link that holds them. */
import { useState } from 'preact/hooks'
import { compact } from '../format.ts'
import { toClipboard } from '../ui.tsx'
import { DEFAULTS, SLIDERS, type Slider, type TabSettings, toQuery } from './settings.ts'

export function SettingsPanel({
  settings,
  onChange,
}: {
  settings: TabSettings
  onChange: (settings: TabSettings) => void
}) {
  const [copied, setCopied] = useState(false)
  // Another seed or other problems would be another run.
  const { seed, heldOut } = settings
  return (
    <section class="card panel" aria-label="Settings">
      <div class="heading small">
        <div>
          <h2>Settings</h2>
          <p class="muted">A change takes effect at the next step.</p>
        </div>
        <div class="actions">
          <button
            type="button"
            class="ghost"
            onClick={async () => {
              setCopied(await toClipboard(linkTo(settings)))
              setTimeout(() => setCopied(false), 2000)
            }}
          >
            {copied ? 'Copied' : 'Copy a link'}
          </button>
          <button type="button" class="ghost" onClick={() => onChange({ ...DEFAULTS, seed, heldOut })}>
            Defaults
          </button>
        </div>
      </div>
      <div class="sliders">
        {SLIDERS.map((slider) => (
          <SettingSlider
            key={slider.key}
            slider={slider}
            value={settings[slider.key]}
            onChange={(value) => onChange({ ...settings, [slider.key]: value })}
          />
        ))}
      </div>
    </section>
  )
}

export function linkTo(settings: TabSettings): string {
  const query = toQuery(settings)
  return `${location.href.replace(/[#].*$/, '')}${query === '' ? '' : `#${query}`}`
}

function SettingSlider({
  slider: { key, label, explanation, values },
  value,
  onChange,
}: {
  slider: Slider
  value: number
  onChange: (value: number) => void
}) {
  // A link may hold a value between two of the slider's.
  const all = values.includes(value) ? values : [...values, value].sort((a, b) => a - b)
  return (
    <div class="setting">
      <label for={`set-${key}`}>{label}</label>
      <output class="number">{key === 'learningRate' ? value.toExponential() : compact(value)}</output>
      <input
        id={`set-${key}`}
        type="range"
        min="0"
        max={all.length - 1}
        step="1"
        value={all.indexOf(value)}
        aria-valuetext={String(value)}
        aria-describedby={`about-${key}`}
        onInput={(event) => onChange(all[Number(event.currentTarget.value)]!)}
      />
      <span class="muted" id={`about-${key}`}>
        {explanation}
      </span>
    </div>
  )
}
