/**
 * Does a model's program pass its tests? (R1 §2.2.2: code is rewarded by hidden tests.)
 *
 * The program runs sandboxed (sandbox-pool.ts); what it should have answered never enters its interpreter. Tests
 * run in order and stop at the first that fails. Left out: problems with several right outputs (special checkers),
 * interactive problems, packages beyond Python's standard library.
 */
import { DataError } from '../../errors.ts'
import type { Verdict } from '../verifier.ts'
import { ALL_TESTS } from './clock.ts'
import { CodeTests, numTests } from './code-tests.ts'
import { extractProgram, type WhichBlock } from './extract-program.ts'
import { runInSandbox } from './sandbox-pool.ts'
import type { TestRun } from './sandbox-protocol.ts'

export { CodeTests, codeTestsFromGold } from './code-tests.ts'
export { closeSandboxes } from './sandbox-pool.ts'

export interface CodeOptions {
  /** For one test; Python in WebAssembly is two to three times slower than native. */
  secondsPerTest?: number
  /** For all tests of a program together. */
  secondsTotal?: number
  memoryMb?: number
  /** For one test. */
  outputBytes?: number
  /** Which of several blocks in the right language is the program; `last` as in LiveCodeBench and verl. */
  block?: WhichBlock
}

const CODE_DEFAULTS: Required<CodeOptions> = {
  secondsPerTest: 6,
  secondsTotal: 60,
  memoryMb: 256,
  outputBytes: 16 * 1024 * 1024,
  block: 'last',
}

/** Throws only for malformed tests (DataError) and where no sandbox can be started (SandboxError). */
export async function verifyCode(
  prediction: string,
  tests: CodeTests,
  options: CodeOptions = {},
): Promise<Verdict> {
  const checked = CodeTests.safeParse(tests)
  if (!checked.success) {
    const { path = [], message } = checked.error.issues[0] ?? {}
    throw new DataError(`${message}`, { field: `tests.${path.join('.')}`, cause: checked.error })
  }
  const language = 'language' in checked.data ? checked.data.language : 'python'
  const { memoryMb, block, ...limits } = { ...CODE_DEFAULTS, ...options }
  const program = extractProgram(prediction, language, block)
  if (program === null) return { correct: false, extracted: null, reason: 'no program found' }

  const { numPassed, failure } = await runInSandbox(language, memoryMb, {
    program,
    tests: checked.data,
    limits,
  })
  if (!program.fenced && failure?.error?.type === 'SyntaxError')
    return {
      correct: false,
      extracted: null,
      reason: 'no program found: no fenced block, and the text is no code',
    }
  const total = numTests(checked.data)
  const tally = `${numPassed} of ${total} ${total === 1 ? 'test' : 'tests'} passed`
  return {
    correct: failure === null,
    extracted: program.versions[0]!,
    reason: failure === null ? tally : describeFailure(failure, numPassed, tally, { memoryMb, ...limits }),
  }
}

type Failure = NonNullable<TestRun['failure']>

function describeFailure(
  { fault, error, expected, got, loading }: Failure,
  numPassed: number,
  tally: string,
  limits: Required<Omit<CodeOptions, 'block'>>,
): string {
  const place = loading ? 'while loading' : `in test ${numPassed + 1}`
  if (fault?.kind === 'memory limit' || error?.type === 'MemoryError')
    return `memory limit of ${limits.memoryMb} MB ${place}`
  if (fault?.kind === 'time limit')
    return fault.detail === ALL_TESTS
      ? `time limit of ${limits.secondsTotal} s for all tests, ${place}`
      : `time limit of ${limits.secondsPerTest} s ${place}`
  if (fault?.kind === 'output limit') return `output limit of ${limits.outputBytes} bytes ${place}`
  if (fault?.kind === 'exit') return `the program ended itself (${fault.detail}) ${place}`
  if (fault !== undefined) return `${fault.kind} (${fault.detail ?? 'no detail'}) ${place}`
  if (error !== undefined) {
    const line = error.line > 0 ? ` (line ${error.line})` : ''
    const text = `${error.type}: ${error.message}${line}`
    return loading ? `the program does not load: ${text}` : `${tally}; test ${numPassed + 1}: ${text}`
  }
  const sides = expected === undefined ? 'the assertion does not hold' : `expected ${expected}, got ${got}`
  return `${tally}; test ${numPassed + 1}: ${sides}`
}
