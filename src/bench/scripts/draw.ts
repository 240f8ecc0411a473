/**
 * What drawing a token costs beside the product that made its scores, at a vocabulary of 262,144 tokens (Gemma 3 270M's head).
 *
 *     npx tsx src/bench/scripts/draw.ts [--slots 16] [--rounds 8]
 *
 * Both are run in turns, so other work on the machine slows both. Prints one JSON object: milliseconds of processor time a step of
 * all slots, medians; `draw` is everything after the product. `flat` are scores of a model that knows nothing, `peaked` those of one
 * whose likeliest token has about half of the probability.
 */
import { parseArgs } from 'node:util'
import { drawn } from '../../engine/embedded/decode-graph.ts'
import { input, linear, max, mul, state } from '../../graph/operations.ts'
import { randomStream } from '../../random.ts'
import { createOnnxRuntime } from '../../runtime/onnx-runtime.ts'

const { values } = parseArgs({
  options: { slots: { type: 'string', default: '16' }, rounds: { type: 'string', default: '8' } },
})
const [slots, rounds] = [Number(values.slots), Number(values.rounds)]
const [V, D] = [262_144, 640]

const runtime = createOnnxRuntime({ lean: true })
const { normal, uniform } = randomStream(1, 'draw')
const logits = mul(linear(input('hidden', [slots, D]), state('head', [V, D])), input('sharpness', [1, 1]))
const product = await runtime.compile({ outputs: { top: max(logits, 1) } })
const whole = await runtime.compile({ outputs: { drawn: drawn(logits).drawn } })
const head = runtime.create(
  [V, D],
  'float32',
  Float32Array.from({ length: V * D }, () => normal() / Math.sqrt(D)),
)
const hidden = Float32Array.from({ length: slots * D }, normal)
const uniforms = Float64Array.from({ length: slots }, uniform)

const settings = {
  greedy: [0, 0, 1],
  'temperature 1': [1, 0, 1],
  'temperature 0.6, top-p 0.95': [1 / 0.6, 0, 0.95],
  'temperature 1, top-k 50': [1, 50, 1],
}
const median = (numbers: number[]) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!

async function costs(sharpness: number, options: readonly number[]) {
  const sampling = runtime.create(
    [slots, 3],
    'float32',
    Float32Array.from({ length: 3 * slots }, (_, i) => options[i % 3]!),
  )
  const feeds = { hidden, uniforms, sharpness: Float32Array.of(sharpness) }
  const used: Record<'product' | 'whole', number[]> = { product: [], whole: [] }
  for (let round = 0; round <= rounds; round++)
    for (const [name, program] of Object.entries({ product, whole })) {
      const before = process.cpuUsage()
      await program.run({ feeds, states: { head, sampling } })
      const { user, system } = process.cpuUsage(before)
      if (round > 0) used[name as keyof typeof used].push((user + system) / 1000)
    }
  const [alone, both] = [median(used.product), median(used.whole)]
  return { product: Math.round(alone), draw: Math.round(both - alone) }
}

const result: Record<string, Record<string, { product: number; draw: number }>> = {}
for (const [kind, sharpness] of Object.entries({ flat: 1, peaked: 3.7 })) {
  result[kind] = {}
  for (const [name, options] of Object.entries(settings)) result[kind][name] = await costs(sharpness, options)
}
console.log(JSON.stringify({ slots, vocabulary: V, milliseconds: result }, undefined, 2))
runtime.close()
