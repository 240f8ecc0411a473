/**
 * What a program is tested against. The four kinds cover Codeforces and LiveCodeBench (stdin), LiveCodeBench
 * (functional), MBPP (asserts) and HumanEval; a gold string is one of them as JSON, or a row as those data sets
 * (and APPS, TACO) write it.
 */
import { z } from 'zod'
import { DataError } from '../../errors.ts'
import { type JsonValue, parseJson } from './json-value.ts'

const Json: z.ZodType<JsonValue> = z.lazy(() =>
  z.union([
    z.null(),
    z.boolean(),
    z.number(),
    z.bigint(),
    z.string(),
    z.array(Json),
    z.record(z.string(), Json),
  ]),
)

const Language = z.enum(['python', 'javascript']).default('python')
/** How far a non-integer answer may be off: absolutely, or relative to an expected value above 1. */
const Tolerance = z.number().nonnegative().default(1e-6)

export const CodeTests = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('stdio'),
    tests: z.array(z.strictObject({ input: z.string(), output: z.string() })).min(1),
    language: Language,
    tolerance: Tolerance,
  }),
  z.strictObject({
    kind: z.literal('asserts'),
    /** The tests' own: imports (which the program has too), helpers, and objects that the asserts use. */
    setup: z.string().optional(),
    asserts: z.array(z.string()).min(1),
  }),
  z.strictObject({
    kind: z.literal('humaneval'),
    prompt: z.string(),
    /** Defines `check(candidate)`. */
    test: z.string(),
    entryPoint: z.string().regex(/^\w+$/),
  }),
  z.strictObject({
    kind: z.literal('function'),
    /** A function, or a method of `class Solution`. */
    name: z.string().min(1),
    cases: z.array(z.strictObject({ arguments: z.array(Json), expected: Json })).min(1),
    language: Language,
    tolerance: Tolerance,
  }),
])
/** As written by a caller: fields with a default may be left out. */
export type CodeTests = z.input<typeof CodeTests>
export type ParsedCodeTests = z.output<typeof CodeTests>

/** How many there are to pass. */
export function numTests(tests: ParsedCodeTests): number {
  switch (tests.kind) {
    case 'stdio':
      return tests.tests.length
    case 'asserts':
      return tests.asserts.length
    case 'function':
      return tests.cases.length
    case 'humaneval':
      return 1
  }
}

const LiveCodeBenchTest = z.looseObject({
  input: z.string(),
  output: z.string(),
  testtype: z.string().optional(),
})
const ROWS = {
  humaneval: z.looseObject({ prompt: z.string(), test: z.string(), entry_point: z.string() }),
  mbpp: z.looseObject({
    test_list: z.array(z.string()).min(1),
    test_setup_code: z.string().optional(),
    test_imports: z.array(z.string()).optional(),
  }),
  apps: z.looseObject({
    inputs: z.array(Json).min(1),
    outputs: z.array(Json).min(1),
    fn_name: z.string().nullish(),
  }),
  stdio: z.looseObject({ tests: z.array(LiveCodeBenchTest).min(1), fn_name: z.string().nullish() }),
}

/** Reads a gold string; throws DataError where it is none of the forms. */
export function codeTestsFromGold(gold: string): ParsedCodeTests {
  let value: unknown
  try {
    value = parseJson(gold)
  } catch (cause) {
    throw notTests(gold, 'the text is not JSON', cause)
  }
  if (Array.isArray(value)) value = { tests: value }
  const result = CodeTests.safeParse(fromRow(value, gold) ?? value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw notTests(gold, `${issue?.path.join('.') || 'tests'}: ${issue?.message}`, result.error)
}

/** The tests that a row of a data set holds, in `tests` or as one of the sets writes them; null where it holds none. */
export function codeTestsFromRow(row: Record<string, unknown>): ParsedCodeTests | null {
  const { kind: _, ...fields } = row
  const own = CodeTests.safeParse(row.tests).data ?? fromRow(fields, 'the row')
  return own === null ? null : CodeTests.parse(own)
}

function fromRow(row: unknown, gold: string): CodeTests | null {
  if (typeof row === 'object' && row !== null && 'kind' in row) return null
  const humaneval = ROWS.humaneval.safeParse(row).data
  if (humaneval !== undefined) {
    const { prompt, test, entry_point: entryPoint } = humaneval
    return { kind: 'humaneval', prompt, test, entryPoint }
  }
  const mbpp = ROWS.mbpp.safeParse(row).data
  if (mbpp !== undefined) {
    const setup = [...(mbpp.test_imports ?? []), mbpp.test_setup_code ?? ''].join('\n').trim()
    return { kind: 'asserts', asserts: mbpp.test_list, ...(setup === '' ? {} : { setup }) }
  }
  const apps = ROWS.apps.safeParse(row).data
  if (apps !== undefined) return fromApps(apps, gold)
  const stdio = ROWS.stdio.safeParse(row).data
  return stdio === undefined ? null : fromLiveCodeBench(stdio)
}

/** LiveCodeBench writes one JSON argument a line for functional tests. */
function fromLiveCodeBench({ tests, fn_name: name }: z.output<typeof ROWS.stdio>): CodeTests {
  if (typeof name !== 'string' || name === '')
    return { kind: 'stdio', tests: tests.map(({ input, output }) => ({ input, output })) }
  const cases = tests.map(({ input, output }) => ({
    arguments: input
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map(parseJson),
    expected: parseJson(output),
  }))
  return { kind: 'function', name, cases }
}

/** APPS writes arguments as arrays, results bare or in an array of one, and text either whole or as lines. */
function fromApps({ inputs, outputs, fn_name: name }: z.output<typeof ROWS.apps>, gold: string): CodeTests {
  if (inputs.length !== outputs.length)
    throw notTests(gold, `the row has ${inputs.length} inputs and ${outputs.length} outputs.`)
  const pairs = inputs.map((input, i) => ({ input, output: outputs[i]! }))
  if (typeof name !== 'string' || name === '')
    return {
      kind: 'stdio',
      tests: pairs.map(({ input, output }) => ({ input: lines(input), output: lines(output) })),
    }
  return {
    kind: 'function',
    name,
    cases: pairs.map(({ input, output }) => ({
      arguments: Array.isArray(input) ? input : [input],
      expected: Array.isArray(output) && output.length === 1 ? output[0]! : output,
    })),
  }
}

const lines = (value: JsonValue): string =>
  Array.isArray(value) ? value.map(String).join('\n') : String(value)

function notTests(gold: string, message: string, cause?: unknown): DataError {
  return new DataError(message, {
    field: 'gold',
    value: gold,
    expected:
      'JSON with "kind" stdio, asserts, humaneval or function, or a row of HumanEval, MBPP, LiveCodeBench or APPS',
    remedy: 'See docs/verifier-code.md for each form.',
    cause,
  })
}
