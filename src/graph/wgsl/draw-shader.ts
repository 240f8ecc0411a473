/**
 * The WGSL that draws tokens, as draw.ts says it, without sorting: the weight at which a sum crosses is found by halving
 * the range of its bits, which are in the order of the numbers they stand for. A workgroup a row.
 */

import type { Memory, Shader } from './draft.ts'
import type { Node } from './nodes.ts'
import { createShaderWriter } from './shader.ts'

const THREADS = 256
/** The bits of 2, above all probabilities. */
const ABOVE = '0x40000000u'

/** From logprobs and weights [R, V], options [R, 3] and uniforms [R]. */
export function drawShader(
  target: Node,
  [logprobs, weights, options, uniforms]: readonly Node[],
  memory: Memory,
): Shader {
  const writer = createShaderWriter(memory, target)
  const [rows, V] = logprobs!.shape as [number, number]
  const size = writer.uniform(V)
  const option = (i: number) => writer.load(options!, `3u * workgroup + ${i}u`)
  const weight = (i: string) => writer.load(weights!, `row + ${i}`)
  const logprob = (i: string) => writer.load(logprobs!, `row + ${i}`)
  // Every thread has neighbouring tokens, in the tokens' order.
  const chunk = (thread: string) => [
    `let span = (${size} + ${THREADS - 1}u) / ${THREADS}u;`,
    `let first = min(${thread} * span, ${size});`,
    `let last = min(first + span, ${size});`,
  ]
  const tree = (combine: string) => [
    'workgroupBarrier();',
    `for (var step = ${THREADS / 2}u; step > 0u; step = step / 2u) {`,
    `if (local < step) { ${combine} }`,
    'workgroupBarrier();',
    '}',
  ]
  /** The largest weight, as bits in `name`, for which the condition on the tally of all that are no smaller holds. */
  const search = (name: string, from: string, condition: string) => [
    `var ${name} = ${from};`,
    `var end_${name} = ${ABOVE};`,
    'for (var step = 0u; step < 31u; step++) {',
    `let middle = (${name} + end_${name}) / 2u;`,
    'let found = tally(middle, row, local);',
    `if (${condition}) { ${name} = middle; } else { end_${name} = middle; }`,
    '}',
  ]
  writer.declare(
    [
      `var<workgroup> masses: array<f32, ${THREADS}>;`,
      `var<workgroup> counts: array<u32, ${THREADS}>;`,
      'struct Tally { mass: f32, count: u32 }',
      // The weights that are no smaller than these bits say.
      'fn tally(bits: u32, row: u32, local: u32) -> Tally {',
      ...chunk('local'),
      'let least = bitcast<f32>(bits);',
      'var mass = 0.0;',
      'var count = 0u;',
      'for (var i = first; i < last; i++) {',
      `let w = ${weight('i')};`,
      'if (w >= least) { mass += w; count++; }',
      '}',
      'masses[local] = mass;',
      'counts[local] = count;',
      ...tree('masses[local] += masses[local + step]; counts[local] += counts[local + step];'),
      'let result = Tally(workgroupUniformLoad(&masses[0]), workgroupUniformLoad(&counts[0]));',
      'return result;',
      '}',
    ].join('\n'),
  )
  const main = [
    `if (workgroup >= ${writer.uniform(rows)}) { return; }`,
    `let row = workgroup * ${size};`,
    ...chunk('local'),
    `let inverse = ${option(0)};`,
    `let asked = u32(${option(1)});`,
    `let k = select(${size}, min(asked, ${size}), asked > 0u);`,
    `let share = ${option(2)};`,
    `let uniform01 = ${writer.load(uniforms!, 'workgroup')};`,
    'var token = 0u;',
    'var samplingLogprob = 0.0;',
    'if (inverse == 0.0) {',
    `var best = min(first, ${size} - 1u);`,
    `for (var i = first; i < last; i++) { if (${logprob('i')} > ${logprob('best')}) { best = i; } }`,
    `masses[local] = ${logprob('best')};`,
    'counts[local] = best;',
    ...tree(
      'let other = local + step;' +
        'if (masses[other] > masses[local] || (masses[other] == masses[local] && counts[other] < counts[local])) {' +
        'masses[local] = masses[other]; counts[local] = counts[other]; }',
    ),
    'token = counts[0];',
    `} else if (k == ${size} && share >= 1.0) {`,
    'var mass = 0.0;',
    'var end = 0u;',
    `for (var i = first; i < last; i++) { let w = ${weight('i')}; mass += w; if (w > 0.0) { end = i + 1u; } }`,
    'masses[local] = mass;',
    'counts[local] = end;',
    'workgroupBarrier();',
    'if (local == 0u) {',
    'var left = uniform01;',
    'var thread = 0u;',
    `while (thread < ${THREADS}u && left >= masses[thread]) { left -= masses[thread]; thread++; }`,
    'var drawn = false;',
    `for (var i = thread * span; i < min((thread + 1u) * span, ${size}) && !drawn; i++) {`,
    `let w = ${weight('i')};`,
    'left -= w;',
    'if (left < 0.0) { token = i; drawn = true; }',
    '}',
    // The sum was rounded: the last token of this thread, or of all, that can be drawn.
    `for (var t = min(thread + 1u, ${THREADS}u); t > 0u && !drawn; t--) {`,
    'if (counts[t - 1u] > 0u) { token = counts[t - 1u] - 1u; drawn = true; }',
    '}',
    `samplingLogprob = log(${weight('token')});`,
    '}',
    '} else {',
    'var kth = 0u;',
    'var whole = 1.0;',
    `if (k < ${size}) {`,
    ...search('bits', '0u', 'found.count >= k'),
    'kth = bits;',
    'let more = tally(kth + 1u, row, local);',
    'whole = more.mass + f32(k - more.count) * bitcast<f32>(kth);',
    '}',
    'var nucleus = 0u;',
    'if (share < 1.0) {',
    ...search('bits', '0u', 'found.mass >= share * whole'),
    'nucleus = bits;',
    '}',
    // Of the tokens with the least weight that is kept, the first few.
    'let cut = max(kth, nucleus);',
    'let least = bitcast<f32>(cut);',
    'let above = tally(cut + 1u, row, local);',
    'var ties = tally(cut, row, local).count - above.count;',
    'if (cut == kth) { ties = min(ties, k - above.count); }',
    'if (share < 1.0 && cut == nucleus && least > 0.0) {',
    'ties = min(ties, max(1u, u32(ceil((share * whole - above.mass) / least))));',
    '}',
    'let mass = above.mass + f32(ties) * least;',
    'let wanted = uniform01 * mass;',
    'var value = least;',
    'var before = above.mass;',
    'if (wanted < above.mass || least == 0.0) {',
    ...search('bits', 'cut', 'found.mass > wanted'),
    'value = bitcast<f32>(bits);',
    'let larger = tally(bits + 1u, row, local);',
    'before = larger.mass;',
    'ties = tally(bits, row, local).count - larger.count;',
    '}',
    'let rank = min(u32(max(0.0, wanted - before) / value), ties - 1u);',
    'var equal = 0u;',
    `for (var i = first; i < last; i++) { if (${weight('i')} == value) { equal++; } }`,
    'workgroupBarrier();',
    'counts[local] = equal;',
    'workgroupBarrier();',
    'if (local == 0u) {',
    'var left = rank;',
    'var thread = 0u;',
    `while (thread < ${THREADS - 1}u && left >= counts[thread]) { left -= counts[thread]; thread++; }`,
    `for (var i = thread * span; i < min((thread + 1u) * span, ${size}); i++) {`,
    `if (${weight('i')} == value) { if (left == 0u) { token = i; break; } left--; }`,
    '}',
    'samplingLogprob = log(value / mass);',
    '}',
    '}',
    'if (local == 0u) {',
    writer.store(target, '3u * workgroup', 'f32(token)'),
    writer.store(target, '3u * workgroup + 1u', logprob('token')),
    writer.store(target, '3u * workgroup + 2u', 'samplingLogprob'),
    '}',
  ]
  return writer.finish(main.join('\n'), THREADS, rows)
}
