/** The WGSL of what is neither pointwise nor a product of whole matrices. Inputs lie in memory as they are. */
import { sizeOf } from '../tensor.ts'
import { attentionShader, cachedAttentionShader } from './attention-shader.ts'
import type { Memory, Shader } from './draft.ts'
import { drawShader } from './draw-shader.ts'
import type { SpecialKernel } from './fuse.ts'
import type { Node } from './nodes.ts'
import { createShaderWriter, LOWEST } from './shader.ts'

const THREADS = 64
/** Rows up to this long are ranked by comparing all pairs, a thread an element. */
const RANKED = 4096
const FOUR = [0, 1, 2, 3]

/** One shader, or one for each group. */
export function specialShaders(
  { target, inputs }: SpecialKernel,
  memory: Memory,
  cooperative: boolean,
): Shader[] {
  switch (target.operation) {
    case 'sortIndices':
      return [sortIndices(target, inputs, memory)]
    case 'addRows':
      return [addRows(target, inputs, memory)]
    case 'topK':
      return [topK(target, inputs, memory)]
    case 'writeRows':
      return [writeRows(target, inputs, memory)]
    case 'attention':
    case 'attentionStatistics':
    case 'attentionGradient':
      return [attentionShader(target, inputs, memory)]
    case 'cachedAttention':
      return [cachedAttentionShader(target, inputs, memory, cooperative)]
    case 'draw':
      return [drawShader(target, inputs, memory)]
    case 'groupedLinear':
      return inputs.slice(2).map((weight, group) => groupedLinear(target, inputs, weight, group, memory))
    case 'groupedProduct':
      return [groupedProduct(target, inputs, memory)]
    default:
      throw new Error(`${target.operation} has no kernel of its own`)
  }
}

const eachThread = (total: string): string[] => [
  `let i = workgroup * ${THREADS}u + local;`,
  `if (i >= ${total}) { return; }`,
]

/** Each index counts those that belong before it: the same order in every run. */
function sortIndices(target: Node, [indices]: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const size = sizeOf(indices!.shape)
  const count = writer.uniform(size)
  const main = [
    ...eachThread(count),
    `let mine = ${writer.load(indices!, 'i')};`,
    'var rank = 0u;',
    `for (var j = 0u; j < ${count}; j++) {`,
    `let other = ${writer.load(indices!, 'j')};`,
    'if (other < mine || (other == mine && j < i)) { rank++; }',
    '}',
    writer.store(target, 'rank', 'mine'),
    writer.store(target, `${count} + rank`, 'i32(i)'),
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(size / THREADS))
}

/** A thread an element of the result finds its row's first update and adds one after the other. */
function addRows(target: Node, [sorted, updates]: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const [numRows, wide] = target.shape as [number, number]
  const [width, count] = [writer.uniform(wide), writer.uniform(updates!.shape[0]!)]
  const total = numRows * wide
  const main = [
    ...eachThread(writer.uniform(total)),
    `let row = i32(i / ${width});`,
    `let column = i % ${width};`,
    'var low = 0u;',
    `var high = ${count};`,
    'while (low < high) {',
    'let middle = (low + high) / 2u;',
    `if (${writer.load(sorted!, 'middle')} < row) { low = middle + 1u; } else { high = middle; }`,
    '}',
    'var sum = 0.0;',
    `for (; low < ${count} && ${writer.load(sorted!, 'low')} == row; low++) {`,
    `let source = u32(${writer.load(sorted!, `${count} + low`)});`,
    `sum += ${writer.load(updates!, `source * ${width} + column`)};`,
    '}',
    writer.store(target, 'i', 'sum'),
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(total / THREADS))
}

/** Largest first, the earlier of two equal ones first. */
function topK(target: Node, [values]: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const [k, size] = [target.shape.at(-1)!, values!.shape.at(-1)!]
  const rows = sizeOf(values!.shape) / size
  const [most, count] = [writer.uniform(k), writer.uniform(size)]
  const other = `let other = ${writer.load(values!, `start + j`)};`
  if (size <= RANKED || k > THREADS) {
    const main = [
      ...eachThread(writer.uniform(rows * size)),
      `let own = i % ${count};`,
      'let start = i - own;',
      `let mine = ${writer.load(values!, 'i')};`,
      'var rank = 0u;',
      `for (var j = 0u; j < ${count}; j++) {`,
      other,
      'if (other > mine || (other == mine && j < own)) { rank++; }',
      '}',
      `if (rank < ${most}) { ${writer.store(target, `i / ${count} * ${most} + rank`, 'i32(own)')} }`,
    ]
    return writer.finish(main.join('\n'), THREADS, Math.ceil((rows * size) / THREADS))
  }
  const main = [
    ...eachThread(writer.uniform(rows)),
    `let start = i * ${count};`,
    'var last = 3.4028234663852886e38;',
    'var lastAt = -1;',
    `for (var found = 0u; found < ${most}; found++) {`,
    `var best = ${LOWEST};`,
    'var bestAt = 0;',
    `for (var j = 0u; j < ${count}; j++) {`,
    other,
    'let after = other < last || (other == last && i32(j) > lastAt);',
    'if (after && other > best) { best = other; bestAt = i32(j); }',
    '}',
    'last = best;',
    'lastAt = bestAt;',
    writer.store(target, `i * ${most} + found`, 'bestAt'),
    '}',
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(rows / THREADS))
}

/** A thread an element of the rows. */
function writeRows(target: Node, [starts, rows]: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const [slots, heads, capacity, size] = target.shape as [number, number, number, number]
  const total = sizeOf(rows!.shape)
  // The rows may lie in memory under another shape.
  const positions = total / (slots * heads * size)
  const [H, C, E, T] = [heads, capacity, size, positions].map(writer.uniform)
  const main = [
    ...eachThread(writer.uniform(total)),
    `let head = i / (${E} * ${T});`,
    `let position = u32(${writer.load(starts!, `head / ${H}`)}) + i / ${E} % ${T};`,
    `if (position < ${C}) { ${writer.store(target, `(head * ${C} + position) * ${E} + i % ${E}`, writer.load(rows!, 'i'))} }`,
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(total / THREADS))
}

/** The rows [start, end) of a group. */
const groupRows = (count: string, group: string): string[] => [
  'var start = 0u;',
  `for (var g = 0u; g < ${group}; g++) { let at = g; start += u32(${count.replace('AT', 'at')}); }`,
  `let end = start + u32(${count.replace('AT', group)});`,
]

/** The rows of one group by its weight, 4 × 4 results a thread. */
function groupedLinear(
  target: Node,
  [x, counts]: readonly Node[],
  weight: Node,
  group: number,
  memory: Memory,
): Shader {
  const writer = createShaderWriter(memory, target)
  const [rows, outer] = target.shape as [number, number]
  const inner = x!.shape[1]!
  const [numN, numK] = [writer.uniform(outer), writer.uniform(inner)]
  const tiles = Math.ceil(outer / 4)
  const count = writer.uniform(tiles)
  const total = tiles * Math.ceil(rows / 4)
  const [alongN, alongK] = target.attributes.transpose ? ['1u', numN] : [numK, '1u']
  const main = [
    ...eachThread(writer.uniform(total)),
    ...groupRows(writer.load(counts!, 'AT'), writer.uniform(group)),
    `let n = i % ${count} * 4u;`,
    `let m = start + i / ${count} * 4u;`,
    'if (m >= end) { return; }',
    ...FOUR.map((j) => `let n${j} = min(n + ${j}u, ${numN} - 1u) * ${alongN};`),
    ...FOUR.map((j) => `let m${j} = min(m + ${j}u, end - 1u) * ${numK};`),
    ...FOUR.map((j) => `var c${j} = vec4<f32>();`),
    `for (var k = 0u; k < ${numK}; k++) {`,
    `let w = vec4<f32>(${FOUR.map((j) => writer.load(weight, `n${j} + k * ${alongK}`)).join(', ')});`,
    ...FOUR.map((j) => `c${j} += ${writer.load(x!, `m${j} + k`)} * w;`),
    '}',
    ...results('m', 'end', 'n', numN, writer.store(target, `row * ${numN} + column`, 'value')),
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(total / THREADS))
}

/** Sums over the rows of one group, 4 × 4 results a thread. */
function groupedProduct(target: Node, [a, b, counts]: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const [outer, inner] = target.shape as [number, number]
  const [numN, numK] = [writer.uniform(outer), writer.uniform(inner)]
  const tiles = Math.ceil(inner / 4)
  const count = writer.uniform(tiles)
  const total = tiles * Math.ceil(outer / 4)
  const main = [
    ...eachThread(writer.uniform(total)),
    ...groupRows(writer.load(counts!, 'AT'), writer.uniform(target.attributes.group!)),
    `let n = i % ${count} * 4u;`,
    `let m = i / ${count} * 4u;`,
    ...FOUR.map((j) => `let n${j} = min(n + ${j}u, ${numK} - 1u);`),
    ...FOUR.map((j) => `let m${j} = min(m + ${j}u, ${numN} - 1u);`),
    ...FOUR.map((j) => `var c${j} = vec4<f32>();`),
    'for (var row = start; row < end; row++) {',
    `let r = vec4<f32>(${FOUR.map((j) => writer.load(b!, `row * ${numK} + n${j}`)).join(', ')});`,
    ...FOUR.map((j) => `c${j} += ${writer.load(a!, `row * ${numN} + m${j}`)} * r;`),
    '}',
    ...results('m', numN, 'n', numK, writer.store(target, `row * ${numK} + column`, 'value')),
  ]
  return writer.finish(main.join('\n'), THREADS, Math.ceil(total / THREADS))
}

const results = (m: string, endM: string, n: string, endN: string, store: string): string[] => [
  'var results = array<vec4<f32>, 4>(c0, c1, c2, c3);',
  `for (var a = 0u; a < 4u && ${m} + a < ${endM}; a++) {`,
  `for (var b = 0u; b < 4u && ${n} + b < ${endN}; b++) {`,
  `let row = ${m} + a;`,
  `let column = ${n} + b;`,
  'let value = results[a][b];',
  store,
  '}',
  '}',
]
