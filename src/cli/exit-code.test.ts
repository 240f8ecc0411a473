import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { ConfigError, DataError } from '../errors.ts'
import { Stopped } from '../run/stop.ts'
import { explain } from './exit-code.ts'

describe('explain', () => {
  it.each([
    [new ConfigError('wrong.', { field: 'seed', value: 'x' }), 2, 'error: seed is "x": wrong.\n'],
    [new DataError('torn.', { field: 'a.jsonl:3' }), 2, 'error: a.jsonl:3: torn.\n'],
    [
      Object.assign(new Error('ENOSPC: no space left on device, write'), {
        code: 'ENOSPC',
        syscall: 'write',
      }),
      2,
      'error: a file: cannot be written: the disk is full. Free some space; then continue the run with --resume.\n',
    ],
    [new Stopped('Stopped at step 4.'), 130, 'Stopped at step 4.\n'],
    [new Stopped('Stopped at step 4.', 143), 143, 'Stopped at step 4.\n'],
    [new CommanderError(1, 'commander.unknownOption', 'x'), 2, ''],
    [new CommanderError(0, 'commander.helpDisplayed', 'x'), 0, ''],
  ])('%s', (error, exitCode, text) => {
    expect(explain(error)).toEqual({ exitCode, text })
  })

  it("shows the stack and the cause of what is not the user's mistake", () => {
    const { exitCode, text } = explain(new TypeError('a bug', { cause: new Error('deeper') }))
    expect(exitCode).toBe(1)
    expect(text).toMatch(/TypeError: a bug\n +at .*exit-code\.test\.ts/)
    expect(text).toMatch(/deeper/)
  })
})
