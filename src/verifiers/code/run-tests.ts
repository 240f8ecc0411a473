/** The four kinds of tests as requests to a sandbox, one test at a time, up to the first that fails. */
import type { ParsedCodeTests } from './code-tests.ts'
import { compareText, compareValue } from './compare-output.ts'
import { type ExtractedProgram, humanEvalVersions } from './extract-program.ts'
import { writeJson } from './json-value.ts'
import type { SandboxAnswer, SandboxRequest } from './sandbox-protocol.ts'

export type Ask = (request: SandboxRequest) => Promise<SandboxAnswer>

export interface Failure {
  answer: SandboxAnswer
  /** True where it went wrong before the first test. */
  loading: boolean
}

export interface TestRun {
  numPassed: number
  failure: Failure | null
}

type Tests<Kind extends ParsedCodeTests['kind']> = Extract<ParsedCodeTests, { kind: Kind }>

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

export function runTests(ask: Ask, program: ExtractedProgram, tests: ParsedCodeTests): Promise<TestRun> {
  switch (tests.kind) {
    case 'stdio':
      return eachTest(tests.tests, (test) => runScript(ask, program.text, test, tests.tolerance))
    case 'asserts':
      return runAsserts(ask, program, tests)
    case 'humaneval':
      return runHumanEval(ask, program, tests)
    case 'function':
      return runFunction(ask, program, tests)
  }
}

/** `run` answers what is wrong with a test, or null. */
async function eachTest<T>(
  tests: readonly T[],
  run: (test: T) => Promise<SandboxAnswer | null>,
): Promise<TestRun> {
  for (const [numPassed, test] of tests.entries()) {
    const answer = await run(test)
    if (answer !== null) return { numPassed, failure: { answer, loading: false } }
  }
  return { numPassed: tests.length, failure: null }
}

const failed = ({ fault, error }: SandboxAnswer): boolean => fault !== undefined || error !== undefined

async function runScript(
  ask: Ask,
  program: string,
  { input, output }: Tests<'stdio'>['tests'][number],
  tolerance: number,
): Promise<SandboxAnswer | null> {
  const answer = await ask({ op: 'script', program, input })
  // `os._exit(0)` and `process.exit()` are fair ways to end a program.
  const ended = answer.fault?.kind === 'exit' && answer.fault.detail === 'exit status 0'
  if (failed(answer) && !ended) return answer
  const difference = compareText(answer.stdout ?? '', output, tolerance)
  return difference && { expected: quoted(difference.expected), got: quoted(difference.got) }
}

async function runAsserts(ask: Ask, program: ExtractedProgram, tests: Tests<'asserts'>): Promise<TestRun> {
  const setup = tests.setup ?? ''
  const failure =
    (await prepare(ask, { op: 'load', versions: [[program.text]], setup })) ??
    (await prepare(ask, { op: 'judge', imports: setup, definitions: '' }))
  return failure ?? eachTest(tests.asserts, (source) => runJudged(ask, source))
}

async function runHumanEval(
  ask: Ask,
  program: ExtractedProgram,
  tests: Tests<'humaneval'>,
): Promise<TestRun> {
  const { prompt, test, entryPoint } = tests
  const failure =
    (await prepare(ask, { op: 'load', versions: humanEvalVersions(program, prompt, entryPoint) })) ??
    (await prepare(ask, { op: 'judge', imports: '', definitions: `${prompt}\n${test}`, entryPoint }))
  return failure ?? eachTest([`check(${entryPoint})`], (source) => runJudged(ask, source))
}

async function runFunction(ask: Ask, program: ExtractedProgram, tests: Tests<'function'>): Promise<TestRun> {
  const { name, cases, tolerance, language } = tests
  const versions = [language === 'python' ? [LEETCODE_NAMES, program.text] : [program.text]]
  const failure = await prepare(ask, { op: 'load', versions })
  return (
    failure ??
    eachTest(cases, async ({ arguments: values, expected }) => {
      const answer = await ask({ op: 'call', name, args: writeJson(values) })
      if (failed(answer)) return answer
      const difference = compareValue(answer.value, expected, tolerance)
      return difference && { expected: short(difference.expected), got: short(difference.got) }
    })
  )
}

/** What LeetCode's editor, and so LiveCodeBench's functional problems, take as imported. */
const LEETCODE_NAMES = `import sys, collections, functools, itertools, heapq, bisect, math, re, string, random, operator
from typing import *
from collections import *
from functools import *
from itertools import *
from heapq import *
from bisect import *
from math import *
from builtins import pow
inf = float('inf')
sys.setrecursionlimit(50000)`

async function prepare(ask: Ask, request: SandboxRequest): Promise<TestRun | null> {
  const answer = await ask(request)
  return failed(answer) ? { numPassed: 0, failure: { answer, loading: true } } : null
}

async function runJudged(ask: Ask, source: string): Promise<SandboxAnswer | null> {
  const answer = await ask({ op: 'test', source })
  return answer.passed === true && !failed(answer) ? null : answer
}

const short = (text: string): string => (text.length <= 120 ? text : `${text.slice(0, 117)}...`)
const quoted = (text: string): string => JSON.stringify(short(text))
