/**
 * Which nodes get memory of their own, and which are computed inside of the kernels that read them. A kernel is one
 * node in memory with all that stands between it and other nodes in memory.
 */
import { sizeOf } from '../tensor.ts'
import {
  type Builder,
  buildKernel,
  type Dimension,
  type Expression,
  NeedsMemory,
  partsOf,
  type Reduction,
} from './expression.ts'
import { equalForms, flatten, type LinearForm, NotLinear, reshapeForms, shift } from './linear-form.ts'
import { isImmediate, isPointwise, isSource, isView, type Node, type NodeOperation } from './nodes.ts'

interface Computed {
  /** The node that it writes, or a part of it. */
  readonly target: Node
  readonly dimensions: readonly Dimension[]
  readonly value: Expression
  /** Where an element goes. */
  readonly store: LinearForm
}

/** One value for each element of the target, or one after reductions over rows. */
export interface MapKernel extends Computed {
  readonly kind: 'map'
  readonly reductions: readonly Reduction[]
  /** Dimensions that threads are apart by; what is left of the target's is a loop of theirs. */
  readonly rows: readonly number[]
  readonly columns: readonly number[]
}

/** A product of matrices with what is done to its operands and to its result. */
export interface ProductKernel extends Computed {
  readonly kind: 'product'
  readonly product: Node
  readonly left: Expression
  readonly right: Expression
}

/** Work of its own kind, on inputs that lie in memory as they are. */
export interface SpecialKernel {
  readonly kind: 'special'
  readonly target: Node
  readonly inputs: readonly Node[]
}

export type Kernel = MapKernel | ProductKernel | SpecialKernel

const SPECIAL = new Set<NodeOperation>([
  ...(['sortIndices', 'addRows', 'topK', 'writeRows', 'draw', 'groupedLinear', 'groupedProduct'] as const),
  ...(['attention', 'attentionStatistics', 'attentionGradient', 'cachedAttention'] as const),
])
/** Light enough to be done each time that a product reads an element. */
const LIGHT = new Set<NodeOperation>(['add', 'sub', 'mul', 'neg', 'cast', 'where', 'not', 'identity'])
/** Most pointwise nodes that are worth computing twice rather than keeping their result. */
const REPEATED_NODES = 12
const CONCATENATED = 3

export interface FuseOptions {
  /** Tensors that a kernel may read and write. */
  buffers: number
  /** How many of them one node takes. */
  buffersOf: (node: Node) => number
}

/** Every kernel that the outputs need, each after those it reads from. */
export function fuse(outputs: readonly Node[], options: FuseOptions): Kernel[] {
  const stored = initiallyStored(outputs)
  for (;;) {
    const before = stored.size
    const kernels = kernelsOf(outputs, stored, options)
    if (stored.size === before) return kernels
  }
}

/** Nodes under `outputs`, each after its inputs. */
function ordered(outputs: readonly Node[]): Node[] {
  const seen = new Set<Node>()
  const stack = [...outputs]
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    stack.push(...node.inputs)
  }
  return [...seen].sort((a, b) => a.id - b.id)
}

/** What a node, were it computed where it is read, would read itself; the number of nodes computed. */
interface Cost {
  reads: Set<Node>
  nodes: number
  light: boolean
}

function initiallyStored(outputs: readonly Node[]): Set<Node> {
  const nodes = ordered(outputs)
  const readers = new Map<Node, Set<Node>>()
  const costs = new Map<Node, Cost>()
  for (const node of nodes) {
    costs.set(node, costOf(node, costs))
    for (const input of node.inputs) {
      const known = readers.get(input) ?? new Set()
      readers.set(input, known.add(node))
    }
  }
  const stored = new Set(outputs.filter((node) => !isSource(node)))
  /** The kernels that compute a node, by the nodes they write. */
  const homes = new Map<Node, Set<Node>>()
  for (const node of nodes.reverse()) {
    const own = new Set<Node>()
    for (const reader of readers.get(node) ?? [])
      for (const home of stored.has(reader) ? [reader] : homes.get(reader)!) own.add(home)
    homes.set(node, own)
    if (isSource(node) || isImmediate(node) || isView(node) || stored.has(node)) continue
    if (needsMemory(node, own, readersThroughViews(node, readers, stored), costs.get(node)!)) stored.add(node)
  }
  return stored
}

function costOf(node: Node, costs: ReadonlyMap<Node, Cost>): Cost {
  if (isImmediate(node)) return { reads: new Set(), nodes: 0, light: true }
  if (!isPointwise(node) && !isView(node)) return { reads: new Set([node]), nodes: 0, light: true }
  const inputs = node.inputs.map((input) => costs.get(input)!)
  const counts = isPointwise(node)
  const big = sizeOf(node.shape) / 2
  return {
    reads: new Set(inputs.flatMap(({ reads }) => [...reads]).filter(({ shape }) => sizeOf(shape) >= big)),
    nodes: inputs.reduce((sum, { nodes }) => sum + nodes, Number(counts)),
    light: (!counts || LIGHT.has(node.operation)) && inputs.every(({ light }) => light),
  }
}

/** Nodes that read a node, as it is or through views that have no memory. */
function readersThroughViews(
  node: Node,
  readers: ReadonlyMap<Node, ReadonlySet<Node>>,
  stored: ReadonlySet<Node>,
): Node[] {
  return [...(readers.get(node) ?? [])].flatMap((reader) =>
    isView(reader) && !stored.has(reader) ? readersThroughViews(reader, readers, stored) : [reader],
  )
}

function needsMemory(node: Node, homes: ReadonlySet<Node>, readers: readonly Node[], cost: Cost): boolean {
  if (SPECIAL.has(node.operation)) return true
  const [reader] = readers
  const size = sizeOf(node.shape)
  if (node.operation === 'matmul')
    return homes.size > 1 || readers.length > 1 || !isPointwise(reader!) || sizeOf(reader!.shape) !== size
  const intoProduct = readers.some(({ operation }) => operation === 'matmul')
  if (intoProduct && !(isPointwise(node) && cost.light && cost.nodes <= 2 && cost.reads.size <= 1))
    return true
  if (homes.size <= 1) return false
  if (!isPointwise(node)) return true
  const spread = readers.some(({ shape }) => sizeOf(shape) >= 8 * size)
  if (spread && cost.nodes > 1) return true
  return cost.reads.size > 1 || cost.nodes > REPEATED_NODES
}

function kernelsOf(outputs: readonly Node[], stored: Set<Node>, options: FuseOptions): Kernel[] {
  const done = new Map<Node, Kernel[]>()
  const stack = outputs.filter((node) => !isSource(node))
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (done.has(node)) continue
    try {
      const kernels = kernelsFor(node, stored, options)
      done.set(node, kernels)
      for (const kernel of kernels) stack.push(...readsOf(kernel).filter((from) => !isSource(from)))
    } catch (error) {
      if (!(error instanceof NeedsMemory) || error.node === node) throw error
      stored.add(error.node)
      stack.push(node)
    }
  }
  return [...done.entries()].sort(([a], [b]) => a.id - b.id).flatMap(([, kernels]) => kernels)
}

/** The nodes in memory that a kernel reads. */
export function readsOf(kernel: Kernel): Node[] {
  if (kernel.kind === 'special') return [...new Set(kernel.inputs)]
  const expressions =
    kernel.kind === 'map'
      ? [kernel.value, ...kernel.reductions.map(({ value }) => value)]
      : [kernel.value, kernel.left, kernel.right]
  const loads = partsOf(expressions, kernel.dimensions)
  return [...new Set(loads.flatMap((part) => (part.kind === 'load' ? [part.node] : [])))]
}

function kernelsFor(root: Node, stored: ReadonlySet<Node>, options: FuseOptions): Kernel[] {
  const isStored = (node: Node) => stored.has(node)
  if (SPECIAL.has(root.operation)) {
    // A cache is written and not read.
    const read = root.operation === 'writeRows' ? root.inputs.slice(1) : root.inputs
    const inputs = read.map((input) => inMemory(input, isStored))
    return [{ kind: 'special', target: root, inputs }]
  }
  if (root.operation === 'concat' && root.inputs.length > CONCATENATED) {
    const axis = root.attributes.axis!
    let start = 0
    return root.inputs.map((part) => {
      const at = start
      start += part.shape[axis]!
      return mapKernel(root, part, isStored, options, axis, at)
    })
  }
  const product = productWithin(root, isStored)
  if (product !== undefined) {
    const kernel = productKernel(root, product, isStored, options)
    if (kernel !== undefined) return [kernel]
    throw new NeedsMemory(product)
  }
  return [mapKernel(root, root, isStored, options)]
}

/** The node whose memory holds the input as it is. */
function inMemory(input: Node, isStored: (node: Node) => boolean): Node {
  if (isSource(input) || isStored(input)) return input
  if (input.operation === 'reshape') return inMemory(input.inputs[0]!, isStored)
  throw new NeedsMemory(input)
}

/** The last product that is to be computed in the kernel of `root`. */
function productWithin(root: Node, isStored: (node: Node) => boolean): Node | undefined {
  let found: Node | undefined
  const seen = new Set<Node>()
  const visit = (node: Node) => {
    if (seen.has(node) || isSource(node) || (node !== root && isStored(node))) return
    seen.add(node)
    if (node.operation === 'matmul') {
      if (found === undefined || node.id > found.id) found = node
    } else if (isPointwise(node) || node.operation === 'reshape') node.inputs.forEach(visit)
  }
  visit(root)
  return found !== undefined && sizeOf(found.shape) === sizeOf(root.shape) ? found : undefined
}

function productKernel(
  root: Node,
  product: Node,
  isStored: (node: Node) => boolean,
  options: FuseOptions,
): ProductKernel | undefined {
  const [a, b] = product.inputs as [Node, Node]
  const rank = product.shape.length
  const batchAxes = product.shape.slice(0, -2)
  let outer: LinearForm[] = []
  try {
    return buildKernel(
      () => ({ root, isStored, reductions: false, product: { node: product, forms: outer } }),
      (builder) => {
        const batch = batchAxes.map((size, i) => builder.axis(`b${i}`, size, 'batch'))
        const m = builder.axis('m', product.shape[rank - 2]!, 'm')
        const n = builder.axis('n', product.shape[rank - 1]!, 'n')
        const k = builder.axis('k', a.shape.at(-1)!, 'k')
        outer = [...batch, m, n]
        const sizes = builder.dimensions.map(({ size }) => size)
        // The operands first: they are never the product itself.
        const left = builder.build(a, [...batch, m, k])
        const right = builder.build(b, [...batch, k, n])
        const forms = root === product ? outer : reshapeForms(outer, product.shape, root.shape, sizes)
        const value: Expression =
          root === product ? { kind: 'product', type: 'f32' } : builder.build(root, forms)
        const { dimensions } = builder
        const kernel: ProductKernel = {
          kind: 'product',
          target: root,
          product,
          dimensions,
          left,
          right,
          value,
          store: flatten(outer, product.shape),
        }
        limitReads(kernel, builder, root, options)
        return kernel
      },
    )
  } catch (error) {
    if (error instanceof NotLinear) return undefined
    throw error
  }
}

/** The kernel of `value`, which is `target` or its part that begins at `start` of `axis`. */
function mapKernel(
  target: Node,
  value: Node,
  isStored: (node: Node) => boolean,
  options: FuseOptions,
  axis = 0,
  start = 0,
): MapKernel {
  const isRead = (node: Node) => isStored(node) && (node !== target || value !== target)
  return buildKernel(
    () => ({ root: value === target ? target : NOTHING, isStored: isRead, reductions: true }),
    (builder) => {
      const forms = value.shape.map((size, i) => builder.axis(`o${i}`, size, 'out'))
      const computed = builder.build(value, forms)
      const { dimensions, reductions } = builder
      const out = dimensions.flatMap(({ group }, d) => (group === 'out' ? [d] : []))
      const used = new Set(reductions.flatMap(({ rows }) => rows))
      const rows = reductions.length === 0 ? out : out.filter((d) => used.has(d))
      const numRows = rows.reduce((count, d) => count * dimensions[d]!.size, 1)
      for (const { node } of reductions)
        if (node !== target && numRows > 2 * sizeOf(node.shape)) throw new NeedsMemory(node)
      const placed = forms.map((form, i) => (i === axis ? shift(form, start) : form))
      const kernel: MapKernel = {
        kind: 'map',
        target,
        dimensions,
        value: computed,
        reductions,
        store: flatten(placed, target.shape),
        rows,
        columns: out.filter((d) => !rows.includes(d)),
      }
      limitReads(kernel, builder, value, options)
      return kernel
    },
  )
}

const NOTHING: Node = { id: -1, operation: 'identity', inputs: [], attributes: {}, shape: [], type: 'f32' }

/**
 * Whether a kernel whose target takes several windows can be done one window after the other: whatever else takes several
 * is read only where the target is written.
 */
export function writesByWindow(kernel: Kernel, several: (node: Node) => boolean): boolean {
  if (kernel.kind !== 'map' || kernel.reductions.length > 0 || !several(kernel.target)) return false
  const parts = partsOf([kernel.value], kernel.dimensions)
  const whole = sizeOf(kernel.target.shape)
  const written = kernel.rows.reduce((count, d) => count * kernel.dimensions[d]!.size, 1)
  return (
    whole === written &&
    parts.every((part) => part.kind !== 'load' || !several(part.node) || equalForms(part.at, kernel.store))
  )
}

/** A kernel that reads too many tensors gets a part of its work done before. */
function limitReads(kernel: Kernel, builder: Builder, root: Node, { buffers, buffersOf }: FuseOptions): void {
  const count = (nodes: readonly Node[]) => nodes.reduce((sum, node) => sum + buffersOf(node), 0)
  const room = buffers - buffersOf(kernel.target)
  const reads = readsOf(kernel)
  if (count(reads) <= room) return
  if (writesByWindow(kernel, (node) => buffersOf(node) > 1) && reads.length < buffers) return
  let best: { node: Node; reads: number } | undefined
  for (const [node, expression] of builder.inlined) {
    if (node === root || isView(node) || isImmediate(node)) continue
    const parts = partsOf([expression], builder.dimensions)
    const values = parts.flatMap((part) => (part.kind === 'reduction' ? [part.reduction.value] : []))
    if (parts.some(({ kind }) => kind === 'product')) continue
    const loads = partsOf([...parts, ...values], builder.dimensions)
    const reads = count([...new Set(loads.flatMap((part) => (part.kind === 'load' ? [part.node] : [])))])
    if (reads > buffersOf(node) && reads <= buffers - buffersOf(node) && reads > (best?.reads ?? 0))
      best = { node, reads }
  }
  // What is done to a product's result can wait.
  if (best === undefined && kernel.kind === 'product' && kernel.product !== root)
    throw new NeedsMemory(kernel.product)
  if (best === undefined)
    throw new Error(`a kernel of ${root.operation} [${root.shape}] reads more tensors than the adapter binds`)
  throw new NeedsMemory(best.node)
}
