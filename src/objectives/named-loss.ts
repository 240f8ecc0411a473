/** Losses that have a common name, so that an engine that knows the name need not be sent coefficients. */
export type NamedLoss =
  /** −log π_θ */
  | { name: 'cross_entropy' }
  /** −ρA, from the inputs `oldLogprobs` and `advantages` */
  | { name: 'importance_sampling' }
  /** ppo: −min(ρA, clip(ρ, low, high) A); cispo: −sg(clip(ρ, low, high)) A log π_θ */
  | { name: 'ppo' | 'cispo'; low: number; high: number }
