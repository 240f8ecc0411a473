/**
 * What the main thread and a sandbox worker say to each other. A worker answers one request at a time; expected
 * outputs are never among the requests, so that nothing a program reads can help it.
 */
import type { PythonImage } from './python-interpreter.ts'

/** Why a run ended early. */
export type FaultKind =
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

export interface RunLimits {
  seconds: number
  outputBytes: number
}

export type SandboxRequest =
  /** A whole program with its standard input, in a fresh interpreter. */
  | { op: 'script'; program: string; input: string }
  /**
   * Puts a program into a fresh interpreter, for `call` and `test`: the first version that compiles, its parts run
   * in turn in one namespace. `setup` runs before it, or after it where it needs the program's names.
   */
  | { op: 'load'; versions: string[][]; setup?: string }
  /** Calls a function, or a method of `Solution`; `args` is a JSON array. */
  | { op: 'call'; name: string; args: string }
  /** Prepares the judge: trusted source that runs apart from the program and calls into it. */
  | { op: 'judge'; imports: string; definitions: string; entryPoint?: string }
  /** Runs one test (source with asserts) in the judge. */
  | { op: 'test'; source: string }

export interface SandboxAnswer {
  fault?: Fault
  error?: ProgramError
  stdout?: string
  /** `call`: the value as JSON text in the codec's form. */
  value?: string
  /** `test`: whether it held, and the two sides of the equality that did not. */
  passed?: boolean
  expected?: string
  got?: string
}

export interface WorkerStart {
  language: 'python' | 'javascript'
  memoryBytes: number
  /** Python: the folder of pyodide's files, and the image where one is known. */
  folder?: string
  image?: PythonImage
}

export interface WorkerRequest {
  request: SandboxRequest
  limits: RunLimits
}

export type WorkerMessage =
  | { type: 'ready'; image?: PythonImage }
  /** `worn`: the worker should be replaced before the next program. */
  | { type: 'answer'; answer: SandboxAnswer; worn: boolean }
