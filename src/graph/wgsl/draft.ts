/** A shader while the kernels of a dispatch are added to it. */
import type { ElementType, Node } from './nodes.ts'

export interface Shader {
  code: string
  /** The numbers of the uniform buffer, as 32 bits each. */
  uniforms: number[]
  /** What binding 1 and those after it hold. */
  bindings: { node: Node; window: number; written: boolean }[]
  /** Workgroups in all. The code finds its own in a grid of two dimensions. */
  workgroups: number
  /**
   * Nodes that one kernel reads number by number and another four at a time: the code is right once it is written with these
   * `wide`.
   */
  mixed: Node[]
}

/** What a shader has to know of memory. */
export interface Memory {
  /** Windows that a node is bound as, and how many numbers each but the last one holds. */
  windows: (node: Node) => { count: number; size: number }
  /** Whether others write the same buffer, which must then be bound for writing everywhere. */
  shared: (node: Node) => boolean
  /** The node whose memory the target is written to, where it is a state's. */
  inPlace?: (target: Node) => Node | undefined
  /** Where a shader is for one window of these nodes: the place of its element in it. */
  chunk?: { has: (node: Node) => boolean; window: number; index: string }
  /** Nodes that are bound four numbers at a time, whoever reads them first. */
  wide?: ReadonlySet<Node>
  /** What a kernel is added to; otherwise it has a shader of its own. */
  draft?: Draft
}

/** A shader while kernels are added to it. Each kernel has its own workgroups. */
export interface Draft {
  uniforms: number[]
  bindings: Shader['bindings']
  /** What a bound node is called. */
  names: Map<Node, string>
  /** Nodes bound four numbers at a time, and those that were read before they were known to be. */
  vectors: Set<Node>
  narrow: Set<Node>
  declarations: Set<string>
  counter: number
  bodies: { main: string; workgroups: number }[]
}

export const createDraft = ({ wide = new Set() }: Pick<Memory, 'wide'> = {}): Draft => ({
  uniforms: [],
  bindings: [],
  names: new Map(),
  vectors: new Set(wide),
  narrow: new Set(),
  declarations: new Set(),
  counter: 0,
  bodies: [],
})

/** What a binding is an array of. */
export const storageOf = (type: ElementType): string => (type === 'f32' || type === 'i32' ? type : 'u32')

/** One kernel as it is; of several each as a function, for the workgroups that are its own. */
export function dispatchBodies(
  bodies: Draft['bodies'],
  uniform: (value: number) => string,
): { functions: string[]; main: string } {
  if (bodies.length === 1) return { functions: [], main: bodies[0]!.main }
  const functions = bodies.map(({ main }, i) => `fn body${i}(workgroup: u32, local: u32) {\n${main}\n}`)
  let start = 0
  const calls = bodies.map(({ workgroups }, i) => {
    const first = i === 0 ? '0u' : uniform(start)
    start += workgroups
    const call = `{ body${i}(workgroup - ${first}, local); }`
    return i === bodies.length - 1 ? call : `if (workgroup < ${uniform(start)}) ${call} else `
  })
  return { functions, main: calls.join('') }
}
