/**
 * How a command ends: 0 when all went well, 2 for the user's mistake (one sentence, no stack), 1 for ours (with the
 * stack), 130 or 143 when it was asked to stop.
 */
import { inspect } from 'node:util'
import { CommanderError } from 'commander'
import { UserError } from '../errors.ts'
import { Stopped } from '../run/stop.ts'
import { visible } from '../text/visible.ts'

/** The exit code of an error, and what is to be said about it on stderr. */
export function explain(error: unknown): { exitCode: number; text: string } {
  // Commander has already printed its own message.
  if (error instanceof CommanderError) return { exitCode: error.exitCode === 0 ? 0 : 2, text: '' }
  if (error instanceof Stopped) return { exitCode: error.exitCode, text: `${visible(error.message)}\n` }
  if (error instanceof UserError) return { exitCode: 2, text: `error: ${visible(error.message)}\n` }
  return { exitCode: 1, text: `${visible(inspect(error))}\n` }
}
