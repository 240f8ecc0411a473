/** What the page and the worker that trains say to each other. */
import type { GrpoStep } from '../../../src/algorithms/grpo.ts'
import type { Question } from '../../../src/tasks/task.ts'
import type { TabSettings } from './settings.ts'

export type Command =
  | { do: 'open'; settings: TabSettings }
  /** Trains until it is paused, or `one` step. */
  | { do: 'train'; one: boolean }
  | { do: 'pause' }
  | { do: 'settings'; settings: TabSettings }
  /** TypeScript that exports `reward`; undefined takes the reward of one's own away. */
  | { do: 'reward'; code: string | undefined }
  | { do: 'ask'; id: number; question: string }
  | { do: 'keep'; what: 'model' | 'run' }

/** What the present second is spent on. */
export type Phase = 'measuring' | 'sampling' | 'scoring' | 'training' | 'saving'

export interface Device {
  name: string
  /** A program on the CPU that stands in for a GPU. */
  software: boolean
}

export interface TabResponse {
  text: string
  right: boolean
  truncated: boolean
  rewards: Record<string, number | null>
  reward: number
  advantage: number
  /** Its tokens as text, with log π of each as it was sampled, and after the update that learned from it. */
  pieces: string[]
  before: number[]
  after: number[]
}

/** The first question of a step and its responses. */
export interface TabGroup {
  step: number
  question: Question
  /** The prompt as the model reads it. */
  rendered: string
  responses: TabResponse[]
}

export interface Measured {
  step: number
  pass1: number
  meanTokens: number
  formatShare: number
  /** One response to each held-out problem. */
  problems: { prompt: string; answer: string; text: string; right: boolean }[]
}

export type StepFigures = Pick<GrpoStep, 'step' | 'timing'> & { metrics: Record<string, number> }

export type TabEvent =
  | { is: 'ready'; device: Device; step: number; settings: TabSettings; reward: string | undefined }
  /** Why it cannot train: without WebGPU, or for a reason of its own. */
  | { is: 'unable'; webgpu: boolean; reason: string }
  | { is: 'phase'; phase: Phase; step: number }
  | { is: 'writing'; prompt: string; texts: string[]; done: number; total: number }
  | { is: 'group'; group: TabGroup }
  | { is: 'step'; figures: StepFigures }
  | { is: 'measured'; measured: Measured }
  | { is: 'paused'; step: number }
  | { is: 'finished'; step: number }
  | { is: 'saved'; step: number; bytes: number }
  /** The reward of one's own: in force, with the last group scored by it, or what is wrong with it. */
  | { is: 'reward'; name: string | undefined; group: TabGroup | undefined }
  | { is: 'rewardProblem'; message: string; line: number | undefined }
  | { is: 'answer'; id: number; text: string; done: boolean }
  | { is: 'kept'; name: string; zip: Uint8Array<ArrayBuffer> }
  | { is: 'problem'; message: string }
