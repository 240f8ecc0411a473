/** The order of kernels, and which of them may write a state where it lies. */

import { partsOf } from './expression.ts'
import { type Kernel, readsOf } from './fuse.ts'
import { equalForms } from './linear-form.ts'
import type { Node } from './nodes.ts'

export interface Schedule {
  kernels: Kernel[]
  /** Assigned nodes that are written straight into their state, by that state. */
  inPlace: Map<Node, Node>
}

/**
 * `kernels` come after those they read from; `assigned` are nodes by the state's node they are to become, undefined where
 * the graph does not read it. Every kernel sees the state from before the run.
 */
export function schedule(
  kernels: readonly Kernel[],
  assigned: ReadonlyMap<Node, Node | undefined>,
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
  return { kernels: order(kernels, after, readers), inPlace }
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

/** As given, but a kernel that no other reads from runs as soon as it can: its inputs are then free. */
function order(
  kernels: readonly Kernel[],
  after: ReadonlyMap<Kernel, ReadonlySet<Kernel>>,
  readers: ReadonlyMap<Node, readonly Kernel[]>,
): Kernel[] {
  const waiting = new Map<Kernel, number>(kernels.map((kernel) => [kernel, 0]))
  for (const followers of after.values())
    for (const next of followers) waiting.set(next, waiting.get(next)! + 1)
  const done = new Set<Kernel>()
  const result: Kernel[] = []
  const run = (kernel: Kernel) => {
    done.add(kernel)
    result.push(kernel)
    for (const next of after.get(kernel)!) {
      waiting.set(next, waiting.get(next)! - 1)
      if (waiting.get(next) === 0 && !readers.has(next.target)) run(next)
    }
  }
  while (result.length < kernels.length) {
    const before = result.length
    for (const kernel of kernels) if (!done.has(kernel) && waiting.get(kernel) === 0) run(kernel)
    if (result.length === before) throw new Error('kernels wait for each other')
  }
  return result
}
