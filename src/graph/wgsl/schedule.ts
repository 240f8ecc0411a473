/** The order of kernels, which of them share a dispatch, and which may write a state where it lies. */

import { partsOf } from './expression.ts'
import { type Kernel, readsOf } from './fuse.ts'
import { equalForms } from './linear-form.ts'
import type { Node } from './nodes.ts'

export interface Schedule {
  /** One dispatch after the other: the kernels of each do not wait for one another. */
  dispatches: Kernel[][]
  /** Assigned nodes that are written straight into their state, by that state. */
  inPlace: Map<Node, Node>
}

/** Which kernels may share a dispatch. */
export interface Sharing {
  /** Those of one kind may; undefined where a kernel is to be alone. */
  kindOf(kernel: Kernel): string | undefined
  /** Buffers that a dispatch may bind, and how many of them a tensor takes. */
  buffers: number
  buffersOf(node: Node): number
}

/**
 * `kernels` come after those they read from; `assigned` are nodes by the state's node they are to become, undefined where
 * the graph does not read it. Every kernel sees the state from before the run.
 */
export function schedule(
  kernels: readonly Kernel[],
  assigned: ReadonlyMap<Node, Node | undefined>,
  sharing: Sharing,
): Schedule {
  const reads = new Map(kernels.map((kernel) => [kernel, readsOf(kernel)]))
  const writers = new Map<Node, Kernel[]>()
  const readers = new Map<Node, Kernel[]>()
  for (const kernel of kernels) {
    writers.set(kernel.target, [...(writers.get(kernel.target) ?? []), kernel])
    for (const node of reads.get(kernel)!) readers.set(node, [...(readers.get(node) ?? []), kernel])
  }
  const after = new Map<Kernel, Set<Kernel>>(kernels.map((kernel) => [kernel, new Set()]))
  for (const kernel of kernels)
    for (const node of reads.get(kernel)!)
      for (const writer of writers.get(node) ?? []) after.get(writer)!.add(kernel)

  const inPlace = new Map<Node, Node>()
  for (const [node, state] of assigned) {
    const [writer, ...others] = writers.get(node)!
    if (state === undefined || others.length > 0 || !readsInStep(writer!, state)) continue
    const before = (readers.get(state) ?? []).filter((reader) => reader !== writer)
    if (before.some((reader) => reaches(writer!, reader, after))) continue
    for (const reader of before) after.get(reader)!.add(writer!)
    inPlace.set(node, state)
  }
  const bound = (kernel: Kernel) => [inPlace.get(kernel.target) ?? kernel.target, ...reads.get(kernel)!]
  const fits = (group: readonly Kernel[]): boolean => {
    const nodes = new Set(group.flatMap(bound))
    return [...nodes].reduce((sum, node) => sum + sharing.buffersOf(node), 0) <= sharing.buffers
  }
  const joins = (group: readonly Kernel[], kernel: Kernel): boolean => {
    const kind = sharing.kindOf(kernel)
    return kind !== undefined && kind === sharing.kindOf(group[0]!) && fits([...group, kernel])
  }
  return { dispatches: order(kernels, after, (kernel) => readers.has(kernel.target), joins), inPlace }
}

/** Whether a kernel reads a state only where it writes, at the same time. */
function readsInStep(kernel: Kernel, state: Node): boolean {
  if (kernel.kind === 'special') return !kernel.inputs.includes(state)
  const elsewhere =
    kernel.kind === 'map' ? kernel.reductions.map(({ value }) => value) : [kernel.left, kernel.right]
  const loadsOf = (expressions: Parameters<typeof partsOf>[0]) =>
    partsOf(expressions, kernel.dimensions).flatMap((part) =>
      part.kind === 'load' && part.node === state ? [part] : [],
    )
  return (
    loadsOf(elsewhere).length === 0 && loadsOf([kernel.value]).every(({ at }) => equalForms(at, kernel.store))
  )
}

function reaches(from: Kernel, to: Kernel, after: ReadonlyMap<Kernel, ReadonlySet<Kernel>>): boolean {
  const seen = new Set([from])
  const stack = [from]
  for (let kernel = stack.pop(); kernel !== undefined; kernel = stack.pop()) {
    if (kernel === to) return true
    for (const next of after.get(kernel)!)
      if (!seen.has(next)) {
        seen.add(next)
        stack.push(next)
      }
  }
  return false
}

/** How far a kernel may be from its turn to be taken along by another. */
const AHEAD = 8
/** How many others a kernel may let pass until one takes it along. */
const PATIENCE = 2

/**
 * As given, but a kernel takes along those near it that are ready too. One that no other reads from runs with the next that
 * takes it, or soon on its own, so that its inputs are free.
 */
function order(
  kernels: readonly Kernel[],
  after: ReadonlyMap<Kernel, ReadonlySet<Kernel>>,
  isRead: (kernel: Kernel) => boolean,
  joins: (group: readonly Kernel[], kernel: Kernel) => boolean,
): Kernel[][] {
  const waiting = new Map<Kernel, number>(kernels.map((kernel) => [kernel, 0]))
  for (const followers of after.values())
    for (const next of followers) waiting.set(next, waiting.get(next)! + 1)
  const dispatches: Kernel[][] = []
  const done = new Set<Kernel>()
  /** Ready and read by no other, with the dispatches that each has let pass. */
  const last = new Map<Kernel, number>()
  const isReady = (kernel: Kernel) => !done.has(kernel) && waiting.get(kernel) === 0
  const seen = (kernel: Kernel) => {
    if (isReady(kernel) && !isRead(kernel)) last.set(kernel, 0)
  }
  kernels.forEach(seen)

  function run(first: Kernel, near: readonly Kernel[]): void {
    const group = [first]
    last.delete(first)
    for (const kernel of [...[...last.keys()].slice(0, 4 * AHEAD), ...near])
      if (isReady(kernel) && !group.includes(kernel) && joins(group, kernel)) group.push(kernel)
    dispatches.push(group)
    for (const kernel of group) {
      done.add(kernel)
      last.delete(kernel)
    }
    for (const kernel of group)
      for (const next of after.get(kernel)!) {
        waiting.set(next, waiting.get(next)! - 1)
        seen(next)
      }
  }

  while (done.size < kernels.length) {
    const before = done.size
    kernels.forEach((kernel, i) => {
      if (!isReady(kernel) || !isRead(kernel)) return
      const near = kernels.slice(i + 1, i + AHEAD).filter((other) => isRead(other))
      run(kernel, near)
      for (const [late, passed] of [...last]) {
        if (!last.has(late)) continue
        if (passed < PATIENCE) last.set(late, passed + 1)
        else run(late, [])
      }
    })
    for (const late of [...last.keys()]) if (last.has(late)) run(late, [])
    if (done.size === before) throw new Error('kernels wait for each other')
  }
  return dispatches
}
