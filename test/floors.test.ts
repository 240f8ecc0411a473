/** The house's rules as code: imports point down, files stay readable, no drawer for odds and ends. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Ground floor first. Folders in one entry may import each other only where listed in `STATED`. */
const FLOORS: string[][] = [
  ['errors.ts', 'random.ts'],
  ['graph', 'disk', 'settings', 'measures'],
  ['runtime'],
  ['model'],
  ['objectives', 'text'],
  ['run'],
  ['engine'],
  ['responders'],
  ['verifiers', 'tasks'],
  ['rewards', 'loading'],
  ['rollout'],
  ['evaluation'],
  ['algorithms'],
  ['doctor'],
  ['report'],
  ['pipeline'],
  ['recipes'],
  ['plan', 'server', 'testing'],
  ['bench'],
  ['cli'],
  ['index.ts'],
]
const STATED = new Set(['tasks > verifiers'])
const SOURCE = resolve(import.meta.dirname, '../src')

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? files(path) : path.endsWith('.ts') ? [path] : []
  })
}

const top = (path: string) => relative(SOURCE, path).split('/')[0]!
const floor = (name: string) => FLOORS.findIndex((names) => names.includes(name))

function violations(path: string, text: string): string[] {
  const from = top(path)
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+)['"]/g)].map(
    (m) => m[1]!,
  )
  return specifiers.flatMap((specifier) => {
    const to = top(resolve(dirname(path), specifier))
    if (from === to || STATED.has(`${from} > ${to}`) || floor(to) < floor(from)) return []
    return [`${relative(SOURCE, path)} (floor ${floor(from)}) imports ${specifier} (floor ${floor(to)})`]
  })
}

describe('floors', () => {
  const sources = files(SOURCE).filter((path) => !path.endsWith('.test.ts'))

  it('every folder has a floor', () => {
    expect([...new Set(sources.map(top))].filter((name) => floor(name) < 0)).toEqual([])
  })

  it('imports point down', () => {
    expect(sources.flatMap((path) => violations(path, readFileSync(path, 'utf8')))).toEqual([])
  })

  it('would notice an upward import, a re-export and a dynamic import', () => {
    const path = join(SOURCE, 'graph/tensor.ts')
    for (const line of [
      "import { x } from '../algorithms/grpo.ts'",
      "export * from '../cli/main.ts'",
      "await import('../engine/engine.ts')",
    ])
      expect(violations(path, line)).toHaveLength(1)
    expect(violations(path, "import { UserError } from '../errors.ts'")).toEqual([])
  })

  it('no file is longer than 400 lines', () => {
    expect(sources.filter((path) => readFileSync(path, 'utf8').split('\n').length > 400)).toEqual([])
  })

  it('nothing is called utils, helpers, common or misc', () => {
    expect(sources.filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\.ts|\/)/.test(path))).toEqual([])
  })
})
