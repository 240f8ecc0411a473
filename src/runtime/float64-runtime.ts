/** Graphs in float64 by the interpreter: slow and exact. The others are tested against it. */
import { evaluate } from '../graph/evaluate.ts'
import { isPacked } from '../graph/packed.ts'
import { type DType, is, sizeOf, topologicalOrder } from '../graph/tensor.ts'
import { halved, valuesOf, widened } from './packed-values.ts'
import { holds, named, type Runtime, type State, sameSize, type Values } from './runtime.ts'

interface Float64State extends State {
  values: Float64Array
}

const numbers = (values: Values, dtype: DType = 'float32') =>
  Float64Array.from(
    (isPacked(dtype) ? widened(dtype, values as Uint8Array) : values) as ArrayLike<number>,
    Number,
  )

export function createFloat64Runtime(): Runtime {
  return {
    name: 'the float64 interpreter',
    memory: 'host',
    fusesAttention: false,
    opensSizes: false,
    create(shape, dtype = 'float32', values) {
      const state: Float64State = {
        ...{
          shape,
          dtype,
          values: values === undefined ? new Float64Array(sizeOf(shape)) : numbers(values, dtype),
        },
        write(given) {
          sameSize('a state', given, valuesOf(dtype, state.values.length))
          state.values = numbers(given, dtype)
        },
        async fill(write) {
          const array = Float32Array.from(state.values)
          await write(array)
          state.values = isPacked(dtype) ? numbers(halved(array), dtype) : numbers(array)
        },
        read: async () => Float32Array.from(state.values),
        release() {},
      }
      sameSize('a state', state.values, sizeOf(shape))
      return state
    },
    copy(from, to, regions) {
      const [source, target] = [from, to].map((state) => (state as Float64State).values) as [
        Float64Array,
        Float64Array,
      ]
      for (const { from: start, to: at, length } of regions)
        target.set(source.subarray(start, start + length), at)
    },
    async compile({ outputs = {}, assign = {} }) {
      const tensors = [...Object.values(outputs), ...Object.values(assign)]
      const inputs = topologicalOrder(tensors).filter((x) => is(x, 'input'))
      return {
        async run({ feeds = {}, states = {} } = {}) {
          const values = inputs.map((x): [string, Float64Array] => {
            const { name, state } = x.attributes as { name: string; state?: boolean }
            if (state !== true) {
              const fed = numbers(named<Values>(feeds, name))
              sameSize(name, fed, sizeOf(x.shape))
              return [name, fed]
            }
            const held = named<Float64State>(states, name).values
            holds(name, held, sizeOf(x.shape))
            return [name, held.subarray(0, sizeOf(x.shape))]
          })
          const results = evaluate(tensors, Object.fromEntries(values))
          const names = Object.keys(outputs)
          Object.keys(assign).forEach((name, i) => {
            const result = results[names.length + i]!
            const state = named<Float64State>(states, name)
            holds(name, state.values, result.length)
            // Not in place: other names may have been given the same numbers.
            state.values = state.values.slice()
            state.values.set(result)
          })
          return Object.fromEntries(names.map((name, i) => [name, Float32Array.from(results[i]!)]))
        },
        close() {},
      }
    },
    close() {},
  }
}
