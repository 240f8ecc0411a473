/**
 * From a tensor graph to what a WebGPU device is told: shaders, buffers, and one dispatch after the other. Nothing here
 * needs a device.
 */
import type { Shape, Tensor } from '../tensor.ts'
import { createDraft, type Memory, type Shader } from './draft.ts'
import { fuse, type Kernel, readsOf, writesByWindow } from './fuse.ts'
import { lower } from './lower.ts'
import { mapShaders } from './map-shader.ts'
import { type Lifetime, type Limits, liveBytes, type Place, placeTensors, windowBytes } from './memory.ts'
import { bytesOf, type ElementType, isSource, type Node } from './nodes.ts'
import { productShader, productThreads } from './product-shader.ts'
import { schedule } from './schedule.ts'
import { specialShaders } from './special-shaders.ts'

export interface PlanOptions {
  /** What the graph returns, by name. */
  outputs: Readonly<Record<string, Tensor>>
  /** What becomes the new value of a state, by the state's name, once everything has been computed. */
  assign?: Readonly<Record<string, Tensor>>
  limits: Limits
  /** Whether the threads of a workgroup share work through its memory: on a GPU, not on an adapter that is a CPU. */
  cooperative: boolean
}

/** One window of a tensor, in a buffer of the plan's own or of a state, which has a buffer for each window. */
export type Located =
  | ({ pool: 'arena' | 'feeds' | 'constants' } & Place)
  | { pool: 'state'; name: string; window: number; offset: 0; bytes: number }

export interface PlannedTensor {
  shape: Shape
  type: ElementType
  windows: Located[]
}

interface Dispatch {
  /** Its place in `shaders`. */
  shader: number
  /** Binding 0 is the uniforms; these are 1 and after. */
  bindings: Located[]
  uniforms: number[]
  workgroups: [x: number, y: number]
}

export interface Plan {
  shaders: string[]
  dispatches: Dispatch[]
  /** Bytes of the buffers of each pool. */
  buffers: Record<'arena' | 'feeds' | 'constants', number[]>
  feeds: Record<string, PlannedTensor>
  constants: (PlannedTensor & { data: Float64Array })[]
  /** The states that the graph reads or assigns. */
  states: Record<string, PlannedTensor>
  outputs: Record<string, PlannedTensor>
  /** After all dispatches: what could not be written to a state in place. */
  copies: { from: Located; to: Located }[]
  /** Bytes of tensors that are computed, and the least that any layout of them takes. */
  memory: { planned: number; live: number }
}

export function planGraph({ outputs, assign = {}, limits, cooperative }: PlanOptions): Plan {
  const lowered = lower(Object.values(outputs), Object.values(assign))
  const assignedNames = Object.keys(assign)
  const buffersOf = (node: Node) => windowBytes(bytesOf(node), limits).length
  const roots = [...lowered.outputs, ...lowered.assigned]
  const fused = fuse(roots, { buffers: limits.storageBuffers, buffersOf })
  const caches = lowered.assigned.flatMap((node) => (node.operation === 'writeRows' ? [node.inputs[0]!] : []))
  const sources = new Set([...fused.flatMap(readsOf).filter(isSource), ...caches])
  const inputs = [...sources].filter(({ operation }) => operation === 'input')
  const byName = new Map(inputs.map((node) => [node.attributes.name!, node]))
  const several = (node: Node) => buffersOf(node) > 1
  const { dispatches: groups, inPlace } = schedule(
    fused,
    new Map(lowered.assigned.map((node, i) => [node, byName.get(assignedNames[i]!)])),
    {
      kindOf: (kernel) => (cooperative && !writesByWindow(kernel, several) ? kindOf(kernel) : undefined),
      buffers: limits.storageBuffers,
      buffersOf,
    },
  )
  const kernels = groups.flat()

  for (const { target } of kernels)
    if (target.operation === 'writeRows' && !inPlace.has(target))
      throw new Error('writeRows: what reads the written cache must read it as it was before')

  const located = new Map<Node, Located[]>()
  const stateWindows = (name: string, node: Node): Located[] =>
    windowBytes(bytesOf(node), limits).map((bytes, window) => ({
      pool: 'state',
      name,
      window,
      offset: 0,
      bytes,
    }))
  for (const node of inputs)
    if (node.attributes.state) located.set(node, stateWindows(node.attributes.name!, node))
  for (const [node, state] of inPlace) located.set(node, located.get(state)!)
  const pool = (
    name: 'arena' | 'feeds' | 'constants',
    nodes: readonly Node[],
    lives: readonly Lifetime[],
  ) => {
    const { places, buffers } = placeTensors(lives, limits)
    nodes.forEach((node, i) => {
      located.set(
        node,
        places[i]!.map((place) => ({ pool: name, ...place })),
      )
    })
    return buffers
  }
  const always = (nodes: readonly Node[]): Lifetime[] =>
    nodes.map((node) => ({ bytes: bytesOf(node), first: 0, last: 0 }))
  const fed = inputs.filter((node) => !located.has(node))
  const constants = [...sources].filter(({ operation }) => operation === 'constant')
  const computed = [...new Set(kernels.map(({ target }) => target))].filter((node) => !located.has(node))
  const lives = lifetimes(computed, groups, roots)
  const buffers = {
    arena: pool('arena', computed, lives),
    feeds: pool('feeds', fed, always(fed)),
    constants: pool('constants', constants, always(constants)),
  }

  const memory: Memory = {
    windows: (node) => ({
      count: located.get(node)!.length,
      size: located.get(node)![0]!.bytes / 4,
    }),
    shared: (node) => located.get(node)![0]!.pool === 'arena',
    inPlace: (target) => inPlace.get(target),
  }
  const texts = new Map<string, number>()
  const dispatches = groups.flatMap((group) =>
    shadersOf(group, memory, cooperative).map(({ code, uniforms, bindings, workgroups }): Dispatch => {
      const shader = texts.get(code) ?? texts.size
      texts.set(code, shader)
      const x = Math.min(workgroups, limits.workgroups)
      return {
        shader,
        bindings: bindings.map(({ node, window }) => located.get(node)![window]!),
        uniforms,
        workgroups: [x, Math.ceil(workgroups / x)],
      }
    }),
  )

  const tensorOf = (node: Node): PlannedTensor => ({
    shape: node.shape,
    type: node.type,
    windows: located.get(node)!,
  })
  const named = (nodes: readonly Node[]) =>
    Object.fromEntries(nodes.map((node) => [node.attributes.name!, tensorOf(node)]))
  const targets = lowered.assigned.map((node, i) => ({
    node,
    windows: stateWindows(assignedNames[i]!, node),
  }))
  return {
    shaders: [...texts.keys()],
    dispatches,
    buffers,
    feeds: named(fed),
    constants: constants.map((node) => ({ ...tensorOf(node), data: node.attributes.data! })),
    states: {
      ...Object.fromEntries(
        targets.map(({ node, windows }, i) => [
          assignedNames[i]!,
          { shape: node.shape, type: node.type, windows },
        ]),
      ),
      ...named(inputs.filter(({ attributes }) => attributes.state)),
    },
    outputs: Object.fromEntries(
      Object.entries(outputs).map(([name, { shape }], i) => [
        name,
        { ...tensorOf(lowered.outputs[i]!), shape },
      ]),
    ),
    copies: targets.flatMap(({ node, windows }) =>
      inPlace.has(node) ? [] : located.get(node)!.map((from, window) => ({ from, to: windows[window]! })),
    ),
    memory: {
      planned: buffers.arena.reduce((sum, bytes) => sum + bytes, 0),
      live: liveBytes(lives),
    },
  }
}

/** What kernels that share a dispatch have in common: the size of their workgroups and how heavy their threads are. */
function kindOf(kernel: Kernel): string | undefined {
  if (kernel.kind === 'map') return 'map'
  if (kernel.kind === 'product') return `product ${productThreads(kernel)}`
  switch (kernel.target.operation) {
    case 'writeRows':
      return 'map'
    case 'attention':
    case 'attentionStatistics':
    case 'attentionGradient':
      return 'attention'
    default:
      return undefined
  }
}

/** One shader for all kernels of a dispatch; a kernel that is alone may take several dispatches. */
function shadersOf(group: readonly Kernel[], memory: Memory, cooperative: boolean): Shader[] {
  const wide = new Set<Node>()
  for (;;) {
    const known = { ...memory, wide }
    const draft = group.length > 1 ? createDraft(known) : undefined
    const written = group.map((kernel) =>
      kernelShaders(kernel, draft === undefined ? known : { ...known, draft }, cooperative),
    )
    const shaders = written.at(-1)!
    const mixed = shaders.flatMap((shader) => shader.mixed)
    if (mixed.length === 0) return shaders
    for (const node of mixed) wide.add(node)
  }
}

const kernelShaders = (kernel: Kernel, memory: Memory, cooperative: boolean): Shader[] =>
  kernel.kind === 'map'
    ? mapShaders(kernel, memory, cooperative)
    : kernel.kind === 'product'
      ? [productShader(kernel, memory, cooperative)]
      : specialShaders(kernel, memory, cooperative)

/** From the step that writes a tensor to the last that reads it; `kept` ones are read after all steps. */
function lifetimes(
  nodes: readonly Node[],
  dispatches: readonly (readonly Kernel[])[],
  kept: readonly Node[],
): Lifetime[] {
  const lives = new Map(
    nodes.map((node) => [node, { bytes: bytesOf(node), first: Number.POSITIVE_INFINITY, last: 0 }]),
  )
  dispatches.forEach((group, step) => {
    for (const kernel of group) {
      const target = lives.get(kernel.target)
      if (target !== undefined) {
        target.first = Math.min(target.first, step)
        target.last = Math.max(target.last, step)
      }
      for (const node of readsOf(kernel)) {
        const read = lives.get(node)
        if (read !== undefined) read.last = Math.max(read.last, step)
      }
    }
  })
  for (const node of kept) {
    const life = lives.get(node)
    if (life !== undefined) life.last = dispatches.length
  }
  return nodes.map((node) => lives.get(node)!)
}
