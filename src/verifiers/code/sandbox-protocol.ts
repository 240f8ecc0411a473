/**
 * What this process and a sandbox say to each other. A sandbox is a process of its own and has one job at a time:
 * run a program against its tests. Expected outputs stay outside of the interpreter that runs the program.
 */
import type { ParsedCodeTests } from './code-tests.ts'
import type { ExtractedProgram } from './extract-program.ts'

/** Why a run ended early. */
type FaultKind =
  | 'time limit'
  | 'memory limit'
  | 'output limit'
  /** The program ended its own process, e.g. `os._exit(0)`. */
  | 'exit'
  /** The program reached for something that is closed. */
  | 'forbidden'
  /** The interpreter trapped, e.g. on stack overflow. */
  | 'crash'

export interface Fault {
  kind: FaultKind
  detail?: string
}

/** An exception in the program. */
export interface ProgramError {
  type: string
  message: string
  /** Line in the program, 0 where unknown. */
  line: number
}

/** What is wrong with one test. */
export interface Mistake {
  fault?: Fault
  error?: ProgramError
  /** The two sides that should have been equal, where that is what went wrong. */
  expected?: string
  got?: string
}

export interface TestRun {
  numPassed: number
  /** The first test that failed; `loading` where it went wrong before the first test. */
  failure: (Mistake & { loading: boolean }) | null
}

export interface Limits {
  secondsPerTest: number
  secondsTotal: number
  /** Of standard output and of a returned value, for one test. */
  outputBytes: number
}

export interface SandboxStart {
  language: 'python' | 'javascript'
  memoryBytes: number
  /**
   * Whether the next frame is a Python interpreter's memory, to start from. The first sandbox has none: it makes
   * one, and its first frame is that.
   */
  hasSnapshot: boolean
}

export interface Job {
  program: ExtractedProgram
  tests: ParsedCodeTests
  limits: Limits
}

/** From the sandbox. `ready` comes once, after the snapshot where it made one. */
export type Report =
  | { type: 'ready' }
  | { type: 'failed'; reason: string }
  /** `worn`: the sandbox should not be used again. */
  | { type: 'done'; run: TestRun; worn: boolean }
  /** The sandbox ends itself in the middle of a job, after so many tests; null where none has begun. */
  | { type: 'ended'; fault: Fault; numPassed: number | null }
