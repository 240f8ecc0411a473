/** The tasks that a recipe names: those of the pocket world, a data file, or a TypeScript file of the user's. */
import { existsSync } from 'node:fs'
import { extname } from 'node:path'
import { hubAccess } from '../disk/hub.ts'
import { isHubDataset, pullDataset } from '../disk/hub-dataset.ts'
import { importExport } from '../disk/import-export.ts'
import { ConfigError } from '../errors.ts'
import { randomStream } from '../random.ts'
import type { Judge } from '../responders/judge.ts'
import { BOXED_DIRECTIVE } from '../text/boxed-directive.ts'
import type { AnswerForm } from '../text/reasoning.ts'
import { byKind, type RowMapping } from './file-kinds.ts'
import { isDataFile } from './file-rows.ts'
import { checkedTask, splitQuestions, splitTask } from './own-task.ts'
import { type PocketFamilyName, pocketHeldOut, pocketTask } from './pocket/task.ts'
import { readQuestions } from './question-file.ts'
import type { Question, QuestionSet, TrainingData, TrainingTask } from './task.ts'
import { WORD_PROBLEMS } from './word-problems.ts'

const POCKET: Record<string, PocketFamilyName> = {
  'pocket-countdown': 'countdown',
  'pocket-arithmetic': 'arithmetic',
  'pocket-equation': 'equation',
}
/** Shares of `pocket`: all families at once. */
const MIXTURE: [PocketFamilyName, number][] = [
  ['countdown', 0.6],
  ['arithmetic', 0.2],
  ['equation', 0.2],
]

/** How questions are asked, and how the rows of files are read. */
export interface TaskOptions extends RowMapping {
  /** Follows each question of mathematics; by default it asks for a box. */
  instruction?: string
  /** What the model's template says already: `tags`, as R1-Zero's does, or nothing. */
  form?: AnswerForm
  /** Told when a data set has to be fetched from the hub. */
  note?: ((text: string) => void) | undefined
  /** Judges free answers. */
  judge?: Judge | undefined
}

/** A task by name, or one of your own, as what a run trains on and what it holds out. */
export const trainingData = async (
  task: string | TrainingTask | QuestionSet,
  seed: number,
  numHeldOut: number,
  options: TaskOptions = {},
): Promise<TrainingData> =>
  typeof task === 'string'
    ? await loadTask(task, seed, numHeldOut, options)
    : 'questions' in task
      ? splitQuestions(task, seed, numHeldOut)
      : splitTask(checkedTask(task), seed, numHeldOut)

/**
 * Training questions of `seed`, and `numHeldOut` questions for evaluation. Several tasks, separated by commas, are asked in
 * turn, one that is named twice twice as often; what is held out is the first one's.
 */
export async function loadTask(
  name: string,
  seed: number,
  numHeldOut: number,
  options: TaskOptions = {},
): Promise<TrainingData> {
  const names = name.split(',').map((part) => part.trim())
  const parts = new Map<string, TrainingData>()
  const heldOut = new Set<string>()
  for (const part of new Set(names)) {
    const data = await loadOne(part, seed, numHeldOut, options, heldOut)
    if (part === names[0])
      for (const text of data.heldOutTexts ?? data.heldOut.questions.map(({ prompt }) => prompt))
        heldOut.add(text)
    parts.set(part, data)
  }
  return {
    question(index) {
      const [round, turn] = [Math.floor(index / names.length), index % names.length]
      const part = names[turn]!
      const share = names.filter((other) => other === part).length
      const before = names.slice(0, turn).filter((other) => other === part).length
      return parts.get(part)!.question(round * share + before)
    },
    listed: [...parts.values()].flatMap(({ listed = [] }) => listed),
    heldOut: parts.get(names[0]!)!.heldOut,
  }
}

interface LoadedTask extends TrainingData {
  /** What the held-out questions ask, where their prompts say more. */
  heldOutTexts?: string[]
}

/** `asked` are texts that another task holds out. */
async function loadOne(
  name: string,
  seed: number,
  numHeldOut: number,
  options: TaskOptions,
  asked: ReadonlySet<string>,
): Promise<LoadedTask> {
  const { instruction = BOXED_DIRECTIVE, form = 'think', note = () => {}, judge, ...mapping } = options
  const family = POCKET[name]
  if (family !== undefined) {
    const task = pocketTask(family)
    return {
      question: (index) => ({ task, question: task.question(seed, index) }),
      heldOut: pocketHeldOut(family, numHeldOut),
    }
  }
  if (name === 'pocket') return pocketMixture(seed, numHeldOut)
  const instructed = (question: Question): Question => ({
    ...question,
    prompt: `${question.prompt}\n${instruction}`,
  })
  const task = WORD_PROBLEMS[name]
  if (task !== undefined) {
    const heldOut = task.heldOut(numHeldOut)
    return {
      question: (index) => ({ task, question: instructed(task.question(seed, index)) }),
      heldOut: { ...heldOut, questions: heldOut.questions.map(instructed) },
      heldOutTexts: heldOut.questions.map(({ prompt }) => prompt),
    }
  }
  if (['.ts', '.mts', '.js', '.mjs'].includes(extname(name)))
    return splitTask(checkedTask(await importExport(name, 'task'), name), seed, numHeldOut, asked)
  const kinds = byKind(judge)
  const asking = { ...kinds, prompt: (question: Question) => kinds.prompt(question, form, instruction) }
  if (isDataFile(name)) {
    if (!existsSync(name)) throw new ConfigError('no such file.', { field: name })
    return await questionFiles(name, [name], numHeldOut, asked, mapping, asking)
  }
  if (isHubDataset(name)) {
    const files = await pullDataset(name, { ...hubAccess(), note })
    return await questionFiles(name, files, numHeldOut, asked, mapping, asking)
  }
  throw new ConfigError('there is no such task.', {
    field: 'task',
    value: name,
    expected: `${['pocket', ...Object.keys(POCKET), ...Object.keys(WORD_PROBLEMS)].join(', ')}, a .jsonl, .json, .csv or .parquet file of questions, a data set of the Hugging Face hub (owner/name), or a TypeScript file that exports \`task\``,
  })
}

/**
 * The questions of files, short ones first and each kind spread evenly; the last `numHeldOut` are held out. A row that asks what
 * one of these asks, or one of `asked`, is never asked in training.
 */
async function questionFiles(
  name: string,
  paths: readonly string[],
  numHeldOut: number,
  asked: ReadonlySet<string>,
  mapping: RowMapping,
  { prompt, ...judged }: ReturnType<typeof byKind>,
): Promise<LoadedTask> {
  const rows: Question[] = []
  for (const path of paths) rows.push(...(await readQuestions(path, mapping)))
  const questions = rows.map((row) => ({ ...row, prompt: prompt(row) }))
  if (questions.length < 2 * numHeldOut)
    throw new ConfigError(
      `${name} has ${counted(questions.length)}, and at most half of them may be held out.`,
      {
        field: 'evaluation.questions',
        value: numHeldOut,
        ...(questions.length < 2
          ? { remedy: 'Give a file with more questions.' }
          : { remedy: `Hold fewer out: --set evaluation.questions=${Math.floor(questions.length / 2)}` }),
      },
    )
  const task: QuestionSet = { name, questions: questions.slice(-numHeldOut), ...judged }
  const heldOutTexts = rows.slice(-numHeldOut).map((row) => row.prompt)
  const never = new Set([...asked, ...heldOutTexts])
  const training = shortFirst(questions.slice(0, -numHeldOut).filter((_, i) => !never.has(rows[i]!.prompt)))
  if (training.length === 0)
    throw new ConfigError('all of its questions are held out.', {
      field: name,
      remedy: 'Give a file with more questions, or lower evaluation.questions.',
    })
  return {
    question: (index) => ({ task, question: training[index % training.length]! }),
    listed: questions,
    heldOut: task,
    heldOutTexts,
  }
}

function shortFirst(questions: readonly Question[]): Question[] {
  const placed = [...new Set(questions.map(({ kind }) => kind))].flatMap((kind) =>
    questions
      .filter((question) => question.kind === kind)
      .sort((a, b) => a.prompt.length - b.prompt.length)
      .map((question, i, own) => ({ question, place: (i + 0.5) / own.length })),
  )
  return placed.sort((a, b) => a.place - b.place).map(({ question }) => question)
}

function pocketMixture(seed: number, numHeldOut: number): TrainingData {
  const tasks = MIXTURE.map(([family]) => pocketTask(family))
  return {
    question(index) {
      let left = randomStream(seed, 'mixture', index).uniform()
      const at = MIXTURE.findIndex(([, share]) => {
        left -= share
        return left < 0
      })
      const task = tasks.at(at)!
      return { task, question: task.question(seed, index) }
    },
    heldOut: pocketMixtureHeldOut(numHeldOut),
  }
}

/** `limit` held-out questions of all families; those of each family begin at its place `first`. */
export function pocketMixtureHeldOut(limit: number, first = 0): QuestionSet {
  const sets = MIXTURE.map(([family, share]) => pocketHeldOut(family, Math.ceil(limit * share), first))
  const ownerOf = new Map(sets.flatMap((set) => set.questions.map(({ id }) => [id, set])))
  return {
    name: 'pocket',
    questions: sets.flatMap((set) => set.questions).slice(0, limit),
    verify: (question, response) => ownerOf.get(question.id)!.verify(question, response),
    equivalent: sets[0]!.equivalent!,
  }
}

const counted = (questions: number) => `${questions} question${questions === 1 ? '' : 's'}`
