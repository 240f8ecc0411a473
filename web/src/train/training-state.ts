/** What the page knows of the training: everything that the worker, or a recorded run, has told it. */
import type { Device, Measured, Phase, StepFigures, TabEvent, TabGroup } from './messages.ts'
import type { TabSettings } from './settings.ts'

export type Status = 'loading' | 'unable' | 'ready' | 'running' | 'paused' | 'finished'

export interface TrainingState {
  status: Status
  device: Device | undefined
  /** Why it cannot train, and whether the browser has WebGPU. */
  unable: { webgpu: boolean; reason: string } | undefined
  /** Updates done. */
  step: number
  phase: Phase | undefined
  /** What is being written now. */
  writing: { prompt: string; texts: readonly string[]; done: number; total: number } | undefined
  group: TabGroup | undefined
  /** The same responses by the reward that was just written. */
  rescored: TabGroup | undefined
  figures: readonly StepFigures[]
  measured: readonly Measured[]
  saved: { step: number; bytes: number } | undefined
  ownReward: { name: string | undefined; problem: { message: string; line: number | undefined } | undefined }
  answers: Readonly<Record<number, { text: string; done: boolean }>>
  problem: string | undefined
  /** Of a run that a former visit began. */
  restored: { settings: TabSettings; reward: string | undefined } | undefined
}

export const EMPTY: TrainingState = {
  status: 'loading',
  device: undefined,
  unable: undefined,
  step: 0,
  phase: undefined,
  writing: undefined,
  group: undefined,
  rescored: undefined,
  figures: [],
  measured: [],
  saved: undefined,
  ownReward: { name: undefined, problem: undefined },
  answers: {},
  problem: undefined,
  restored: undefined,
}

export function after(state: TrainingState, event: TabEvent): TrainingState {
  switch (event.is) {
    case 'ready': {
      const { device, step, settings, reward } = event
      return { ...state, status: step > 0 ? 'paused' : 'ready', device, step, restored: { settings, reward } }
    }
    case 'unable':
      return { ...state, status: 'unable', unable: { webgpu: event.webgpu, reason: event.reason } }
    case 'phase':
      return { ...state, status: 'running', phase: event.phase }
    case 'writing':
      return { ...state, writing: event }
    case 'group':
      return { ...state, group: event.group, rescored: undefined, writing: undefined }
    case 'step':
      return { ...state, step: event.figures.step, figures: [...state.figures, event.figures] }
    case 'measured':
      return { ...state, measured: [...state.measured, event.measured] }
    case 'paused':
      return { ...state, status: 'paused', step: event.step, phase: undefined }
    case 'finished':
      return { ...state, status: 'finished', step: event.step, phase: undefined, writing: undefined }
    case 'saved':
      return { ...state, saved: event }
    case 'reward':
      return { ...state, rescored: event.group, ownReward: { name: event.name, problem: undefined } }
    case 'rewardProblem': {
      const { message, line } = event
      return { ...state, ownReward: { ...state.ownReward, problem: { message, line } } }
    }
    case 'answer':
      return { ...state, answers: { ...state.answers, [event.id]: { text: event.text, done: event.done } } }
    case 'problem':
      return { ...state, problem: event.message }
    case 'kept':
      return state
  }
}

/** Seconds that are left, at the pace of the last steps. */
export function secondsLeft({ figures, step }: TrainingState, steps: number): number | undefined {
  const last = figures.slice(-5)
  if (last.length === 0) return undefined
  const spent = last.map(
    ({ timing: { sampleSeconds, scoreSeconds, trainSeconds } }) =>
      sampleSeconds + scoreSeconds + trainSeconds,
  )
  return (spent.reduce((sum, seconds) => sum + seconds, 0) / last.length) * Math.max(0, steps - step)
}
