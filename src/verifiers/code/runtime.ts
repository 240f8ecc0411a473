/** An interpreter of one language, as the tests see it. */
import type { Mistake } from './sandbox-protocol.ts'

export interface RunLimits {
  /** Starts the clock of one request. */
  startClock(): void
  /** Whether its time is up. */
  isOver(): boolean
  outputBytes: number
}

export type RuntimeRequest =
  /** A whole program with its standard input, in a fresh interpreter. */
  | { op: 'script'; versions: string[]; input: string }
  /**
   * Puts a program into a fresh interpreter, for `call` and `test`: the first version that compiles, its parts run
   * in turn in one namespace. `imports`: source whose imports are made first; `prelude`: those of LeetCode.
   */
  | { op: 'load'; versions: string[][]; imports?: string; prelude?: boolean }
  /** Calls a function, or a method of `Solution`; `args` is a JSON array. */
  | { op: 'call'; name: string; args: string }
  /**
   * Prepares the judge: trusted source that runs apart from the program and calls into it. `lends`: the program may
   * use the classes that it defines.
   */
  | { op: 'judge'; definitions: string; tests: string[]; entryPoint?: string; lends?: boolean }
  /** Runs one test (source with asserts) in the judge. */
  | { op: 'test'; source: string }

export interface RuntimeAnswer extends Mistake {
  /** `script`: what was written to standard output. */
  stdout?: string
  /** `call`: the value as JSON text in the codec's form. */
  value?: string
  /** `test`: whether it held. */
  passed?: boolean
}

export interface Runtime {
  /** One request at a time. Never rejects for what a program does. */
  answer(request: RuntimeRequest, limits: RunLimits): Promise<RuntimeAnswer>
  /** Whether the interpreter should be replaced before the next program. */
  isWorn(answer: RuntimeAnswer): boolean
}

/** Bytes that a program writes, however small its portions, up to a limit. */
export class OutputBuffer {
  #bytes = new Uint8Array(1024)
  #length = 0
  readonly #maxBytes: number

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** False where it does not fit. */
  append(part: Uint8Array): boolean {
    const length = this.#length + part.length
    if (length > this.#maxBytes) return false
    if (length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(part, this.#length)
    this.#length = length
    return true
  }

  isEmpty(): boolean {
    return this.#length === 0
  }

  clear(): void {
    this.#length = 0
  }

  text(): string {
    return new TextDecoder().decode(this.#bytes.subarray(0, this.#length))
  }
}
