/** AdamW with decoupled weight decay (arXiv 1711.05101), after clipping by the global L2 norm. */
export interface AdamW {
  learningRate: number
  beta1: number
  beta2: number
  epsilon: number
  /** Applied to matrices only, not to norm gains and biases. */
  weightDecay: number
  /** The gradient is scaled down to this norm where it is larger; 0 means no clipping. */
  gradientClipNorm: number
  /** How far an update moves the bias that evens out experts' loads (arXiv 2412.19437); 0 or nothing leaves it alone. */
  expertBiasSpeed?: number
}
