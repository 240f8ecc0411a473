/** This program, for processes of its own beside this one; the same place seen from src/cli and from dist/cli. */
import { join } from 'node:path'

export const BIN = join(import.meta.dirname, '../../bin/r1.mjs')
