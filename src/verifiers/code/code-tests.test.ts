import { describe, expect, it } from 'vitest'
import { DataError } from '../../errors.ts'
import { codeTestsFromGold } from './code-tests.ts'

describe('codeTestsFromGold', () => {
  const defaults = { language: 'python', tolerance: 1e-6 }

  it.each<[name: string, row: unknown, tests: unknown]>([
    [
      'our own form',
      { kind: 'asserts', asserts: ['assert f()'] },
      { kind: 'asserts', asserts: ['assert f()'] },
    ],
    [
      'HumanEval',
      { task_id: 'x', prompt: 'p', entry_point: 'f', test: 't' },
      { kind: 'humaneval', prompt: 'p', test: 't', entryPoint: 'f' },
    ],
    [
      'MBPP',
      { text: 'x', test_setup_code: '', test_list: ['assert f()'], challenge_test_list: [] },
      { kind: 'asserts', asserts: ['assert f()'] },
    ],
    [
      'MBPP sanitized',
      { test_imports: ['import math'], test_list: ['assert f()'] },
      { kind: 'asserts', setup: 'import math', asserts: ['assert f()'] },
    ],
    [
      'a Codeforces row',
      { id: 0, problem: 'p', tests: [{ input: '1', output: '2' }] },
      { kind: 'stdio', tests: [{ input: '1', output: '2' }], ...defaults },
    ],
    [
      'a bare list',
      [{ input: '1', output: '2', testtype: 'stdin' }],
      { kind: 'stdio', tests: [{ input: '1', output: '2' }], ...defaults },
    ],
    [
      'LiveCodeBench, functional',
      {
        fn_name: 'f',
        tests: [{ input: '[1, 2]\n"a"', output: '12345678901234567890', testtype: 'functional' }],
      },
      {
        kind: 'function',
        name: 'f',
        cases: [{ arguments: [[1, 2], 'a'], expected: 12345678901234567890n }],
        ...defaults,
      },
    ],
    [
      'APPS, standard input',
      { inputs: ['1\n', ['2', '3']], outputs: ['1', ['5']] },
      {
        kind: 'stdio',
        tests: [
          { input: '1\n', output: '1' },
          { input: '2\n3', output: '5' },
        ],
        ...defaults,
      },
    ],
    [
      'APPS, call',
      { fn_name: 'f', inputs: [[[1], 2]], outputs: [[3]] },
      { kind: 'function', name: 'f', cases: [{ arguments: [[1], 2], expected: 3 }], ...defaults },
    ],
  ])('%s', (_name, row, tests) => {
    expect(codeTestsFromGold(JSON.stringify(row))).toEqual(tests)
  })

  it.each([
    '',
    'assert f()',
    '{}',
    '[]',
    '{"kind":"stdio","tests":[]}',
    '{"kind":"stdio","tests":[{"input":1}]}',
    '{"kind":"other"}',
    '42',
    'null',
    '{"inputs":[[1],[2],[3]],"outputs":[[1]],"fn_name":"f"}',
    '{"inputs":["1"],"outputs":["1","2"]}',
  ])('refuses %j with the place and the remedy', (gold) =>
    expect(() => codeTestsFromGold(gold)).toThrow(DataError),
  )
})
