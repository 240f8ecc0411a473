/** The dashboard's API over a folder of runs, mounted at /api. It reads; `changes.ts` is what it may change. */
import { basename, relative } from 'node:path'
import { type Context, Hono } from 'hono'
import { stream } from 'hono/streaming'
import { readFindings } from '../../doctor/read-run.ts'
import { UserError } from '../../errors.ts'
import { stageFigure } from '../../report/stage-figure.ts'
import { FINDINGS, METRICS, rolloutsPath, runStatus, TIMING } from '../../run/folder.ts'
import type {
  RolloutFilter,
  RolloutGroupDetails,
  RolloutOrder,
  RunFindings,
  RunSeries,
  TokenWindow,
} from './api.ts'
import { type ChangesOptions, changeRoutes } from './changes.ts'
import { gradedProblems, gradedResponses, listEvaluations } from './evaluation-files.ts'
import { type MetricsFile, openMetricsFile, seriesWindow } from './metrics-table.ts'
import { openFiles } from './open-files.ts'
import { traceQuestion } from './question-trace.ts'
import { listGroups, markOf, openRolloutIndex, type RolloutIndex, type RolloutLine } from './rollout-index.ts'
import { responseSources, runDetails, runFile, runFolders, runResults, runRow } from './run-rows.ts'
import { runTokenizer, tokenPieces } from './token-pieces.ts'

export interface DashboardOptions {
  /** A folder of runs, or one run. */
  runs: string
  /** Where `r1 eval` leaves its results. */
  evaluations: string
  /** The command that continues a stopped run. */
  resumeCommand?: ((folder: string) => string) | undefined
  changes?: ChangesOptions
}

/** How long one answer may read files. */
const LOOK_MILLISECONDS = 250
const TEXT_CHARACTERS = 20_000
const MAX_POINTS = 2000

export function dashboardRoutes({
  runs,
  evaluations,
  resumeCommand,
  changes = { mayWrite: false },
}: DashboardOptions): Hono {
  const app = new Hono()
  const metrics = openFiles<MetricsFile>(16, openMetricsFile)
  const rollouts = openFiles<RolloutIndex>(8, openRolloutIndex, 'reopen when changed')

  const folderOf = (c: Context): string => {
    const folder = runFolders(runs).get(c.req.param('run') ?? '')
    if (folder === undefined) throw new NotFound('There is no such run.')
    return folder
  }
  const sourceOf = (c: Context): string => {
    const folder = folderOf(c)
    const path = sourceFile(folder, c.req.param('source') ?? '')
    if (path === '') throw new NotFound('No responses are kept of this step.')
    return path
  }
  const evaluationOf = (c: Context): string => {
    const id = basename(c.req.param('id') ?? '')
    // No file's name has this character, and to look for one that has is an error.
    if (id.includes('\0')) throw new NotFound('There is no such evaluation.')
    return id
  }
  const groupOf = async (c: Context): Promise<RolloutLine[]> => {
    const index = rollouts.open(sourceOf(c))
    const wanted = Number(c.req.param('group'))
    const find = () => index.groups.find(({ group }) => group === wanted)
    const { signal } = c.req.raw
    while (find() === undefined && !signal.aborted && (await index.advance(LOOK_MILLISECONDS)) < 1);
    const found = find()
    if (found === undefined) throw new NotFound('There is no such group.')
    return await index.read(found)
  }

  app.route('/', changeRoutes(folderOf, changes))
  app.get('/runs', (c) => c.json([...runFolders(runs)].map(([id, folder]) => runRow(id, folder))))
  app.get('/runs/:run', (c) =>
    c.json(runDetails(c.req.param('run'), folderOf(c), { root: runs, resumeCommand })),
  )
  app.get('/runs/:run/figure', (c) => c.json({ figure: stageFigure(runResults(folderOf(c))) }))

  app.get('/runs/:run/findings', async (c) => {
    const { findings } = await readFindings(runFile(folderOf(c), FINDINGS))
    return c.json({ findings } satisfies RunFindings)
  })

  app.get('/runs/:run/series', async (c) => {
    const folder = folderOf(c)
    const steps = metrics.open(runFile(folder, METRICS))
    const timing = metrics.open(runFile(folder, TIMING))
    const read = Math.min(await steps.advance(LOOK_MILLISECONDS), await timing.advance(LOOK_MILLISECONDS))
    const status = runStatus(folder)
    const version = `${steps.version()}/${timing.version()}/${status}/${read}`
    if (c.req.query('known') === version) return c.body(null, 204)
    const window = {
      from: numberIn(c, 'from', Number.NEGATIVE_INFINITY),
      to: numberIn(c, 'to', Number.POSITIVE_INFINITY),
      points: Math.min(MAX_POINTS, Math.max(10, numberIn(c, 'points', 600))),
    }
    const asked = c.req.query('keys')?.split(',')
    const keysOf = (columns: Map<string, unknown>) => [...columns.keys()]
    const keys = {
      steps: keysOf(steps.steps.columns),
      timing: keysOf(timing.steps.columns),
      evaluations: keysOf(steps.evaluations.columns),
    }
    const wanted = (all: string[]) => (asked === undefined ? all : all.filter((key) => asked.includes(key)))
    const { rows, steps: numbers } = steps.steps
    const answer: RunSeries = {
      version,
      read,
      status,
      firstStep: rows === 0 ? null : numbers.values[0]!,
      lastStep: rows === 0 ? null : numbers.values[rows - 1]!,
      rows,
      keys,
      steps: seriesWindow(steps.steps, { ...window, keys: wanted(keys.steps) }),
      timing: seriesWindow(timing.steps, { ...window, keys: wanted(keys.timing) }),
      evaluations: seriesWindow(steps.evaluations, { ...window, keys: wanted(keys.evaluations) }),
    }
    return c.json(answer)
  })

  app.get('/runs/:run/rollouts/:source', async (c) => {
    const list = await listGroups(rollouts.open(sourceOf(c)), {
      filter: (c.req.query('filter') ?? 'all') as RolloutFilter,
      order: (c.req.query('order') ?? 'file') as RolloutOrder,
      search: c.req.query('search') ?? '',
      from: numberIn(c, 'from', 0),
      limit: Math.min(500, numberIn(c, 'limit', 30)),
      milliseconds: LOOK_MILLISECONDS,
    })
    return c.json(list)
  })

  app.get('/runs/:run/rollouts/:source/:group', async (c) => c.json(groupDetails(await groupOf(c))))

  app.get('/runs/:run/rollouts/:source/:group/:sample/tokens', async (c) => {
    const line = (await groupOf(c)).find(({ sample }) => sample === Number(c.req.param('sample')))
    const tokenizer = await runTokenizer(folderOf(c))
    if (line?.tokens === undefined || tokenizer === undefined)
      throw new NotFound('There are no tokens of this response, or no tokenizer to read them with.')
    const offset = numberIn(c, 'offset', 0)
    const end = offset + Math.min(4000, numberIn(c, 'limit', 2000))
    const { tokens, logprobs, reference } = line
    const answer: TokenWindow = {
      total: tokens.length,
      offset,
      pieces: tokenPieces(tokenizer, tokens.slice(offset, end)),
      logprobs: logprobs?.slice(offset, end) ?? [],
      reference: reference?.slice(offset, end) ?? null,
    }
    return c.json(answer)
  })

  app.get('/runs/:run/questions', (c) => {
    const folder = folderOf(c)
    const { evaluations: named, steps } = responseSources(folder)
    const sources = [...named, ...steps.map(String)].map((name) => ({ name, path: sourceFile(folder, name) }))
    const question = c.req.query('id') ?? ''
    return stream(c, async (out) => {
      for await (const found of traceQuestion(sources, question, c.req.raw.signal, rollouts.open)) {
        if (out.aborted) return
        await out.writeln(JSON.stringify(found))
      }
    })
  })

  app.get('/evaluations', (c) => c.json(listEvaluations(evaluations)))
  app.get('/evaluations/:id', async (c) => c.json(await gradedProblems(evaluations, evaluationOf(c))))
  app.get('/evaluations/:id/responses', async (c) =>
    c.json(await gradedResponses(evaluations, evaluationOf(c), c.req.query('problem') ?? '')),
  )

  app.all('*', () => {
    throw new NotFound('There is nothing at this address.')
  })
  app.onError((error, c) => {
    if (error instanceof NotFound) return c.json({ error: { message: error.message } }, 404)
    if (error instanceof UserError) return c.json({ error: { message: error.message } }, 422)
    if (error instanceof SyntaxError)
      return c.json({ error: { message: `this file is damaged: ${error.message}` } }, 422)
    throw error
  })
  return app
}

class NotFound extends Error {}

/** Of a training step's number, or an evaluation's name; '' where there is none. */
const sourceFile = (folder: string, source: string): string =>
  /^\d+$/.test(source)
    ? runFile(folder, relative(folder, rolloutsPath(folder, Number(source))))
    : runFile(folder, 'evaluations', `${basename(source)}.jsonl`)

function groupDetails(lines: readonly RolloutLine[]): RolloutGroupDetails {
  const { group, question, prompt, answer } = lines[0]!
  return {
    group,
    question,
    prompt: prompt.slice(0, TEXT_CHARACTERS),
    answer,
    responses: lines.map((line) => ({
      ...markOf(line, line.tokens?.length ?? 0),
      rewards: line.rewards,
      text: line.text.slice(0, TEXT_CHARACTERS),
      characters: line.text.length,
      hasLogprobs: line.logprobs !== undefined && line.tokens !== undefined,
      hasReference: line.reference !== undefined,
    })),
  }
}

/** A whole number of at least 0. */
function numberIn(c: Context, name: string, otherwise: number): number {
  const text = c.req.query(name)
  if (text === undefined) return otherwise
  const value = Number(text)
  if (text !== '' && Number.isSafeInteger(value) && value >= 0) return value
  throw new UserError('not accepted.', { field: name, value: text, expected: 'a whole number of at least 0' })
}
