/**
 * What the page may change: notes about a run; and, where the server was started for it, trainings that begin, stop and continue,
 * and a reward file.
 * Whoever may not write gets 403, and so does a page of another site (`ownPages`).
 */
import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { RunNotes, ServerAbilities, StartedTraining } from './api.ts'
import { readBody } from './read-body.ts'
import { addRescoring, type Rescoring } from './rescoring.ts'
import { runNotes, writeNotes } from './run-notes.ts'

/** Processes that train, beside this one. */
export interface Trainings {
  presets: readonly string[]
  /** The name of the run's folder. Throws a UserError for settings that cannot work. */
  start(training: StartedTraining): Promise<string>
  /** Throws a UserError where it does not run, or not on this machine. */
  stop(folder: string): Promise<void>
  resume(folder: string): Promise<void>
}

export interface ChangesOptions {
  /** Whether whoever asks may keep notes: on loopback, or with the key. */
  mayWrite: boolean
  trainings?: Trainings | undefined
  rescoring?: Rescoring | undefined
}

const training = z.strictObject({
  preset: z.string().max(100),
  seed: z.int().min(0),
  set: z.array(z.string().max(1000)).max(100),
})

export function changeRoutes(
  folderOf: (c: Context) => string,
  { mayWrite, trainings, rescoring }: ChangesOptions,
): Hono {
  const app = new Hono()
  app.get('/abilities', (c) => {
    const abilities: ServerAbilities = {
      notes: mayWrite,
      training: trainings !== undefined,
      presets: [...(trainings?.presets ?? [])],
      reward: rescoring !== undefined,
    }
    return c.json(abilities)
  })
  app.put('/runs/:run/notes', async (c) => {
    if (!mayWrite) return refused(c, 'Notes are kept on this machine, or by whoever has the key (--api-key).')
    const folder = folderOf(c)
    const notes: RunNotes = await readBody(c, runNotes)
    await writeNotes(folder, notes)
    return c.json(notes)
  })
  if (trainings === undefined)
    for (const path of ['/trainings', '/runs/:run/stop', '/runs/:run/resume'])
      app.post(path, (c) => refused(c, 'This server was started without --allow-training.'))
  else {
    app.post('/trainings', async (c) => c.json({ id: await trainings.start(await readBody(c, training)) }))
    app.post('/runs/:run/stop', async (c) => {
      await trainings.stop(folderOf(c))
      return c.json({})
    })
    app.post('/runs/:run/resume', async (c) => {
      await trainings.resume(folderOf(c))
      return c.json({})
    })
  }
  if (rescoring !== undefined) addRescoring(app, folderOf, rescoring)
  else
    for (const path of ['/reward', '/runs/:run/rescored/:step'])
      app.all(path, (c) => refused(c, 'This server was started without --reward.'))
  return app
}

const refused = (c: Context, message: string) => c.json({ error: { message } }, 403)
