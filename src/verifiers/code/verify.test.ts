import { afterAll, describe, expect, it } from 'vitest'
import { DataError } from '../../errors.ts'
import { type CodeTests, closeSandboxes, verifyCode } from './verify.ts'

afterAll(closeSandboxes)

const PATIENT = { secondsPerTest: 120, secondsTotal: 240 }
const PATIENCE = 600_000
const python = (program: string) => `\`\`\`python\n${program}\n\`\`\``
const doubles: CodeTests = {
  kind: 'stdio',
  tests: [1, 2, 3, 7, 9].map((n) => ({ input: `${n}\n`, output: `${2 * n}\n` })),
}
const asserts = (...lines: string[]): CodeTests => ({ kind: 'asserts', asserts: lines })
const calls = (...cases: [unknown[], unknown][]) =>
  ({
    kind: 'function',
    name: 'f',
    cases: cases.map(([args, expected]) => ({ arguments: args, expected })),
  }) as CodeTests

describe('reasons', () => {
  it.each<[prediction: string, tests: CodeTests, reason: string]>([
    [python('print(2 * int(input()))'), doubles, '5 of 5 tests passed'],
    [
      python('n = int(input())\nprint(2 * n if n < 7 else 8)'),
      doubles,
      '3 of 5 tests passed; test 4: expected "14", got "8"',
    ],
    [
      python('n = int(input())\nprint(1 // (n - 2))\nprint(2)'),
      doubles,
      '0 of 5 tests passed; test 1: expected "2", got "-1"',
    ],
    [
      python('n = int(input())\nm = 6 // (2 - n)\nprint(2 * n)'),
      doubles,
      '1 of 5 tests passed; test 2: ZeroDivisionError: division by zero (line 2)',
    ],
    [python('print(2 *'), doubles, "0 of 5 tests passed; test 1: SyntaxError: '(' was never closed (line 1)"],
    ['I would double it.', doubles, 'no program found: no fenced block, and the text is no code'],
    ['<think>hm', doubles, 'no program found'],
    [
      python('def f(x):\n  return x +'),
      asserts('assert f(1) == 1'),
      'the program does not load: SyntaxError: invalid syntax (line 2)',
    ],
    [
      python('def g(x):\n  return x'),
      asserts('assert f(1) == 1'),
      "0 of 1 test passed; test 1: NameError: name 'f' is not defined",
    ],
    [
      python('def f(x):\n  return [x]'),
      asserts('assert f(1) == [1]', 'assert [3] == f(2)'),
      '1 of 2 tests passed; test 2: expected [3], got [2]',
    ],
    [
      python('def f(x):\n  return x'),
      asserts('assert f(0)'),
      '0 of 1 test passed; test 1: the assertion does not hold',
    ],
    [
      python('def f(x):\n  return {x: (1, None)}'),
      calls([[1], { '1': [2, null] }]),
      '0 of 1 test passed; test 1: expected {"1":[2,null]}, got {1: [1, null]}',
    ],
    [
      '```js\nfunction f(x) { return [x, 2n ** 70n] }\n```',
      { ...calls([[1], [1, 2n ** 70n]]), language: 'javascript' } as CodeTests,
      '1 of 1 test passed',
    ],
  ])(
    '%j',
    async (prediction, tests, reason) => {
      const verdict = await verifyCode(prediction, tests, PATIENT)
      expect(verdict).toMatchObject({ reason, correct: /^(\d+) of \1 tests? passed$/.test(reason) })
    },
    PATIENCE,
  )
})

describe('values that cross to the tests', () => {
  it.each<[name: string, program: string, test: string]>([
    ['generator', 'def f(n):\n  yield from range(n)', 'assert list(f(3)) == [0, 1, 2]'],
    ['argument changed in place', 'def f(xs):\n  xs.sort()', 'xs = [3, 1]\nf(xs)\nassert xs == [1, 3]'],
    [
      'exception caught by the test',
      'def f(x):\n  raise ValueError("no")',
      'try:\n  f(1)\n  assert False\nexcept ValueError:\n  pass',
    ],
    ['keyword arguments', 'def f(a, *, b=0):\n  return a - b', 'assert f(3, b=1) == 2'],
    [
      'sets, bytes, complex, deque',
      'from collections import deque\ndef f():\n  return {1}, b"x", 1j, deque([2])',
      'from collections import deque\nassert f() == ({1}, b"x", 1j, deque([2]))',
    ],
    [
      'not a number, infinity, long integers',
      'def f():\n  return float("nan"), float("-inf"), 10 ** 400',
      'a, b, c = f()\nassert a != a and b == float("-inf") and c == 10 ** 400',
    ],
    [
      'an object handed back',
      'class P:\n  def __init__(self, x): self.x = x\ndef f(p): return p.x',
      'assert f(P(4)) == 4',
    ],
    ['a fraction', 'from fractions import Fraction\ndef f(): return Fraction(1, 2)', 'assert f() == 0.5'],
    [
      'surrogates and control characters',
      'def f(s): return s[::-1]',
      'assert f("\\ud800\\x00\\x1e\\n") == "\\n\\x1e\\x00\\ud800"',
    ],
    ['a function named like a builtin', 'def sum(a, b):\n  return a * b', 'assert sum(2, 3) == 6'],
  ])(
    '%s',
    async (_name, program, test) => {
      expect(await verifyCode(python(program), asserts(test), PATIENT)).toMatchObject({ correct: true })
    },
    PATIENCE,
  )
})

it('refuses malformed tests by their place', async () => {
  const tests = { kind: 'stdio', tests: [{ input: 1, output: '' }] } as unknown as CodeTests
  await expect(verifyCode('x', tests)).rejects.toThrow(DataError)
  await expect(verifyCode('x', tests)).rejects.toThrow(/tests\.tests\.0\.input/)
})
