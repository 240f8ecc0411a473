/** What the dashboard's routes answer, for the server and the page alike. Types only. */
import type { Finding } from '../../doctor/rule.ts'
import type { EvaluationResult } from '../../evaluation/result.ts'
import type { Rescored } from '../../report/rescore.ts'
import type { RunStatus } from '../../run/folder.ts'

export interface RunRow {
  id: string
  status: RunStatus
  recipe: string | null
  seed: number | null
  model: string | null
  task: string | null
  created: string | null
  /** Of the newest line of metrics. */
  step: number | null
  /** Planned. */
  steps: number | null
  /** Every figure of the newest step, of the newest evaluation on held-out questions, and of the first one: the base. */
  latest: RunFigures
  heldOut: RunFigures
  base: RunFigures
  /** When the newest line of metrics was written. */
  updated: string | null
  /** Of a running run, at the pace of its last steps; null before there is one. */
  secondsLeft: number | null
  notes: RunNotes
  /** Of a broken run. */
  problem?: string
}

export type RunFigures = Record<string, number>

/** What people write about a run, kept in its folder. */
export interface RunNotes {
  text: string
  tags: string[]
}

/** What the server lets the page do. */
export interface ServerAbilities {
  /** Notes can be kept. */
  notes: boolean
  /** Runs can be started, stopped and resumed: `--allow-training`. */
  training: boolean
  /** Named sets of settings to start from, the usual one first. */
  presets: string[]
  /** Stored responses can be scored by another reward: `--reward`. */
  reward: boolean
}

/** The file of `--reward`. */
export interface RewardFile {
  path: string
  code: string
  version: string
}

/** What the reward file makes of a step's responses, or what is wrong with the file. */
export interface RescoredResponses {
  step: number
  /** Without the run's own rewards. */
  alone: boolean
  /** Of the file. */
  version: string
  rescored?: Rescored
  problem?: string
}

/** A run of R1-Zero to start. */
export interface StartedTraining {
  preset: string
  seed: number
  /** `setting=value`, as `--set` takes them. */
  set: string[]
}

export interface RunDetails extends RunRow {
  /** The run whose checkpoint it began with, where it is a fork of one on this page. */
  fork: { run: string; step: number } | null
  version: string
  settings: { path: string; value: unknown; source: string }[]
  /** Where responses are kept: evaluations by name first, then training steps. */
  sources: { evaluations: string[]; steps: number[] }
  /** `evaluations/<name>.json`. */
  results: Record<string, Record<string, unknown>>
  seconds: number | null
  /** Of a stopped run: the command that continues it. */
  resume: string | null
}

/** What the doctor has found in a run, in order. */
export interface RunFindings {
  findings: Finding[]
}

/** Down-sampled; `min` and `max` are there where a point stands for several steps. */
export interface SeriesWindow {
  x: number[]
  series: Record<string, Series>
}

export interface Series {
  mean: (number | null)[]
  min?: (number | null)[]
  max?: (number | null)[]
}

export interface RunSeries {
  version: string
  /** Share of the files that is read; below 1 the rest follows on the next request. */
  read: number
  status: RunStatus
  firstStep: number | null
  lastStep: number | null
  rows: number
  keys: { steps: string[]; timing: string[]; evaluations: string[] }
  steps: SeriesWindow
  timing: SeriesWindow
  evaluations: SeriesWindow
}

export type RolloutFilter = 'all' | 'right' | 'wrong' | 'truncated' | 'mixed'
export type RolloutOrder = 'file' | 'longest' | 'hardest' | 'easiest' | 'contested'

export interface RolloutMark {
  sample: number
  right: boolean
  truncated: boolean
  mixed: boolean
  tokens: number
  reward: number
  advantage: number | null
}

export interface RolloutGroup {
  group: number
  question: string
  /** Its beginning. */
  prompt: string
  answer: string
  marks: RolloutMark[]
}

export interface RolloutList {
  /** Share of the file that is indexed; below 1 the list grows on the next request. */
  read: number
  /** Groups known so far, and those that pass the filter. */
  total: number
  matching: number
  groups: RolloutGroup[]
  /** Where the next request continues, in the order asked for; null at the end. */
  next: number | null
  /** Of all responses known so far. */
  summary: { responses: number; right: number; truncated: number; mixed: number; meanTokens: number }
}

export interface RolloutResponse extends RolloutMark {
  rewards: Record<string, number | null>
  /** At most 20,000 characters. */
  text: string
  characters: number
  hasLogprobs: boolean
  hasReference: boolean
}

export interface RolloutGroupDetails {
  group: number
  question: string
  prompt: string
  answer: string
  responses: RolloutResponse[]
}

/** A window of a response's tokens. */
export interface TokenWindow {
  total: number
  offset: number
  /** The text each token completes. */
  pieces: string[]
  logprobs: (number | null)[]
  /** log π of the reference policy. */
  reference: number[] | null
}

/** One line of the answer that streams while files are searched. */
export type QuestionTrace = { source: string; group: RolloutGroup } | { searched: number; of: number }

export interface EvaluationList {
  evaluations: { id: string; result: EvaluationResult; graded: boolean }[]
  /** Grouped bars in the manner of the paper's Figure 1, as SVG; null where nothing has a figure in percent. */
  figure: string | null
}

export interface GradedProblem {
  id: string
  prompt: string | null
  answer: string | null
  passRate: number | null
  samples: { correct: boolean; tokens: number; truncated: boolean; extracted: string | null }[]
}

export interface GradedResponse {
  sample: number
  correct: boolean
  extracted: string | null
  reason: string
  tokens: number
  truncated: boolean
  text: string | null
}
