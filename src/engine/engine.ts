/**
 * The seam: everything above this folder speaks to a model only through these verbs, the ones that Thinking
 * Machines' Tinker API made common. Engines know token ids and nothing of text.
 */
import type { AdamW } from '../objectives/adamw.ts'
import type { Objective } from '../objectives/objective.ts'

/** Why a sequence ended: a stop token, the length limit, or the caller's abort signal. */
export type StopReason = 'stop' | 'length' | 'aborted'

export interface SamplingOptions {
  /** At most this many new tokens. */
  maxTokens: number
  /** 0 is greedy. */
  temperature: number
  /** Nucleus: the smallest set of tokens whose probability reaches this; 1 keeps all. */
  topP?: number
  /** Keep the k most likely tokens; 0 keeps all. */
  topK?: number
  /** A token of this list ends the sequence; it is kept as the last token. */
  stopTokens: readonly number[]
}

export interface SampleRequest {
  prompt: Int32Array
  /** How many responses to this prompt (the paper's G); they share the prompt's prefill. */
  samples: number
  /** Response i of this request depends on (seed, i) alone, not on what else is in the batch. */
  seed: number
  options: SamplingOptions
  signal?: AbortSignal
  /** How many of the likeliest tokens `onToken` is told beside the drawn one; none by default. */
  alternatives?: number
  /** Called for each new token, for streaming. */
  onToken?: (sample: number, token: number, logprob: number, likeliest: readonly TokenLogprob[]) => void
}

export interface TokenLogprob {
  token: number
  /** Under the untempered distribution. */
  logprob: number
}

export interface SampledSequence {
  /** New tokens only. */
  tokens: Int32Array
  /** log π(token) under the model's untempered distribution: what the training graph would say. */
  logprobs: Float32Array
  /** log-probability under the distribution drawn from (temperature, top-p, top-k applied). */
  samplingLogprobs: Float32Array
  stopReason: StopReason
}

/** Something that can be sampled and scored: the live weights, or a frozen snapshot of them. */
export interface Policy {
  /** `result[r][s]` is sample s of request r. */
  sample(requests: readonly SampleRequest[]): Promise<SampledSequence[][]>
  /**
   * log π of each token given those before it, for tokens 1..n-1 of each sequence (length n - 1). An engine that knows how long
   * their prompts are may compute a prompt that several of them share once.
   */
  logprobs(sequences: readonly Int32Array[], promptLengths?: readonly number[]): Promise<Float32Array[]>
}

/** One training sequence. The arrays are aligned with tokens 1..n-1 (entry i is about predicting token i + 1). */
export interface Datum {
  tokens: Int32Array
  /** Weight of each prediction; 0 for prompt tokens. */
  weights: Float32Array
  /** Further per-token inputs that the objective names, e.g. `advantages`, `oldLogprobs`, `referenceLogprobs`. */
  inputs?: Record<string, Float32Array>
}

export interface ForwardBackwardResult {
  /** The objective's value for this batch, in the objective's own normalisation. */
  loss: number
  /** log π of tokens 1..n-1 of each datum, before the update. */
  logprobs: Float32Array[]
  /** Mean entropy of the predicted distributions over tokens of nonzero weight, in nats. */
  entropy: number
  /** Statistics the objective reports (clip share, KL, …), averaged over tokens of nonzero weight. */
  statistics: Record<string, number>
}

export interface OptimStepResult {
  /** Global L2 norm of the gradient before clipping. */
  gradientNorm: number
  /** L2 norm of the update over that of the trained weights, where the engine has both. */
  updateSize?: number
  /** The gradient was not finite: weights and AdamW's state stay as they were. */
  dropped?: boolean
  /** Tokens of each expert since the last update over their mean, [layer][expert], where the model has experts. */
  expertLoad?: number[][]
}

export interface SaveOptions {
  optimizer?: boolean
  /** How the weights are stored; F32 by default, which alone resumes exactly. */
  dtype?: 'F32' | 'F16' | 'BF16'
  /** Where adapters are trained: the whole model with them merged in, and not the adapters alone. */
  merged?: boolean
}

export interface Snapshot extends Policy {
  /** Writes the frozen weights as a Hugging Face folder. */
  save(folder: string): Promise<void>
  close(): void
}

export interface Engine extends Policy {
  /** Accumulates the gradient of `objective` over `batch`: Σ weight · loss, which nothing divides. */
  forwardBackward(batch: readonly Datum[], objective: Objective): Promise<ForwardBackwardResult>
  /** Applies AdamW to the accumulated gradient and clears it. */
  optimStep(adamw: AdamW): Promise<OptimStepResult>
  /** A frozen copy of the weights: the reference policy, an old policy. */
  snapshot(): Promise<Snapshot>
  /** A snapshot of weights in a folder, of a model of the same shape. */
  loadSnapshot(folder: string): Promise<Snapshot>
  /** Writes weights, config and tokenizer as a Hugging Face folder; with `optimizer`, its state too. */
  save(folder: string, options?: SaveOptions): Promise<void>
  /** Restores what `save` wrote into this engine. */
  load(folder: string, options?: { optimizer?: boolean }): Promise<void>
  close(): void
}
