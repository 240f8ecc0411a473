/**
 * The data sets that tests read. A few rows of each are in test/data, so a test needs nothing beside the repository.
 * With R1_DATA set to a folder that has the whole sets (the variable that `r1 eval` reads), the same tests run on those.
 */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const whole = process.env.R1_DATA || null

/** True where the tests read whole sets: a set's size, and what is odd in one row, are known of those alone. */
export const WHOLE_SETS = whole !== null
export const DATA_FOLDER = whole === null ? join(import.meta.dirname, 'data') : resolve(whole)

/** The rows of the set in `name`.jsonl. */
export function readDataSet<Row = Record<string, unknown>>(name: string): Row[] {
  return readFileSync(join(DATA_FOLDER, `${name}.jsonl`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}
