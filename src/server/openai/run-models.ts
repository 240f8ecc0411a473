/**
 * The models of a folder of runs, for the dashboard's chat: each is opened when it is first asked, and two are kept open. A run that
 * still trains answers with its newest checkpoint.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { modelFolder } from '../../loading/local-model.ts'
import { findRuns, runName } from '../../report/run-summary.ts'
import { checkpointsOf, readRunInfo } from '../../run/folder.ts'
import { type Abilities, POCKET_ABILITIES } from '../../text/pocket-abilities.ts'
import { openServedModel, type ServedModel } from './served-model.ts'

export interface RunModels {
  /** Newest run first, each followed by what it was trained from. */
  list(): ListedModel[]
  /** Undefined where there is no model by this name. */
  open(id: string): Promise<ServedModel | undefined>
  close(): void
}

export interface ListedModel {
  id: string
  /** Unix seconds. */
  created: number
  /** What it can be asked, where that is known before it is opened. */
  abilities: Abilities | undefined
}

const KEPT_OPEN = 2
const QUEUE = 16

export function runModels(root: string): RunModels {
  const opened = new Map<string, Promise<ServedModel>>()
  return {
    list: () => places(root).map(({ path: _, ...listed }) => listed),
    async open(id) {
      const place = places(root).find((one) => one.id === id)
      if (place === undefined) return undefined
      const folder = await modelFolder(place.path)
      const known = opened.get(folder)
      const model = known ?? openServedModel({ id, path: folder }, QUEUE)
      // The one asked last is the last to go.
      opened.delete(folder)
      opened.set(folder, model)
      model.catch(() => opened.delete(folder))
      await closeIdle(opened)
      return await model
    },
    close() {
      for (const model of opened.values()) void model.then((served) => served.model.close()).catch(() => {})
    },
  }
}

async function closeIdle(opened: Map<string, Promise<ServedModel>>): Promise<void> {
  for (const [folder, opening] of opened) {
    if (opened.size <= KEPT_OPEN) return
    const served = await opening.catch(() => undefined)
    if (served === undefined || served.gate.running + served.gate.waiting > 0) continue
    opened.delete(folder)
    served.model.close()
  }
}

interface Place extends ListedModel {
  path: string
}

function places(root: string): Place[] {
  const runs = findRuns(root).flatMap((folder): Place[] => {
    try {
      const { created, config } = readRunInfo(folder)
      const base = typeof config.model === 'string' ? config.model : ''
      const known = {
        created: Math.floor(Date.parse(created) / 1000),
        abilities: base.startsWith('pocket-') ? POCKET_ABILITIES : undefined,
      }
      return [
        ...(hasWeights(folder) ? [{ id: runName(root, folder), path: folder, ...known }] : []),
        ...(base === '' ? [] : [{ id: base, path: base, ...known }]),
      ]
    } catch {
      return []
    }
  })
  const newest = runs.sort((a, b) => b.created - a.created)
  return newest.filter(({ id }, i) => newest.findIndex((other) => other.id === id) === i)
}

const hasWeights = (folder: string) =>
  existsSync(join(folder, 'model', 'config.json')) || existsSync(join(checkpointsOf(folder), 'latest'))
