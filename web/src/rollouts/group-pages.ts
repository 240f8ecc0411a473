/** The groups of a file, asked for again and again: an answer has as many as were read in its time, and at most 500. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { RolloutGroup, RolloutList, RolloutOrder } from '../../../src/server/dashboard/api.ts'
import { getJson } from '../fetch.ts'

export interface KnownGroups {
  groups: readonly RolloutGroup[]
  /** The newest answer. */
  list?: RolloutList
}

const MOST = 500

/**
 * What is known after each answer, until `wanted` groups are there or the file has no more; `known` is where it continues
 * from. An order over a file that is not read to its end would change: until then it is asked for from the start.
 */
export async function* groupPages(
  ask: (query: { from: number; limit: number }) => Promise<RolloutList>,
  order: RolloutOrder,
  wanted: number,
  known: KnownGroups = { groups: [] },
): AsyncGenerator<KnownGroups> {
  let { groups, list } = known
  for (;;) {
    const settled = order === 'file' || list?.read === 1
    const from = list === undefined ? 0 : list.next
    if (from === null || (settled && groups.length >= wanted)) return
    const kept = settled ? groups : []
    list = await ask({ from: settled ? from : 0, limit: Math.min(MOST, wanted - kept.length) })
    groups = [...kept, ...list.groups]
    yield { groups, list }
  }
}

/** `path` has all of the query but the place; another one starts over. */
export function useGroups(
  path: string,
  order: RolloutOrder,
  wanted: number,
): KnownGroups & { error?: string } {
  const [latest, setLatest] = useState<{ path: string; known: KnownGroups; error?: string }>()
  const present = latest?.path === path ? latest : { path, known: { groups: [] } }
  const began = useRef(present)
  began.current = present
  useEffect(() => {
    const abort = new AbortController()
    let { known } = began.current
    const ask = async ({ from, limit }: { from: number; limit: number }) =>
      (await getJson<RolloutList>(`${path}&from=${from}&limit=${limit}`, abort.signal))!
    const read = async () => {
      for await (known of groupPages(ask, order, wanted, known)) {
        if (abort.signal.aborted) return
        setLatest({ path, known })
      }
    }
    read().catch((error: Error) => abort.signal.aborted || setLatest({ path, known, error: error.message }))
    return () => abort.abort()
  }, [path, wanted])
  const { known, error } = present
  return { ...known, ...(error !== undefined && { error }) }
}
