/**
 * The WGSL of attention.ts. Scores are never stored: a thread has a token's query (or its key and value) in registers and
 * passes over the others (arXiv 2205.14135), in the same order in every run. Neighbouring threads have neighbouring tokens of
 * one head, so they read the same rows at the same time.
 */

import type { Memory, Shader } from './draft.ts'
import type { Node } from './nodes.ts'
import { createShaderWriter, LOWEST, type ShaderWriter } from './shader.ts'

const THREADS = 64
type Five = [string, string, string, string, string]

/** Rows of E numbers, four at a time, each four with a name of its own. */
function rowsOf(writer: ShaderWriter, memory: Memory, size: number) {
  const parts = Array.from({ length: size / 4 }, (_, i) => i)
  const four = (node: Node, at: string, i: number) =>
    memory.windows(node).count === 1
      ? writer.loadVector(node, `${at} + ${4 * i}u`)
      : `vec4<f32>(${[0, 1, 2, 3].map((j) => writer.load(node, `${at} + ${4 * i + j}u`)).join(', ')})`
  return {
    zeros: (name: string) => parts.map((i) => `var ${name}${i} = vec4<f32>();`),
    load: (name: string, node: Node, at: string, factor = '1.0') =>
      parts.map((i) => `let ${name}${i} = ${factor} * ${four(node, at, i)};`),
    dot: (a: string, b: string) => parts.map((i) => `dot(${a}${i}, ${b}${i})`).join(' + '),
    dotWith: (a: string, node: Node, at: string) =>
      parts.map((i) => `dot(${a}${i}, ${four(node, at, i)})`).join(' + '),
    addTimes: (to: string, factor: string, node: Node, at: string) =>
      parts.map((i) => `${to}${i} += ${factor} * ${four(node, at, i)};`),
    scale: (name: string, factor: string) => parts.map((i) => `${name}${i} *= ${factor};`),
    store: (target: Node, at: string, value: (i: number) => string) =>
      parts.flatMap((i) =>
        ['x', 'y', 'z', 'w'].map((c, j) =>
          writer.store(target, `${at} + ${4 * i + j}u`, `(${value(i)}).${c}`),
        ),
      ),
    parts,
  }
}

/** A thread a query, or a key and value for their gradient. */
export function attentionShader(target: Node, inputs: readonly Node[], memory: Memory): Shader {
  const writer = createShaderWriter(memory, target)
  const [query, keys, values, segments, parents] = inputs as [Node, Node, Node, Node, Node]
  const [R, T, H, K, size] = target.attributes.sizes as [number, number, number, number, number]
  const ofKeys = target.attributes.of === 'keysAndValues'
  const rows = rowsOf(writer, memory, size)
  const total = R * T * (ofKeys ? K : H)
  const [tokens, heads, keyHeads, E, group] = [T, H, K, size, H / K].map(writer.uniform) as Five
  const own = ofKeys ? keyHeads : heads
  const scale = writer.float(target.attributes.scale!)
  const visible = (i: string, j: string) => {
    const [from, seen] = [`segments_${i}`, writer.load(segments, `row * ${tokens} + ${j}`)]
    return `${seen} == ${from} || ${seen} == parent_${i}`
  }
  const token = (i: string) => [
    `let segments_${i} = ${writer.load(segments, `row * ${tokens} + ${i}`)};`,
    `let parent_${i} = ${writer.load(parents, `row * ${tokens} + ${i}`)};`,
  ]
  const at = (i: string, count: string, head: string) =>
    `((row * ${tokens} + ${i}) * ${count} + ${head}) * ${E}`
  const start = [
    `let index = workgroup * ${THREADS}u + local;`,
    `if (index >= ${writer.uniform(total)}) { return; }`,
    `let own = index % ${tokens};`,
    `let head = index / ${tokens} % ${own};`,
    `let row = index / (${tokens} * ${own});`,
  ]
  /** Over the keys that the own query sees. */
  const overKeys = (body: string[]) => [
    `let keyHead = head / ${group};`,
    ...token('own'),
    'for (var j = 0u; j <= own; j++) {',
    `if (${visible('own', 'j')}) {`,
    `let key = ${at('j', keyHeads, 'keyHead')};`,
    `let score = ${rows.dotWith('q', keys, 'key')};`,
    ...body,
    '}',
    '}',
  ]
  const online = (more: { rescale: string[]; add: string[] }) => [
    `var largest = ${LOWEST};`,
    'var sum = 0.0;',
    ...overKeys([
      'if (score > largest) {',
      'let shrink = exp(largest - score);',
      'sum *= shrink;',
      ...more.rescale,
      'largest = score;',
      '}',
      'let weight = exp(score - largest);',
      'sum += weight;',
      ...more.add,
    ]),
  ]
  const ownQuery = [`let place = ${at('own', heads, 'head')};`, ...rows.load('q', query, 'place', scale)]

  function main(): string[] {
    if (target.operation === 'attention')
      return [
        ...ownQuery,
        ...rows.zeros('mixed'),
        ...online({
          rescale: rows.scale('mixed', 'shrink'),
          add: rows.addTimes('mixed', 'weight', values, 'key'),
        }),
        ...rows.store(target, 'place', (i) => `mixed${i} / sum`),
      ]
    if (target.operation === 'attentionStatistics') {
      const [output, gradient] = inputs.slice(5) as [Node, Node]
      return [
        ...ownQuery,
        ...rows.load('o', output, 'place'),
        ...online({ rescale: [], add: [] }),
        `let statistics = ((row * ${tokens} + own) * ${heads} + head) * 2u;`,
        writer.store(target, 'statistics', 'largest + log(sum)'),
        writer.store(target, 'statistics + 1u', rows.dotWith('o', gradient, 'place')),
      ]
    }
    const [gradient, statistics] = inputs.slice(5) as [Node, Node]
    const statistic = (i: string, h: string, which: number) =>
      writer.load(statistics, `((row * ${tokens} + ${i}) * ${heads} + ${h}) * 2u + ${which}u`)
    if (!ofKeys)
      return [
        ...ownQuery,
        ...rows.load('g', gradient, 'place'),
        ...rows.zeros('d'),
        `let logSum = ${statistic('own', 'head', 0)};`,
        `let product = ${statistic('own', 'head', 1)};`,
        ...overKeys([
          `let slope = exp(score - logSum) * (${rows.dotWith('g', values, 'key')} - product);`,
          ...rows.addTimes('d', 'slope', keys, 'key'),
        ]),
        ...rows.store(target, 'place', (i) => `${scale} * d${i}`),
      ]
    // A key and value: over the queries that see them, head by head.
    return [
      `let place = ${at('own', keyHeads, 'head')};`,
      ...rows.load('k', keys, 'place'),
      ...rows.load('v', values, 'place'),
      ...rows.zeros('dk'),
      ...rows.zeros('dv'),
      `for (var h = head * ${group}; h < (head + 1u) * ${group}; h++) {`,
      `for (var i = own; i < ${tokens}; i++) {`,
      ...token('i'),
      `if (${visible('i', 'own')}) {`,
      `let other = ${at('i', heads, 'h')};`,
      `let weight = exp(${scale} * (${rows.dotWith('k', query, 'other')}) - ${statistic('i', 'h', 0)});`,
      `let slope = weight * (${rows.dotWith('v', gradient, 'other')} - ${statistic('i', 'h', 1)});`,
      ...rows.addTimes('dv', 'weight', gradient, 'other'),
      ...rows.addTimes('dk', 'slope', query, 'other'),
      '}',
      '}',
      '}',
      ...rows.store(target, 'place', (i) => `${scale} * dk${i}`),
      `let second = place + ${writer.uniform(R * T * K * size)};`,
      ...rows.store(target, 'second', (i) => `dv${i}`),
    ]
  }

  return writer.finish([...start, ...main()].join('\n'), THREADS, Math.ceil(total / THREADS))
}

/**
 * A workgroup a query head of a row: its threads share the positions, and the first one has the row's own token too. Where it
 * is not `cooperative`, a thread has a head to itself.
 */
export function cachedAttentionShader(
  target: Node,
  inputs: readonly Node[],
  memory: Memory,
  cooperative: boolean,
): Shader {
  const writer = createShaderWriter(memory, target)
  const [query, keys, values, pastKeys, pastValues, starts] = inputs as [Node, Node, Node, Node, Node, Node]
  const [R, , H, K, size, C] = target.attributes.sizes as [number, number, number, number, number, number]
  const rows = rowsOf(writer, memory, size)
  const [heads, keyHeads, capacity, E, group] = [H, K, C, size, H / K].map(writer.uniform) as Five
  const tree = (shared: string, combine: (a: string, b: string) => string) => [
    'workgroupBarrier();',
    `for (var step = ${THREADS / 2}u; step > 0u; step = step / 2u) {`,
    `if (local < step) { ${shared}[local] = ${combine(`${shared}[local]`, `${shared}[local + step]`)}; }`,
    'workgroupBarrier();',
    '}',
  ]
  const add = (keyNode: Node, valueNode: Node, at: string) => [
    `let score = ${rows.dotWith('q', keyNode, at)};`,
    'if (score > largest) {',
    'let shrink = exp(largest - score);',
    'sum *= shrink;',
    ...rows.scale('mixed', 'shrink'),
    'largest = score;',
    '}',
    'let weight = exp(score - largest);',
    'sum += weight;',
    ...rows.addTimes('mixed', 'weight', valueNode, at),
  ]
  const [index, first, apart] = cooperative
    ? ['workgroup', 'local', THREADS]
    : [`workgroup * ${THREADS}u + local`, '0u', 1]
  const attended = [
    `let index = ${index};`,
    `if (index >= ${writer.uniform(R * H)}) { return; }`,
    `let row = index / ${heads};`,
    `let keyHead = index % ${heads} / ${group};`,
    `let place = index * ${E};`,
    ...rows.load('q', query, 'place', writer.float(target.attributes.scale!)),
    ...rows.zeros('mixed'),
    `var largest = ${LOWEST};`,
    'var sum = 0.0;',
    `let count = min(u32(${writer.load(starts, 'row')}), ${capacity});`,
    `for (var j = ${first}; j < count; j += ${apart}u) {`,
    `let past = ((row * ${keyHeads} + keyHead) * ${capacity} + j) * ${E};`,
    ...add(pastKeys, pastValues, 'past'),
    '}',
    `if (${first} == 0u) {`,
    `let own = (row * ${keyHeads} + keyHead) * ${E};`,
    ...add(keys, values, 'own'),
    '}',
  ]
  if (!cooperative) {
    const main = [...attended, ...rows.store(target, 'place', (i) => `mixed${i} / sum`)]
    return writer.finish(main.join('\n'), THREADS, Math.ceil((R * H) / THREADS))
  }
  const numbers = writer.workgroupArray('numbers', 'f32', THREADS)
  const fours = writer.workgroupArray('fours', 'vec4<f32>', THREADS)
  const main = [
    ...attended,
    `${numbers}[local] = largest;`,
    ...tree(numbers, (a, b) => `max(${a}, ${b})`),
    `let whole = ${numbers}[0];`,
    'workgroupBarrier();',
    // A thread without positions counts for nothing.
    'let share = select(0.0, exp(largest - whole), sum > 0.0);',
    `${numbers}[local] = sum * share;`,
    ...tree(numbers, (a, b) => `${a} + ${b}`),
    `let total = ${numbers}[0];`,
    ...rows.parts.flatMap((i) => [
      'workgroupBarrier();',
      `${fours}[local] = mixed${i} * share;`,
      ...tree(fours, (a, b) => `${a} + ${b}`),
      'if (local == 0u) {',
      `let result = ${fours}[0] / total;`,
      ...['x', 'y', 'z', 'w'].map((c, j) => writer.store(target, `place + ${4 * i + j}u`, `result.${c}`)),
      '}',
    ]),
  ]
  return writer.finish(main.join('\n'), THREADS, R * H)
}
