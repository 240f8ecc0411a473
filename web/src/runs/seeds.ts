/** Runs that differ in nothing but the seed, as one: the mean of each figure, with a band from the least to the greatest. */
import type { RunDetails, RunSeries, Series, SeriesWindow } from '../../../src/server/dashboard/api.ts'

export interface SeedGroup {
  /** The runs' common name. */
  label: string
  ids: string[]
}

/** Groups of one are runs by themselves. Runs whose settings are not known yet are so too. */
export function seedGroups(
  ids: readonly string[],
  details: Readonly<Record<string, Pick<RunDetails, 'recipe' | 'settings'>>>,
): SeedGroup[] {
  const groups = new Map<string, string[]>()
  for (const id of ids) {
    const run = details[id]
    const settings = run?.settings
      .filter(({ path }) => path !== 'seed')
      .map(({ path, value }) => [path, value])
    const key = run === undefined ? id : JSON.stringify([run.recipe, settings])
    groups.set(key, [...(groups.get(key) ?? []), id])
  }
  return [...groups.values()].map((members) => ({
    ids: members,
    label: members.length === 1 ? members[0]! : `${commonName(members)} (${members.length} seeds)`,
  }))
}

/** `zero` of `zero-seed1` and `zero-seed2`. */
function commonName([first = '', ...others]: readonly string[]): string {
  let length = first.length
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--
  return first.slice(0, length).replace(/[-_ ]*(seed)?[-_ ]*$/i, '') || first
}

export function meanOverSeeds(all: readonly RunSeries[]): RunSeries {
  const [first] = all as [RunSeries]
  const table = (name: 'steps' | 'timing' | 'evaluations') => meanOf(all.map((series) => series[name]))
  return {
    ...first,
    read: Math.min(...all.map(({ read }) => read)),
    lastStep: Math.max(...all.map(({ lastStep }) => lastStep ?? 0)),
    steps: table('steps'),
    timing: table('timing'),
    evaluations: table('evaluations'),
  }
}

/** At the steps that all runs have. */
function meanOf(windows: readonly SeriesWindow[]): SeriesWindow {
  const places = windows.map(({ x }) => new Map(x.map((step, i) => [step, i])))
  const x = windows[0]!.x.filter((step) => places.every((place) => place.has(step)))
  const keys = Object.keys(windows[0]!.series).filter((key) => windows.every(({ series }) => key in series))
  const series = keys.map((key): [string, Series] => {
    const at = x.map((step) =>
      windows
        .map((window, run) => window.series[key]!.mean[places[run]!.get(step)!] ?? null)
        .filter((value) => value !== null),
    )
    const reduced = (reduce: (values: number[]) => number) =>
      at.map((values) => (values.length === 0 ? null : reduce(values)))
    return [
      key,
      {
        mean: reduced((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
        min: reduced((values) => Math.min(...values)),
        max: reduced((values) => Math.max(...values)),
      },
    ]
  })
  return { x, series: Object.fromEntries(series) }
}
