/** Graphs on the CPU by ONNX Runtime. States are typed arrays that its sessions read without a copy. */
import * as ort from 'onnxruntime-node'
import { toOnnx } from '../graph/onnx.ts'
import { type DType, is, type Shape, sizeOf, type Tensor, topologicalOrder } from '../graph/tensor.ts'
import { createSession } from './onnx-session.ts'
import { type Graph, known, type Program, type Runtime, sameSize, type Values } from './runtime.ts'

const ARRAYS = {
  float32: (values: ArrayLike<number | bigint>) => Float32Array.from(values, Number),
  int32: (values: ArrayLike<number | bigint>) => Int32Array.from(values, Number),
  int64: (values: ArrayLike<number | bigint>) => BigInt64Array.from(values, BigInt),
  bool: (values: ArrayLike<number | bigint>) => Uint8Array.from(values, Number),
  int8: (values: ArrayLike<number | bigint>) => Int8Array.from(values, Number),
} satisfies Record<DType, unknown>

const ASSIGNED = 'assign:'

interface State {
  shape: Shape
  dtype: DType
  values: Values
}

export function createOnnxRuntime({ lean = false } = {}): Runtime {
  const states = new Map<string, State>()
  const sessions = new Set<ort.InferenceSession>()
  const asTensor = ({ values, shape, dtype }: State) => new ort.Tensor(dtype, values as never, shape)

  async function compile({ outputs = {}, assign = {} }: Graph): Promise<Program> {
    const assigned = Object.entries(assign).map(([name, x]): [string, Tensor] => {
      sameSize(name, known(states, name).values, sizeOf(x.shape))
      return [`${ASSIGNED}${name}`, x]
    })
    const all = { ...outputs, ...Object.fromEntries(assigned) }
    const inputs = topologicalOrder(Object.values(all)).filter((x) => is(x, 'input'))
    const session = await createSession(toOnnx(all), lean)
    sessions.add(session)
    return {
      async run(feeds = {}) {
        const fed = inputs.map((x): [string, ort.Tensor] => {
          const { name } = x.attributes as { name: string }
          const state = states.get(name)
          if (state !== undefined) return [name, asTensor(state)]
          const values = feeds[name]
          if (values === undefined) throw new Error(`nothing is fed for ${name}`)
          sameSize(name, values, sizeOf(x.shape))
          return [name, asTensor({ shape: x.shape, dtype: x.dtype, values: typed(values, x.dtype) })]
        })
        const results = await session.run(Object.fromEntries(fed))
        for (const name of Object.keys(assign))
          known(states, name).values.set(results[`${ASSIGNED}${name}`]!.data as never)
        return Object.fromEntries(Object.keys(outputs).map((name) => [name, numbers(results[name]!.data)]))
      },
      close() {
        if (sessions.delete(session)) void session.release()
      },
    }
  }

  return {
    name: 'ONNX Runtime on the CPU',
    create: (name, shape, dtype = 'float32') =>
      void states.set(name, {
        shape,
        dtype,
        values: ARRAYS[dtype](new Array<number>(sizeOf(shape)).fill(0)),
      }),
    write(name, values) {
      const state = known(states, name)
      sameSize(name, values, state.values.length)
      state.values.set(typed(values, state.dtype) as never)
    },
    read: async (name) => numbers(known(states, name).values).slice(),
    compile,
    close() {
      for (const session of sessions) void session.release()
      sessions.clear()
      states.clear()
    },
  }
}

/** The values as the type that holds them; the same array where it is one already. */
function typed(values: Values, dtype: DType): Values {
  const sample = ARRAYS[dtype]([])
  return values.constructor === sample.constructor ? values : ARRAYS[dtype](values as ArrayLike<number>)
}

const numbers = (data: ort.Tensor['data'] | Values): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number)
