/** Learning-rate schedules as factors of the peak: linear warm-up, then constant, cosine or linear decay. */
export interface Schedule {
  warmupSteps: number
  decay: 'constant' | 'cosine' | 'linear'
  /** Where a decay ends, as a share of the peak. */
  finalShare: number
}

/** The factor for update `step` (from 0) of `steps`. */
export function scheduleFactor(
  { warmupSteps, decay, finalShare }: Schedule,
  step: number,
  steps: number,
): number {
  if (step < warmupSteps) return (step + 1) / warmupSteps
  if (decay === 'constant') return 1
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - 1 - warmupSteps))
  const left = decay === 'linear' ? 1 - progress : 0.5 * (1 + Math.cos(Math.PI * progress))
  return finalShare + (1 - finalShare) * left
}
