/**
 * How a command ends: 0 when all went well, 2 for what the user can mend, a full disk too (one sentence, no stack), 1
 * for our own mistake (with the stack), 130 or 143 when it was asked to stop, 141 when nobody reads its output any more.
 */
import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { writingError } from '../disk/writing-error.ts'
import { UserError } from '../errors.ts'
import { Stopped } from '../run/stop.ts'
import { visible } from '../text/visible.ts'

/** The exit code of an error, and what is to be said about it on stderr. */
export function explain(error: unknown): { exitCode: number; text: string } {
  // Commander has already printed its own message.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, text: '' }
  if (error instanceof Stopped) return { exitCode: error.exitCode, text: `${visible(error.message)}\n` }
  const told = writingError((error as NodeJS.ErrnoException | undefined)?.path, error)
  if (told instanceof UserError) return { exitCode: 2, text: `error: ${visible(told.message)}\n` }
  return { exitCode: 1, text: `${visible(inspect(error))}\n` }
}
