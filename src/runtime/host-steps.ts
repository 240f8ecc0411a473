/**
 * Which parts of a graph a CPU runtime computes in its sessions, and which in its own memory afterwards: pointwise updates
 * of states, rows written to caches, and draws. Nothing of them is copied, since states are arrays of this process.
 */
import { concat, reshape } from '../graph/operations.ts'
import { is, type Shape, sizeOf, type Tensor } from '../graph/tensor.ts'
import { createHostLoops } from './host-loops.ts'
import type { Graph } from './runtime.ts'

/** States of one size that are updated in one pass, and sums over them that are found in it. */
export interface LoopStep {
  targets: string[]
  tensors: Tensor[]
  sums: Tensor[]
}

/** `updates` go to their states at the rows' `starts`; `at` is where they lie in the stack that the session gives. */
export interface WriteStep {
  state: string
  shape: Shape
  rows: Shape
  starts: Tensor
  stack: string
  at: number
}

export interface HostSteps {
  /** What the session returns, by names of its own. */
  session: Record<string, Tensor>
  /** Outputs that the session returns, by their names. */
  outputs: Map<string, string>
  draws: Map<string, Tensor>
  /** Outputs of one number, computed from states and feeds; some only after the loops have found their sums. */
  scalars: Map<string, { x: Tensor; late: boolean }>
  loops: LoopStep[]
  writes: WriteStep[]
  /** States that become what the session returns. */
  replaced: Map<string, string>
  names: ReadonlyMap<Tensor, string>
  host: ReturnType<typeof createHostLoops>
}

export function hostSteps({ outputs = {}, assign = {} }: Graph): HostSteps {
  const session: Record<string, Tensor> = {}
  const names = new Map<Tensor, string>()
  const fetched = (x: Tensor): string => {
    const name = names.get(x) ?? `y${names.size}`
    names.set(x, name)
    session[name] = x
    return name
  }
  const host = createHostLoops((x) => names.has(x))
  const steps: HostSteps = {
    ...{ session, names, host, outputs: new Map(), draws: new Map(), scalars: new Map() },
    ...{ loops: [], writes: [], replaced: new Map() },
  }
  for (const [name, x] of Object.entries(outputs))
    if (is(x, 'draw')) {
      for (const scores of x.inputs) if (!is(scores, 'input')) fetched(scores)
      steps.draws.set(name, x)
    } else if (host.kindOf(x) === 'scalar' && dependsOnState(x)) steps.scalars.set(name, { x, late: false })
    else steps.outputs.set(name, fetched(x))

  const rows = new Map<string, { state: string; x: Tensor }[]>()
  const loops: LoopStep[] = []
  for (const [name, x] of Object.entries(assign)) {
    if (is(x, 'writeRows')) {
      const key = String(x.inputs[2]!.shape)
      rows.set(key, [...(rows.get(key) ?? []), { state: name, x }])
      continue
    }
    const [first, second] = x.inputs
    // A sum with the state itself: what is added comes from the session.
    if (is(x, 'add') && isState(first!, name) && host.kindOf(second!) === undefined) {
      fetched(second!)
      loops.push({ targets: [name], tensors: [x], sums: [] })
    } else if (host.kindOf(x) !== undefined) loops.push({ targets: [name], tensors: [x], sums: [] })
    else steps.replaced.set(name, fetched(x))
  }
  steps.loops = together(loops, host)
  findSums(steps)
  for (const writes of rows.values()) {
    const stack = fetched(
      concat(
        writes.map(({ x }) => reshape(x.inputs[2]!, [1, ...x.inputs[2]!.shape])),
        0,
      ),
    )
    writes.forEach(({ state, x }, at) => {
      const [, starts, own] = x.inputs as [Tensor, Tensor, Tensor]
      const source = is(starts, 'reshape') ? starts.inputs[0]! : starts
      if (!is(source, 'input')) fetched(source)
      steps.writes.push({ ...{ state, stack, at, starts: source, shape: x.shape, rows: own.shape } })
    })
  }
  return steps
}

const isState = (x: Tensor, name: string) =>
  is(x, 'input') && x.attributes.state === true && x.attributes.name === name

function dependsOnState(x: Tensor): boolean {
  return (is(x, 'input') && x.attributes.state === true) || x.inputs.some(dependsOnState)
}

/** Updates that read what others write are one pass, which sees every element as it was. */
function together(loops: readonly LoopStep[], host: HostSteps['host']): LoopStep[] {
  const groups: (LoopStep & { touched: Set<string> })[] = []
  for (const loop of loops) {
    const leaves = [...host.leavesOf(loop.tensors[0]!)]
    const touched = new Set([
      ...loop.targets,
      ...leaves.flatMap((x) => (is(x, 'input') ? [x.attributes.name] : [])),
    ])
    const joined = { ...loop, targets: [...loop.targets], tensors: [...loop.tensors], touched }
    for (let i = groups.length - 1; i >= 0; i--) {
      const other = groups[i]!
      if (![...other.touched].some((name) => touched.has(name))) continue
      joined.targets.unshift(...other.targets)
      joined.tensors.unshift(...other.tensors)
      for (const name of other.touched) touched.add(name)
      groups.splice(i, 1)
    }
    groups.push(joined)
  }
  for (const { tensors } of groups)
    if (tensors.some(({ shape }) => sizeOf(shape) !== sizeOf(tensors[0]!.shape)))
      throw new Error('states that are updated together differ in size')
  return groups
}

/** What outputs add up over elements that a loop passes anyway is added up there, but for what the loops themselves need. */
function findSums({ scalars, loops, host }: HostSteps): void {
  const needed = new Set(loops.flatMap(({ tensors }) => tensors.flatMap((x) => [...host.sumsOf(x)])))
  const touched = loops.map(
    ({ tensors }) => new Set(tensors.flatMap((x) => [...host.leavesOf(x)].map(nameOf))),
  )
  for (const scalar of scalars.values())
    for (const sum of host.sumsOf(scalar.x)) {
      if (needed.has(sum)) continue
      const leaves = [...host.leavesOf(sum.inputs[0]!)].map(nameOf)
      const at = touched.findIndex((names) => leaves.every((name) => names.has(name)))
      if (at < 0 || sizeOf(sum.inputs[0]!.shape) !== sizeOf(loops[at]!.tensors[0]!.shape)) continue
      if (!loops[at]!.sums.includes(sum)) loops[at]!.sums.push(sum)
      scalar.late = true
    }
}

const nameOf = (x: Tensor) => (is(x, 'input') ? x.attributes.name : x)
