/**
 * The reward file that the server was started with: the page shows it, saves what is written there, and has a run's stored
 * responses scored by it each time that the file changes. No other file is read, written or run.
 */
import { readFileSync, realpathSync } from 'node:fs'
import type { Context, Hono } from 'hono'
import { z } from 'zod'
import { fileIdentity } from '../../disk/growing-lines.ts'
import { replaceFile } from '../../disk/replace-file.ts'
import { limiter } from '../../engine/limiter.ts'
import { ConfigError, UserError } from '../../errors.ts'
import type { Rescored } from '../../report/rescore.ts'
import type { RescoredResponses, RewardFile } from './api.ts'
import { readBody } from './read-body.ts'

export interface Rescoring {
  /** As it was given. */
  file: string
  /** Throws a UserError that says what is wrong with the file. */
  rescore(folder: string, options: { step: number; alone: boolean }): Promise<Rescored>
}

const KEPT_ANSWERS = 16
const savedReward = z.strictObject({ code: z.string(), version: z.string() })

export function addRescoring(
  app: Hono,
  folderOf: (c: Context) => string,
  { file, rescore }: Rescoring,
): void {
  const answers = new Map<string, Promise<RescoredResponses>>()
  const oneAtATime = limiter(1)
  const answer = async (folder: string, step: number, alone: boolean, version: string) => {
    const shown = { step, alone, version }
    try {
      return { ...shown, rescored: await oneAtATime(() => rescore(folder, { step, alone })) }
    } catch (error) {
      if (error instanceof UserError) return { ...shown, problem: error.message }
      throw error
    }
  }
  const fileNow = (): RewardFile => ({
    path: file,
    code: readFileSync(file, 'utf8'),
    version: versionOf(file),
  })

  app.get('/reward', (c) =>
    c.req.query('known') === versionOf(file) ? c.body(null, 204) : c.json(fileNow()),
  )
  app.put('/reward', async (c) => {
    const { code, version } = await readBody(c, savedReward)
    if (version !== versionOf(file))
      return c.json({ error: { message: `${file} has changed since it was read.` } }, 409)
    await replaceFile(realpathSync(file), code)
    return c.json(fileNow())
  })
  app.get('/runs/:run/rescored/:step{[0-9]+}', async (c) => {
    const folder = folderOf(c)
    const version = versionOf(file)
    if (c.req.query('known') === version) return c.body(null, 204)
    const [step, alone] = [Number(c.req.param('step')), c.req.query('alone') === 'true']
    const key = JSON.stringify([folder, step, alone, version])
    const known = answers.get(key) ?? answer(folder, step, alone, version)
    answers.set(key, known)
    if (answers.size > KEPT_ANSWERS) answers.delete(answers.keys().next().value!)
    return c.json(await known)
  })
}

function versionOf(file: string): string {
  const found = fileIdentity(file)
  if (found === undefined) throw new ConfigError('no such file.', { field: file })
  return `${found.inode}-${found.size}-${found.modified}`
}
