/**
 * Aider-Polyglot (github.com/Aider-AI/polyglot-benchmark): 225 exercises in six languages, answered by edits in the diff format, as in the
 * paper (R1 §3). Nothing is scored here: the edited files are written as predictions, for the exercises' own tests, which run in
 * Aider's container. This is the first of the benchmark's two tries. The user supplies the file.
 */
import { z } from 'zod'
import type { Question } from '../../tasks/task.ts'
import { splitReasoning } from '../../text/reasoning.ts'
import { type Benchmark, paperSettings, readAs } from '../benchmark.ts'

interface SourceFile {
  path: string
  content: string
}

const rowSchema = z.object({
  exercise: z.string(),
  instructions: z.string(),
  files: z.array(z.object({ path: z.string(), content: z.string() })).min(1),
})

const HARNESS =
  "write each prediction's files into its exercise's folder and run that exercise's tests in Aider's benchmark container"

export const aiderPolyglot: Benchmark = {
  name: 'aider-polyglot',
  title: 'Aider-Polyglot',
  settings: paperSettings(1),
  data: {
    file: null,
    description: 'rows of {exercise: "python/affine-cipher", instructions, files: [{path, content}]}',
  },
  async load(rows) {
    return (await readAs(rows, rowSchema)).map(({ exercise, instructions, files }) => ({
      id: exercise,
      prompt: [
        instructions.trim(),
        ...files.map(({ path, content }) => `${path}\n\`\`\`\n${content.trimEnd()}\n\`\`\``),
      ].join('\n\n'),
      answer: '',
      data: { files },
    }))
  },
  prompt: ({ prompt }) =>
    `${prompt}\n\nChange the files so that they do what is asked for; keep the names of functions and classes, and use only the standard library. For each change write the file's path on a line of its own and then a block of this form, in which SEARCH holds whole lines exactly as they stand in the file:\n\`\`\`\n<<<<<<< SEARCH\n=======\n>>>>>>> REPLACE\n\`\`\``,
  equivalent: null,
  verify(question, response) {
    const edited = editedFiles(question, response)
    return typeof edited === 'string'
      ? { correct: false, extracted: null, reason: edited }
      : {
          correct: false,
          extracted: edited.map(({ path }) => path).join(', '),
          reason: 'edits; the tests of the exercise score them',
          details: { files: edited },
        }
  },
  async extraFigures(graded) {
    const edited = graded.filter(({ samples }) => samples[0]?.extracted != null).length
    return {
      numbers: { edited },
      shares: { editedShare: graded.length === 0 ? null : edited / graded.length },
      notes: [`Nothing is scored here. To score the predictions file, ${HARNESS}.`],
    }
  },
  scoredElsewhere: HARNESS,
  predictions: (graded, model) =>
    graded.flatMap(({ id, samples }) =>
      samples.slice(0, 1).map(({ details }) => ({ exercise: id, model, files: details?.files ?? [] })),
    ),
  paper: [{ row: 'Aider-Polyglot', figure: () => null }],
}

const EDIT =
  /^(?<path>[^\n]*)\n(?:`{3,}[^\n]*\n)?<{5,9} SEARCH[^\n]*\n(?<search>[\s\S]*?)^={5,9}[^\S\n]*\n(?<replace>[\s\S]*?)^>{5,9} REPLACE/gm

/** The files that the answer's edits change, whole; a phrase where an edit cannot be applied. */
function editedFiles({ data }: Pick<Question, 'data'>, response: string): SourceFile[] | string {
  const files = new Map((data!.files as SourceFile[]).map(({ path, content }) => [path, content]))
  const changed = new Set<string>()
  const { answer } = splitReasoning(response)
  for (const { groups } of answer.replaceAll('\r\n', '\n').matchAll(EDIT)) {
    const { path: written = '', search = '', replace = '' } = groups!
    const path = written.replaceAll(/[`*#:]/g, '').trim()
    const content = files.get(path) ?? (files.size === 1 && path === '' ? [...files.values()][0] : undefined)
    const name = files.has(path) ? path : [...files.keys()][0]!
    if (content === undefined) return `an edit of ${path || 'no file'}, which is not given`
    const at = search === '' ? content.length : content.indexOf(search)
    if (at < 0) return `an edit of ${name} searches what is not there`
    files.set(name, content.slice(0, at) + replace + content.slice(at + search.length))
    changed.add(name)
  }
  return changed.size === 0
    ? 'no edits found'
    : [...changed].map((path) => ({ path, content: files.get(path)! }))
}
