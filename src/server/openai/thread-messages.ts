/** What the server and the thread of a model say to each other. */
import type { SampledSequence, SampleRequest, TokenLogprob } from '../../engine/engine.ts'
import type { Frozen } from '../../model/lora.ts'

/** What a thread is started with: the model, and how it keeps its matrices. */
export interface ThreadData {
  path: string
  frozen: Frozen | undefined
}

export type ToThread =
  | { kind: 'sample'; id: number; request: Omit<SampleRequest, 'signal' | 'onToken'>; tell: boolean }
  | { kind: 'encode'; id: number; text: string; specialTokens: boolean; most: number }
  /** Of a sampling; what it has is its answer. */
  | { kind: 'abort'; id: number }

export type FromThread =
  | { kind: 'open'; maxPositions: number; vocabularySize: number }
  | { kind: 'tokens'; tokens: ToldToken[] }
  | { kind: 'done'; id: number; result: SampledSequence[] | Int32Array | undefined }
  /** `mistake`: the caller's, a sentence for them. */
  | { kind: 'failed'; id: number; message: string; mistake: boolean }

export interface ToldToken extends TokenLogprob {
  /** Of the request. */
  id: number
  sample: number
  likeliest: readonly TokenLogprob[]
}
