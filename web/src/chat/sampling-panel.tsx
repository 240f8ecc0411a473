/** The sampling settings of a conversation; the defaults are the paper's. */
import type { Sampling } from './conversation.ts'

export function SamplingPanel({
  sampling,
  onChange,
}: {
  sampling: Sampling
  onChange: (sampling: Sampling) => void
}) {
  const number = (
    key: 'temperature' | 'topP' | 'maxTokens',
    label: string,
    min: number,
    max: number,
    step: number,
  ) => (
    <label class="field">
      <span>{label}</span>
      <input
        type="number"
        min={min}
        max={max}
        step={step}
        value={sampling[key]}
        onChange={(event) => {
          const value = event.currentTarget.valueAsNumber
          if (Number.isFinite(value)) onChange({ ...sampling, [key]: Math.min(max, Math.max(min, value)) })
        }}
      />
    </label>
  )
  return (
    <div class="card sampling-panel">
      {number('temperature', 'Temperature', 0, 2, 0.05)}
      {number('topP', 'Top-p', 0.01, 1, 0.01)}
      {number('maxTokens', 'Longest reply, tokens', 1, 131_072, 1)}
      <label class="field">
        <span>Seed</span>
        <input
          inputMode="numeric"
          placeholder="fresh each time"
          value={sampling.seed}
          onChange={(event) => onChange({ ...sampling, seed: event.currentTarget.value.replace(/\D/g, '') })}
        />
      </label>
      <label class="field wide">
        <span>System message</span>
        <input
          placeholder="none, as the paper advises"
          value={sampling.system}
          onChange={(event) => onChange({ ...sampling, system: event.currentTarget.value })}
        />
      </label>
    </div>
  )
}
