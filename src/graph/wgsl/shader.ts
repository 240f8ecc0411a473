/**
 * Writes the WGSL of a kernel, or of several that share a dispatch. Sizes, strides and numbers are uniforms, so kernels
 * that do the same with other shapes are one text and are compiled once.
 */
import { isPacked, type Packed } from '../packed.ts'
import { createDraft, dispatchBodies, type Memory, type Shader, storageOf } from './draft.ts'
import { type Dimension, type Expression, partsOf, type Reduction, usedDimensions } from './expression.ts'
import type { LinearForm } from './linear-form.ts'
import type { ElementType, Node } from './nodes.ts'
import { widenFour } from './packed-shader.ts'
import { floatBits, pointwiseCode, wgslType } from './pointwise.ts'

/** Lines of code in which some coordinates have names. */
export interface Scope {
  lines: string[]
  names: Map<number, string>
  known: Map<Expression, string>
  parent?: Scope
  /** Whether the lines may be left out at run time. */
  branch?: boolean
}

/** The name of a coordinate that another one includes. */
const MERGED = ''
export const LOWEST = '-3.4028234663852886e38'

export interface ShaderWriter {
  uniform(value: number): string
  float(value: number): string
  /** The value of an expression; its lines go as far out as the coordinates it needs are known. */
  value(expression: Expression, scope: Scope): string
  index(form: LinearForm, scope: Scope): string
  load(node: Node, index: string): string
  /** Four numbers from an index that is a multiple of four, of a node that takes a multiple of four in one window. */
  loadVector(node: Node, index: string): string
  store(node: Node, index: string, value: string): string
  /** Names the coordinates of these dimensions, the last of which varies fastest, from their common index. */
  decompose(flat: string, dimensions: readonly number[], scope: Scope): void
  /** The result of a reduction, once it is known. */
  results: Map<Reduction, string>
  /** What a product's kernel calls its sum. */
  product?: string
  fresh(): string
  /** What a declaration of this kernel is called, in a shader that may have others. */
  unique(name: string): string
  /** Declarations outside of `main`. */
  declare(code: string): void
  /** An array that the threads of a workgroup share. Kernels of one dispatch share arrays of the same use and type. */
  workgroupArray(use: string, type: string, length: number): string
  /** The shader of all kernels so far. `threads` are the same for all of a dispatch. */
  finish(main: string, threads: number, workgroups: number): Shader
}

export const childOf = (parent: Scope, branch = false): Scope => ({
  lines: [],
  names: new Map(parent.names),
  known: new Map(),
  parent,
  branch,
})
export const topScope = (): Scope => ({ lines: [], names: new Map(), known: new Map() })

/** `expressions` are all that the kernel computes, `forms` what else it says of its coordinates. */
export function createShaderWriter(
  memory: Memory,
  target: Node,
  dimensions: readonly Dimension[] = [],
  expressions: readonly Expression[] = [],
  forms: readonly LinearForm[] = [],
): ShaderWriter {
  const draft = memory.draft ?? createDraft(memory)
  const { uniforms, bindings, names, vectors } = draft
  const results = new Map<Reduction, string>()
  const places = [
    ...forms,
    ...partsOf(expressions, dimensions).flatMap((part) => ('at' in part ? [part.at] : [])),
  ]
  const fresh = () => `v${draft.counter++}`
  const inPlace = memory.inPlace?.(target)

  function uniform(value: number): string {
    const i = uniforms.length
    uniforms.push(value)
    return `p.v[${i >> 2}].${'xyzw'[i & 3]}`
  }

  /** Binds a node where it is not yet, and gives its name. */
  function bind(node: Node, written = false): string {
    // A state that is read and written in one kernel is one binding.
    const held = node === inPlace ? target : node
    const known = names.get(held)
    if (known !== undefined) {
      if (written) for (const binding of bindings) if (binding.node === held) binding.written = true
      return known
    }
    const name = `t${names.size}`
    names.set(held, name)
    const chunk = memory.chunk?.has(held) ? memory.chunk.window : undefined
    const first = chunk ?? 0
    const last = chunk ?? memory.windows(held).count - 1
    for (let window = first; window <= last; window++)
      bindings.push({ node: held, window, written: written || held === target })
    return name
  }

  const raw = (node: Node, index: string) => {
    const name = bind(node)
    if (memory.chunk?.has(node)) return `${name}_0[${memory.chunk.index}]`
    if (vectors.has(node)) return `${name}_0[(${index}) / 4u][(${index}) % 4u]`
    draft.narrow.add(node)
    const { count } = memory.windows(node)
    return count === 1 ? `${name}_0[${index}]` : `load_${name}(${index})`
  }

  function loadVector(node: Node, index: string): string {
    if (isPacked(node.type)) return `${widening(node, node.type)}(${index})`
    vectors.add(node)
    return `${bind(node)}_0[(${index}) / 4u]`
  }

  /** The function that widens four packed numbers from an index on. */
  function widening(node: Node, type: Packed): string {
    const name = `widen_${bind(node)}`
    draft.declarations.add(
      `fn ${name}(i: u32) -> vec4<f32> {\n${widenFour(type, (index) => raw(node, index))}\n}`,
    )
    return name
  }

  function load(node: Node, index: string): string {
    if (isPacked(node.type)) return `${widening(node, node.type)}((${index}) / 4u * 4u)[(${index}) % 4u]`
    if (node.type === 'bool') return `(${raw(node, index)} != 0u)`
    if (node.type !== 'i8') return raw(node, index)
    return `extractBits(i32(${raw(node, `(${index}) / 4u`)}), ((${index}) % 4u) * 8u, 8u)`
  }

  function store(node: Node, index: string, value: string): string {
    const name = bind(node, true)
    const stored = node.type === 'bool' ? `select(0u, 1u, ${value})` : value
    if (memory.chunk?.has(node)) return `${name}_0[${memory.chunk.index}] = ${stored};`
    const { count } = memory.windows(node)
    return count === 1 ? `${name}_0[${index}] = ${stored};` : `store_${name}(${index}, ${stored});`
  }

  function index(form: LinearForm, scope: Scope): string {
    const terms = form.terms.flatMap((term, d) => {
      if (term === 0) return []
      const name = nameOf(d, scope)
      if (name === MERGED) return []
      return [term === 1 ? name : `${name} * ${uniform(term)}`]
    })
    if (form.offset !== 0) terms.push(uniform(form.offset))
    return terms.length === 0 ? '0u' : terms.join(' + ')
  }

  function nameOf(d: number, scope: Scope): string {
    const known = scope.names.get(d)
    if (known !== undefined) return known
    const { index: read } = dimensions[d]!
    if (read === undefined) throw new Error(`coordinate ${d} is not known here`)
    return `u32(${value(read, scope)})`
  }

  const needs = new Map<Expression, readonly number[]>()
  /** The kernel's own coordinates that an expression needs. */
  function needsOf(expression: Expression): readonly number[] {
    const known = needs.get(expression)
    if (known !== undefined) return known
    const used = new Set<number>()
    if ('inputs' in expression)
      for (const input of expression.inputs) for (const d of needsOf(input)) used.add(d)
    if ('at' in expression)
      for (const d of usedDimensions([expression.at])) {
        const read = dimensions[d]!.index
        if (read === undefined) used.add(d)
        else for (const e of needsOf(read)) used.add(e)
      }
    const list = [...used]
    needs.set(expression, list)
    return list
  }

  function value(expression: Expression, scope: Scope): string {
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) {
      const known = at.known.get(expression)
      if (known !== undefined) return known
    }
    if (expression.kind === 'reduction') return results.get(expression.reduction)!
    if (expression.kind === 'product') return writer.product!
    let home = scope
    const required = needsOf(expression)
    while (
      home.parent !== undefined &&
      !home.branch &&
      required.every((d) => home.parent!.names.get(d) === home.names.get(d)) &&
      !partsOf([expression], dimensions).some(({ kind }) => kind === 'product')
    )
      home = home.parent
    const name = fresh()
    if (expression.kind === 'choose') {
      home.lines.push(`var ${name}: ${wgslType(expression.type)};`)
      const where = fresh()
      home.lines.push(`let ${where} = ${index(expression.at, home)};`)
      expression.inputs.forEach((input, i) => {
        const inner = childOf(home, true)
        const result = value(input, inner)
        const last = i === expression.inputs.length - 1
        const test = last ? '' : `if (${where} < ${uniform(expression.ends[i]!)}) `
        home.lines.push(`${i === 0 ? '' : 'else '}${test}{`, ...inner.lines, `${name} = ${result};`, '}')
      })
    } else home.lines.push(`let ${name} = ${code(expression, home)};`)
    home.known.set(expression, name)
    return name
  }

  function code(expression: Expression, scope: Scope): string {
    switch (expression.kind) {
      case 'load':
        return load(expression.node, index(expression.at, scope))
      case 'scalar':
        return scalar(expression.value, expression.type)
      case 'coordinate':
        return `i32(${index(expression.at, scope)})`
      case 'apply':
        return pointwiseCode(
          expression.operation,
          expression.inputs.map((input) => value(input, scope)),
          expression.inputs.map(({ type }) => type),
          expression.type,
        )
      default:
        throw new Error(`${expression.kind} has no code of its own`)
    }
  }

  function scalar(number: number, type: ElementType): string {
    if (type === 'bool') return `(${uniform(number === 0 ? 0 : 1)} != 0u)`
    if (type === 'f32') return `bitcast<f32>(${uniform(floatBits(number))})`
    return `bitcast<i32>(${uniform(number)})`
  }

  function decompose(flat: string, dims: readonly number[], scope: Scope): void {
    const groups: number[][] = []
    for (const d of dims) {
      const last = groups.at(-1)?.at(-1)
      if (last !== undefined && mergeable(last, d)) groups.at(-1)!.push(d)
      else groups.push([d])
    }
    let rest = /^\w+$/.test(flat) ? flat : `(${flat})`
    for (let g = groups.length - 1; g >= 0; g--) {
      const group = groups[g]!
      const size = group.reduce((product, d) => product * dimensions[d]!.size, 1)
      for (const d of group) scope.names.set(d, MERGED)
      const name = fresh()
      scope.names.set(group.at(-1)!, name)
      if (g === 0) scope.lines.push(`let ${name} = ${rest};`)
      else {
        const by = uniform(size)
        scope.lines.push(`let ${name} = ${rest} % ${by};`)
        const next = fresh()
        scope.lines.push(`let ${next} = ${rest} / ${by};`)
        rest = next
      }
    }
  }

  /** Whether two neighbours are one dimension wherever they occur. */
  function mergeable(outer: number, inner: number): boolean {
    const { size } = dimensions[inner]!
    return places.every(({ terms }) => (terms[outer] ?? 0) === (terms[inner] ?? 0) * size)
  }

  function finish(main: string, threads: number, workgroups: number): Shader {
    const { bodies, declarations } = draft
    bodies.push({ main, workgroups })
    const dispatched = dispatchBodies(bodies, uniform)
    const uniformVectors = Math.max(1, Math.ceil(uniforms.length / 4))
    const lines = [
      `struct P { v: array<vec4<u32>, ${uniformVectors}> }`,
      '@group(0) @binding(0) var<uniform> p: P;',
    ]
    bindings.forEach(({ node, window, written }, i) => {
      const access = written || memory.shared(node) ? 'read_write' : 'read'
      const type = `array<${vectors.has(node) ? 'vec4<f32>' : storageOf(node.type)}>`
      lines.push(
        `@group(0) @binding(${i + 1}) var<storage, ${access}> ${names.get(node)}_${memory.chunk?.has(node) ? 0 : window}: ${type};`,
      )
    })
    for (const [node, name] of names) lines.push(...windowFunctions(node, name))
    lines.push(
      ...declarations,
      ...dispatched.functions,
      `@compute @workgroup_size(${threads})`,
      'fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, ' +
        '@builtin(local_invocation_index) local: u32) {',
      'let workgroup = group.y * groups.x + group.x;',
      dispatched.main,
      '}',
    )
    return {
      code: lines.join('\n'),
      uniforms,
      bindings,
      workgroups: bodies.reduce((sum, body) => sum + body.workgroups, 0),
      mixed: [...vectors].filter((node) => draft.narrow.has(node)),
    }
  }

  function windowFunctions(node: Node, name: string): string[] {
    const { count, size } = memory.windows(node)
    if (count === 1 || memory.chunk?.has(node)) return []
    const type = storageOf(node.type)
    const each = Array.from({ length: count }, (_, i) => i)
    const inside = (i: number) => (i === count - 1 ? '' : `if (i < ${(i + 1) * size}u) `)
    const at = (i: number) => `${name}_${i}[i - ${i * size}u]`
    return [
      `fn load_${name}(i: u32) -> ${type} {`,
      ...each.map((i) => `${inside(i)}{ return ${at(i)}; }`),
      '}',
      ...(bindings.some((binding) => binding.node === node && binding.written)
        ? [
            `fn store_${name}(i: u32, x: ${type}) {`,
            ...each.map((i) => `${inside(i)}{ ${at(i)} = x; return; }`),
            '}',
          ]
        : []),
    ]
  }

  const writer: ShaderWriter = {
    uniform,
    float: (number) => scalar(number, 'f32'),
    value,
    index,
    load,
    loadVector,
    store,
    decompose,
    results,
    fresh,
    unique: (name) => `${name}${draft.bodies.length || ''}`,
    declare: (code) => void draft.declarations.add(code),
    workgroupArray(use, type, length) {
      const name = `${use}_${length}`
      draft.declarations.add(`var<workgroup> ${name}: array<${type}, ${length}>;`)
      return name
    },
    finish,
  }
  return writer
}
