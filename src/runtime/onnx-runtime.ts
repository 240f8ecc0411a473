/**
 * Graphs on the CPU by ONNX Runtime. States are typed arrays that its sessions read without a copy, and that are updated
 * in place beside them; see host-steps.ts.
 */
import { availableParallelism } from 'node:os'
import * as ort from 'onnxruntime-node'
import { createDraw, drawRows } from '../graph/draw.ts'
import { toOnnx } from '../graph/onnx.ts'
import { actualShape, isOpen } from '../graph/open-sizes.ts'
import { isPacked, type Packed } from '../graph/packed.ts'
import { type DType, is, type Shape, sizeOf, type Tensor, topologicalOrder } from '../graph/tensor.ts'
import { hostSteps, type WriteStep } from './host-steps.ts'
import { createPackedState, type PackedState } from './onnx-packed-state.ts'
import { createSession } from './onnx-session.ts'
import {
  type Graph,
  holds,
  named,
  type Program,
  type Run,
  type Runtime,
  type State,
  sameSize,
  type Values,
} from './runtime.ts'

const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  int8: Int8Array,
} satisfies Record<Plain, unknown>
type Plain = Exclude<DType, Packed>

interface HostState extends State {
  dtype: Plain
  size: number
  values: Values
  /** What a session was last given of it. */
  tensor?: ort.Tensor | undefined
}

export interface OnnxOptions {
  /** Its sessions give their memory back after each run; see onnx-session.ts. */
  lean?: boolean
  /** That its sessions compute with; one a core by default. */
  threads?: number | undefined
}

export function createOnnxRuntime({
  lean = false,
  threads = availableParallelism(),
}: OnnxOptions = {}): Runtime {
  const sessions = new Set<ort.InferenceSession>()
  let closed = false

  function create(shape: Shape, dtype: DType = 'float32', values?: Values): State {
    if (isPacked(dtype)) return createPackedState(shape, dtype, values as Uint8Array)
    const size = sizeOf(shape)
    // Made when first looked at: what a session computes takes its place, and zeros were for nothing.
    let held = values && typed(values, dtype)
    const state: HostState = {
      shape,
      dtype,
      size,
      get values() {
        held ??= new ARRAYS[dtype](size)
        return held
      },
      set values(given) {
        held = given
      },
      write(given) {
        sameSize('a state', given, size)
        state.values.set(typed(given, dtype) as never)
      },
      async fill(write) {
        await write(state.values as Float32Array)
      },
      read: async () => numbers(state.values),
      release() {
        if (held !== undefined) free([held])
        held = new ARRAYS[dtype](0)
        state.tensor = undefined
      },
    }
    if (held !== undefined) sameSize('a state', held, size)
    return state
  }

  async function compile(graph: Graph): Promise<Program> {
    const { open = {} } = graph
    const steps = hostSteps(graph)
    const wanted = Object.values(steps.session)
    const inputs = topologicalOrder(wanted)
      .filter((x) => is(x, 'input'))
      .map(({ attributes, shape, dtype }) => ({ ...attributes, shape, dtype, open: isOpen(shape, open) }))
    const options = { threads, lean, open: Object.keys(open).length > 0 }
    const session =
      wanted.length === 0 ? undefined : await createSession(toOnnx(steps.session, { open }), options)
    if (session !== undefined) sessions.add(session)
    const draws = [...steps.draws].map(([name, x]) => ({ name, x, draw: createDraw(x.inputs[0]!.shape[1]!) }))

    const shapeIn = (shape: Shape, { sizes = {} }: Run): Shape =>
      isOpen(shape, open) ? actualShape(shape, open, sizes) : shape

    function sessionFeeds({ feeds = {}, states = {}, sizes = {} }: Run): Record<string, ort.Tensor> {
      const given: Record<string, ort.Tensor> = {}
      for (const { name, state, dtype, shape: built, open: opens } of inputs) {
        const shape = opens ? actualShape(built, open, sizes) : built
        if (isPacked(dtype)) {
          for (const [suffix, tensor] of named<PackedState>(states, name).tensors)
            given[`${name}${suffix}`] = tensor
          continue
        }
        if (state === true) {
          given[name] = tensorOf(named<HostState>(states, name), name, shape)
          continue
        }
        const values = named<Values>(feeds, name)
        sameSize(name, values, sizeOf(shape))
        given[name] = new ort.Tensor(dtype, typed(values, dtype) as never, shape)
      }
      return given
    }

    return {
      async run(run = {}) {
        const { feeds = {}, states = {} } = run
        if (closed) throw new Error('this runtime is closed')
        const results = session === undefined ? {} : await session.run(sessionFeeds(run))
        const result = (name: string) => results[name]!.data as Values
        const stateOf = (name: string) => named<HostState>(states, name)
        const valuesOf = (x: Tensor): ArrayLike<number> => {
          const own = steps.names.get(x)
          if (own !== undefined) return result(own) as Float32Array
          const { name, state } = x.attributes as { name: string; state?: boolean }
          return (state === true ? stateOf(name).values : named(feeds, name)) as Float32Array
        }
        const outputs: Record<string, Float32Array> = {}
        for (const [name, own] of steps.outputs) outputs[name] = numbers(result(own))
        for (const { name, x, draw } of draws)
          outputs[name] = drawRows(
            new Float32Array(sizeOf(shapeIn(x.shape, run))),
            x.inputs.map(valuesOf),
            draw,
          )
        const values = { array: valuesOf, feed: (name: string) => named<Float32Array>(feeds, name) }
        const known = new Map<Tensor, number>()
        const scalars = (when: boolean) => {
          for (const [name, { x, late }] of steps.scalars)
            if (late === when) outputs[name] = Float32Array.of(steps.host.scalarOf(x, values, known))
        }
        scalars(false)
        const updates = steps.loops.map(({ targets, tensors, sums }) =>
          steps.host.update(
            targets.map((name) => stateOf(name).values as Float32Array),
            ...([tensors, sums, values, known] as const),
          ),
        )
        for (const update of updates) update()
        scalars(true)
        for (const step of steps.writes)
          writeRows(
            { ...step, shape: shapeIn(step.shape, run), rows: shapeIn(step.rows, run) },
            stateOf(step.state).values as Float32Array,
            result(step.stack) as Float32Array,
            valuesOf(step.starts),
          )
        const taken = new Set<Values>(Object.values(outputs))
        for (const [name, own] of steps.replaced) {
          const state = stateOf(name)
          const data = result(own)
          // Where nobody else has the session's array, it takes the old one's place.
          if (data.length === state.size && !taken.has(data)) state.values = data
          else {
            holds(name, state.values, data.length)
            state.values.set(data as never)
          }
          taken.add(data)
        }
        // What was only added to states.
        free(
          Object.values(results).flatMap(({ data }) => (taken.has(data as Values) ? [] : [data as Values])),
        )
        return outputs
      },
      close() {
        if (session !== undefined && sessions.delete(session)) void session.release()
      },
    }
  }

  return {
    name: 'ONNX Runtime on the CPU',
    memory: 'host',
    fusesAttention: false,
    opensSizes: true,
    create,
    copy(from, to, regions) {
      if (isPacked(from.dtype)) {
        const { bytes } = to as PackedState
        bytes.set((from as PackedState).bytes)
        return
      }
      const [source, target] = [(from as HostState).values, (to as HostState).values]
      for (const { from: start, to: at, length } of regions)
        target.set(source.subarray(start, start + length) as never, at)
    },
    compile,
    close() {
      closed = true
      for (const session of sessions) void session.release()
      sessions.clear()
    },
  }
}

const nowhere = new MessageChannel()
nowhere.port2.close()

/** Gives memory back now, not when the garbage collector looks next: whoever the arrays are sent to is not there. */
function free(arrays: readonly Values[]): void {
  // Others may stand in a part of the same buffer.
  const whole = arrays.filter(({ buffer, byteLength }) => byteLength > 0 && byteLength === buffer.byteLength)
  nowhere.port1.postMessage(
    null,
    whole.map(({ buffer }) => buffer as ArrayBuffer),
  )
}

/** `rows` of all states with this step's shape lie one after the other. */
function writeRows(
  { shape, rows, at }: WriteStep,
  cache: Float32Array,
  stack: Float32Array,
  starts: ArrayLike<number | bigint>,
): void {
  const [R, H, C, E] = shape as [number, number, number, number]
  const count = rows[2]! * E
  let source = at * R * H * count
  for (let r = 0; r < R; r++) {
    const start = Number(starts[r])
    for (let h = 0; h < H; h++, source += count) {
      const target = ((r * H + h) * C + start) * E
      // A loop, since `set` and `subarray` cost more than a token's few dozen numbers.
      for (let i = 0; i < count; i++) cache[target + i] = stack[source + i]!
    }
  }
}

function tensorOf(state: HostState, name: string, shape: Shape): ort.Tensor {
  const { values, tensor, dtype } = state
  if (tensor !== undefined && tensor.data === values && String(tensor.dims) === String(shape)) return tensor
  const size = sizeOf(shape)
  if (values.length < size) holds(name, values, size)
  const whole = values.length === size ? values : values.subarray(0, size)
  state.tensor = new ort.Tensor(dtype, whole as never, shape)
  return state.tensor
}

/** The values as the type that holds them; the same array where it is one already. */
function typed(values: Values, dtype: Plain): Values {
  const Typed = ARRAYS[dtype]
  if (values instanceof Typed) return values
  return dtype === 'int64'
    ? BigInt64Array.from(values as ArrayLike<number>, BigInt)
    : (Typed as Float32ArrayConstructor).from(values as ArrayLike<number>, Number)
}

const numbers = (data: Values): Float32Array =>
  data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number)
