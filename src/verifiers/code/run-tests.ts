/** The four kinds of tests as requests to a sandbox, one test at a time, up to the first that fails. */
import type { ParsedCodeTests } from './code-tests.ts'
import { compareText, compareValue } from './compare-output.ts'
import type { ExtractedProgram } from './extract-program.ts'
import { humanEvalVersions } from './human-eval-versions.ts'
import { writeJson } from './json-value.ts'
import type { RuntimeAnswer, RuntimeRequest } from './runtime.ts'
import type { Mistake, TestRun } from './sandbox-protocol.ts'

export type Ask = (request: RuntimeRequest) => Promise<RuntimeAnswer>
/** Told before each test. */
type Begin = (numPassed: number) => void

type Tests<Kind extends ParsedCodeTests['kind']> = Extract<ParsedCodeTests, { kind: Kind }>

export function runTests(
  ask: Ask,
  program: ExtractedProgram,
  tests: ParsedCodeTests,
  begin: Begin,
): Promise<TestRun> {
  switch (tests.kind) {
    case 'stdio':
      return eachTest(tests.tests, begin, (test) => runScript(ask, program.versions, test, tests.tolerance))
    case 'asserts':
      return runAsserts(ask, program, tests, begin)
    case 'humaneval':
      return runHumanEval(ask, program, tests, begin)
    case 'function':
      return runFunction(ask, program, tests, begin)
  }
}

/** `run` answers what is wrong with a test, or null. */
async function eachTest<T>(
  tests: readonly T[],
  begin: Begin,
  run: (test: T) => Promise<Mistake | null>,
): Promise<TestRun> {
  for (const [numPassed, test] of tests.entries()) {
    begin(numPassed)
    const mistake = await run(test)
    if (mistake !== null) return { numPassed, failure: { ...mistake, loading: false } }
  }
  return { numPassed: tests.length, failure: null }
}

function mistakeIn({ fault, error }: RuntimeAnswer): Mistake | null {
  if (fault !== undefined) return { fault }
  return error === undefined ? null : { error }
}

async function runScript(
  ask: Ask,
  versions: string[],
  { input, output }: Tests<'stdio'>['tests'][number],
  tolerance: number,
): Promise<Mistake | null> {
  const answer = await ask({ op: 'script', versions, input })
  // `os._exit(0)` and `process.exit()` are fair ways to end a program.
  const ended = answer.fault?.kind === 'exit' && answer.fault.detail === 'exit status 0'
  const mistake = mistakeIn(answer)
  if (mistake !== null && !ended) return mistake
  const difference = compareText(answer.stdout ?? '', output, tolerance)
  return difference && { expected: quoted(difference.expected), got: quoted(difference.got) }
}

async function runAsserts(
  ask: Ask,
  program: ExtractedProgram,
  { setup = '', asserts }: Tests<'asserts'>,
  begin: Begin,
): Promise<TestRun> {
  const versions = program.versions.map((version) => [version])
  const failure =
    (await prepare(ask, { op: 'load', versions, imports: setup })) ??
    (await prepare(ask, { op: 'judge', definitions: setup, tests: asserts, lends: true }))
  return failure ?? eachTest(asserts, begin, (source) => runJudged(ask, source))
}

async function runHumanEval(
  ask: Ask,
  program: ExtractedProgram,
  { prompt, test, entryPoint }: Tests<'humaneval'>,
  begin: Begin,
): Promise<TestRun> {
  const check = `check(${entryPoint})`
  const definitions = `${prompt}\n${test}`
  const failure =
    (await prepare(ask, { op: 'load', versions: humanEvalVersions(program, prompt, entryPoint) })) ??
    (await prepare(ask, { op: 'judge', definitions, tests: [check], entryPoint }))
  return failure ?? eachTest([check], begin, (source) => runJudged(ask, source))
}

async function runFunction(
  ask: Ask,
  program: ExtractedProgram,
  { name, cases, tolerance }: Tests<'function'>,
  begin: Begin,
): Promise<TestRun> {
  const versions = program.versions.map((version) => [version])
  const failure = await prepare(ask, { op: 'load', versions, prelude: true })
  return (
    failure ??
    eachTest(cases, begin, async ({ arguments: values, expected }) => {
      const answer = await ask({ op: 'call', name, args: writeJson(values) })
      const mistake = mistakeIn(answer)
      if (mistake !== null) return mistake
      const difference = compareValue(answer.value, expected, tolerance)
      return difference && { expected: short(difference.expected), got: short(difference.got) }
    })
  )
}

async function prepare(ask: Ask, request: RuntimeRequest): Promise<TestRun | null> {
  const mistake = mistakeIn(await ask(request))
  return mistake && { numPassed: 0, failure: { ...mistake, loading: true } }
}

async function runJudged(ask: Ask, source: string): Promise<Mistake | null> {
  const answer = await ask({ op: 'test', source })
  if (answer.passed === true) return mistakeIn(answer)
  const { fault, error, expected, got } = answer
  if (fault !== undefined || error !== undefined || expected === undefined) return mistakeIn(answer) ?? {}
  return { expected, got: got ?? '' }
}

const short = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 117)}...`)
const quoted = (text: string): string => JSON.stringify(short(text))
