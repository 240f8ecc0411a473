/** Where a benchmark's file is: the one that the user names, or else in the folder that the variable R1_DATA names. */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DataError } from '../errors.ts'
import type { Benchmark } from './benchmark.ts'

/** The folder that benchmark files are looked for in, or null where there is none. */
export function dataFolder(environment: NodeJS.ProcessEnv = process.env): string | null {
  return environment.R1_DATA ? resolve(environment.R1_DATA) : null
}

/** null for a benchmark that needs no file. */
export function findDataFile({ name, data }: Benchmark, given: string | undefined): string | null {
  if (data === null) return null
  if (given !== undefined) {
    if (existsSync(given)) return given
    throw new DataError('there is no such file.', {
      field: '--data',
      value: given,
      expected: data.description,
    })
  }
  if (data.file === null)
    throw new DataError(`the data of ${name} do not come with this project.`, {
      expected: data.description,
      remedy: 'Give the file with --data.',
    })
  const folder = dataFolder()
  const path = folder === null ? null : join(folder, data.file)
  if (path !== null && existsSync(path)) return path
  const published = data.from === undefined ? '' : ` It is published in ${data.from} (docs/evaluation.md).`
  throw new DataError(`the data of ${name} are not here.`, {
    field: path ?? data.file,
    expected: data.description,
    remedy: `Give the file with --data, or put it as ${data.file} in a folder and set R1_DATA to that folder.${published} Benchmarks that need no file: pocket-countdown, word-problems.`,
  })
}
