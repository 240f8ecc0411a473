/** Graphs in float64 by the interpreter: slow and exact. The others are tested against it. */
import { evaluate } from '../graph/evaluate.ts'
import { sizeOf } from '../graph/tensor.ts'
import { type Graph, known, type Program, type Runtime, sameSize } from './runtime.ts'

export function createFloat64Runtime(): Runtime {
  const states = new Map<string, Float64Array>()

  function compile({ outputs = {}, assign = {} }: Graph): Program {
    for (const [name, { shape }] of Object.entries(assign)) sameSize(name, known(states, name), sizeOf(shape))
    const tensors = [...Object.values(outputs), ...Object.values(assign)]
    return {
      async run(feeds = {}) {
        const numbers = Object.entries(feeds).map(([name, values]) => [
          name,
          Float64Array.from(values, Number),
        ])
        const results = evaluate(tensors, { ...Object.fromEntries(states), ...Object.fromEntries(numbers) })
        const names = Object.keys(outputs)
        Object.keys(assign).forEach((name, i) => {
          states.set(name, results[names.length + i]!.slice())
        })
        return Object.fromEntries(names.map((name, i) => [name, Float32Array.from(results[i]!)]))
      },
      close() {},
    }
  }

  return {
    name: 'float64',
    create: (name, shape) => void states.set(name, new Float64Array(sizeOf(shape))),
    write(name, values) {
      sameSize(name, values, known(states, name).length)
      states.set(name, Float64Array.from(values as ArrayLike<number>, Number))
    },
    read: async (name) => Float32Array.from(known(states, name)),
    compile: async (graph) => compile(graph),
    close: () => states.clear(),
  }
}
