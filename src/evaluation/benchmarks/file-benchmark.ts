/** A user's own file as a benchmark: each row is asked and judged as its kind says. */
import { basename } from 'node:path'
import { byKind, readQuestion } from '../../tasks/file-kinds.ts'
import { type Benchmark, mapRows, paperSettings } from '../benchmark.ts'

export const fileBenchmark = (path: string): Benchmark => ({
  name: basename(path).replace(/\.\w+(\.gz)?$/, ''),
  title: basename(path),
  settings: paperSettings(1),
  data: { file: null, description: 'rows of {question, answer}, or of another kind (docs/tasks.md)' },
  load: (rows, options) => mapRows(rows, (row) => readQuestion(row, options)),
  ...byKind(),
  judged: (judge) => byKind(judge).verify,
})
