/** Graphs on a WebGPU device, by the kernels of `graph/wgsl`. States stay in the device's memory. */
import { type DType, type Shape, sizeOf } from '../graph/tensor.ts'
import { type Limits, windowBytes } from '../graph/wgsl/memory.ts'
import type { ElementType } from '../graph/wgsl/nodes.ts'
import { type Located, type Plan, type PlannedTensor, planGraph } from '../graph/wgsl/plan.ts'
import type { GpuDevice } from './gpu-device.ts'
import {
  type Graph,
  holds,
  named,
  type Program,
  type Region,
  type Run,
  type Runtime,
  type State,
  sameSize,
  type Values,
} from './runtime.ts'

// GPUBufferUsage and GPUMapMode, which are globals in a browser only.
const MAP_READ = 0x1
const COPY_SRC = 0x4
const COPY_DST = 0x8
const UNIFORM = 0x40
const STORAGE = 0x80
const UNIFORM_ALIGNMENT = 256

const TYPES: Record<DType, ElementType> = {
  float32: 'f32',
  int32: 'i32',
  int64: 'i32',
  bool: 'bool',
  int8: 'i8',
}

export interface WebgpuOptions {
  /** Smaller limits than the device's, for tests. */
  limits?: Partial<Limits>
  /** Whether threads share work; by default where the device is no software. */
  cooperative?: boolean
}

export interface WebgpuRuntime extends Runtime {
  compile(graph: Graph): Promise<Program & { plan: Plan }>
  /** Bytes that have passed to the device and from it so far. */
  readonly traffic: Readonly<{ up: number; down: number }>
}

interface DeviceState extends State {
  id: number
  tensor: PlannedTensor
  buffers: GPUBuffer[]
}

/** Bindings of a program to states that it was run with, of which the last few are kept. */
const KEPT_BINDINGS = 16

export function createWebgpuRuntime(
  gpu: GpuDevice,
  { limits: fewer = {}, cooperative = !gpu.software }: WebgpuOptions = {},
): WebgpuRuntime {
  const { device, name } = gpu
  const limits = { ...gpu.limits, ...fewer }
  const states = new Set<DeviceState>()
  const traffic = { up: 0, down: 0 }
  let made = 0
  const pipelines = new Map<string, Promise<GPUComputePipeline>>()
  /** Shared by all programs, which run one after the other. */
  const arena: GPUBuffer[] = []
  const spare: GPUBuffer[] = []
  let arenaVersion = 0
  let failure: Error | undefined
  device.addEventListener('uncapturederror', ({ error }) => {
    failure ??= new Error(error.message)
  })
  void gpu.lost.then((error) => {
    failure ??= error
  })

  const buffer = (size: number, usage: number) =>
    device.createBuffer({ size: Math.max(16, Math.ceil(size / 4) * 4), usage })
  const storage = (size: number) => buffer(size, STORAGE | COPY_SRC | COPY_DST)

  function pipelineOf(code: string): Promise<GPUComputePipeline> {
    const compiled =
      pipelines.get(code) ??
      device.createComputePipelineAsync({
        layout: 'auto',
        compute: { module: device.createShaderModule({ code }), entryPoint: 'main' },
      })
    pipelines.set(code, compiled)
    return compiled
  }

  function growArena(sizes: readonly number[]): void {
    sizes.forEach((bytes, i) => {
      if (arena[i] !== undefined && arena[i].size >= bytes) return
      arena[i]?.destroy()
      arena[i] = storage(bytes)
      arenaVersion++
    })
  }

  function upload(to: GPUBuffer, offset: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (bytes.length === 0) return
    traffic.up += bytes.length
    device.queue.writeBuffer(to, offset, bytes)
  }

  /** Copies the windows to memory that this program can read, once all that was submitted is done. */
  async function download(
    tensors: readonly PlannedTensor[],
    bufferOf: (at: Located) => GPUBuffer,
    encoder = device.createCommandEncoder(),
  ): Promise<Float32Array[]> {
    if (failure !== undefined) throw failure
    const size = tensors.reduce((sum, { windows }) => sum + windows.reduce((n, { bytes }) => n + bytes, 0), 0)
    if (size === 0) {
      // Nothing is returned, so nothing is waited for.
      device.queue.submit([encoder.finish()])
      return []
    }
    traffic.down += size
    const at = spare.findIndex((free) => free.size >= size && free.size <= 4 * Math.max(size, 4096))
    const staging = at >= 0 ? spare.splice(at, 1)[0]! : buffer(size, MAP_READ | COPY_DST)
    let offset = 0
    for (const { windows } of tensors)
      for (const window of windows) {
        encoder.copyBufferToBuffer(bufferOf(window), window.offset, staging, offset, window.bytes)
        offset += window.bytes
      }
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(MAP_READ).catch(async (error: unknown) => {
      // A lost device says so a little later.
      await new Promise((resolve) => setTimeout(resolve, 100))
      throw failure ?? error
    })
    const mapped = staging.getMappedRange()
    let start = 0
    const results = tensors.map(({ shape, type, windows }) => {
      const length = windows.reduce((n, { bytes }) => n + bytes, 0)
      const bytes = mapped.slice(start, start + length)
      start += length
      return numbersOf(bytes, type, sizeOf(shape))
    })
    staging.unmap()
    spare.push(staging)
    if (failure !== undefined) throw failure
    return results
  }

  async function compile({ outputs = {}, assign = {} }: Graph): Promise<Program & { plan: Plan }> {
    const plan = planGraph({ outputs, assign, limits, cooperative })
    const stateNames = Object.keys(plan.states)
    const compiled = await Promise.all(plan.shaders.map(pipelineOf))
    const pools = { feeds: plan.buffers.feeds.map(storage), constants: plan.buffers.constants.map(storage) }
    const uniforms = uniformBuffer(plan)
    const located =
      (given: ReadonlyMap<string, DeviceState>) =>
      (at: Located): GPUBuffer =>
        at.pool === 'state'
          ? given.get(at.name)!.buffers[at.window]!
          : at.pool === 'arena'
            ? arena[at.buffer]!
            : pools[at.pool][at.buffer]!
    const own = located(new Map())
    for (const constant of plan.constants) send(constant, constant.data)

    function send(tensor: PlannedTensor, values: ArrayLike<number | bigint>): void {
      const bytes = bytesOf(values, tensor.type)
      let start = 0
      for (const window of tensor.windows) {
        upload(own(window), window.offset, bytes.subarray(start, start + window.bytes))
        start += window.bytes
      }
    }

    function uniformBuffer({ dispatches }: Plan): {
      buffer: GPUBuffer
      places: { offset: number; size: number }[]
    } {
      let size = 0
      const places = dispatches.map(({ uniforms: { length } }) => {
        const offset = size
        size += Math.ceil(Math.max(1, length * 4) / UNIFORM_ALIGNMENT) * UNIFORM_ALIGNMENT
        return { offset, size: Math.max(16, Math.ceil(length / 4) * 16) }
      })
      const data = new Uint32Array(size / 4)
      dispatches.forEach(({ uniforms: values }, i) => {
        for (const [j, value] of values.entries()) data[places[i]!.offset / 4 + j] = value
      })
      const made = buffer(size, UNIFORM | COPY_DST)
      if (size > 0) device.queue.writeBuffer(made, 0, data)
      return { buffer: made, places }
    }

    const bindings = new Map<string, GPUBindGroup[]>()
    let bindingsVersion = -1
    /** The buffers of each dispatch, where these states have not been bound before or the arena has moved. */
    function bindGroups(given: ReadonlyMap<string, DeviceState>): GPUBindGroup[] {
      growArena(plan.buffers.arena)
      if (bindingsVersion !== arenaVersion) bindings.clear()
      bindingsVersion = arenaVersion
      const key = stateNames.map((name) => given.get(name)!.id).join()
      const bufferOf = located(given)
      const groups =
        bindings.get(key) ??
        plan.dispatches.map(({ shader, bindings: bound }, i) =>
          device.createBindGroup({
            layout: compiled[shader]!.getBindGroupLayout(0),
            entries: [
              ...(plan.shaders[shader]!.includes('p.v[')
                ? [{ binding: 0, resource: { buffer: uniforms.buffer, ...uniforms.places[i] } }]
                : []),
              ...bound.map((at, b) => ({
                binding: b + 1,
                resource: {
                  buffer: bufferOf(at),
                  offset: at.offset,
                  size: Math.max(4, Math.ceil(at.bytes / 4) * 4),
                },
              })),
            ],
          }),
        )
      bindings.delete(key)
      bindings.set(key, groups)
      for (const oldest of bindings.keys()) {
        if (bindings.size <= KEPT_BINDINGS) break
        bindings.delete(oldest)
      }
      return groups
    }

    function statesOf(given: NonNullable<Run['states']>): ReadonlyMap<string, DeviceState> {
      return new Map(
        stateNames.map((name) => {
          const state = named<DeviceState>(given, name)
          const size = sizeOf(plan.states[name]!.shape)
          if (sizeOf(state.shape) < size) holds(name, { length: sizeOf(state.shape) }, size)
          return [name, state]
        }),
      )
    }

    return {
      plan,
      async run({ feeds = {}, states: given = {} } = {}) {
        if (failure !== undefined) throw failure
        for (const [input, tensor] of Object.entries(plan.feeds)) {
          const values = named<Values>(feeds, input)
          sameSize(input, values, sizeOf(tensor.shape))
          send(tensor, values)
        }
        const bound = statesOf(given)
        const groups = bindGroups(bound)
        const bufferOf = located(bound)
        const encoder = device.createCommandEncoder()
        const pass = encoder.beginComputePass()
        plan.dispatches.forEach(({ shader, workgroups: [x, y] }, i) => {
          pass.setPipeline(compiled[shader]!)
          pass.setBindGroup(0, groups[i]!)
          pass.dispatchWorkgroups(x, y)
        })
        pass.end()
        for (const { from, to } of plan.copies)
          encoder.copyBufferToBuffer(bufferOf(from), from.offset, bufferOf(to), 0, from.bytes)
        const results = await download(Object.values(plan.outputs), bufferOf, encoder)
        return Object.fromEntries(Object.keys(plan.outputs).map((output, i) => [output, results[i]!]))
      },
      close() {
        for (const own of [...pools.feeds, ...pools.constants, uniforms.buffer]) own.destroy()
      },
    }
  }

  function create(shape: Shape, dtype: DType = 'float32', values?: Values): State {
    const type = TYPES[dtype]
    const size = type === 'i8' ? Math.ceil(sizeOf(shape) / 4) * 4 : 4 * sizeOf(shape)
    const windows = windowBytes(size, limits).map(
      (bytes, window): Located => ({ pool: 'state', name: '', window, offset: 0, bytes }),
    )
    const buffers = windows.map(({ bytes }) => storage(bytes))
    const state: DeviceState = {
      ...{ shape, dtype, id: made++, tensor: { shape, type, windows }, buffers },
      write(given) {
        sameSize('a state', given, sizeOf(shape))
        const bytes = bytesOf(given, type)
        let start = 0
        windows.forEach((window, i) => {
          upload(buffers[i]!, 0, bytes.subarray(start, start + window.bytes))
          start += window.bytes
        })
      },
      async fill(write) {
        const array = new Float32Array(sizeOf(shape))
        await write(array)
        state.write(array)
      },
      read: async () =>
        (await download([state.tensor], (at) => buffers[(at as { window: number }).window]!))[0]!,
      release() {
        states.delete(state)
        for (const held of buffers) held.destroy()
      },
    }
    states.add(state)
    if (values !== undefined) state.write(values)
    return state
  }

  /** All but the last window of a tensor are as large as a binding may be, so a number's window is its place over that. */
  function copy(from: State, to: State, regions: readonly Region[]): void {
    const [source, target] = [from as DeviceState, to as DeviceState]
    const encoder = device.createCommandEncoder()
    const span = (state: DeviceState) => state.tensor.windows[0]!.bytes
    const pieces = regions.flatMap((region) => cut(region, span(source), span(target)))
    if (source !== target) {
      for (const { from: start, to: at, length } of pieces)
        encoder.copyBufferToBuffer(...place(source, start), ...place(target, at), length)
      device.queue.submit([encoder.finish()])
      return
    }
    // A buffer cannot be copied to itself.
    const scratch = storage(pieces.reduce((sum, { length }) => sum + length, 0))
    let offset = 0
    for (const { from: start, length } of pieces) {
      encoder.copyBufferToBuffer(...place(source, start), scratch, offset, length)
      offset += length
    }
    offset = 0
    for (const { to: at, length } of pieces) {
      encoder.copyBufferToBuffer(scratch, offset, ...place(target, at), length)
      offset += length
    }
    device.queue.submit([encoder.finish()])
    scratch.destroy()
  }

  return {
    name,
    memory: 'device',
    traffic,
    create,
    copy,
    compile,
    close() {
      for (const state of states) for (const held of state.buffers) held.destroy()
      for (const held of [...arena, ...spare]) held.destroy()
      states.clear()
      pipelines.clear()
      gpu.close()
    },
  }
}

const place = ({ tensor, buffers }: DeviceState, byte: number): [GPUBuffer, number] => {
  const { bytes } = tensor.windows[0]!
  return [buffers[Math.floor(byte / bytes)]!, byte % bytes]
}

/** A region in bytes, cut where either tensor's window ends. */
function cut({ from, to, length }: Region, sourceSpan: number, targetSpan: number): Region[] {
  const pieces: Region[] = []
  for (let done = 0; done < 4 * length; ) {
    const [start, at] = [4 * from + done, 4 * to + done]
    const most = Math.min(
      sourceSpan - (start % sourceSpan),
      targetSpan - (at % targetSpan),
      4 * length - done,
    )
    pieces.push({ from: start, to: at, length: most })
    done += most
  }
  return pieces
}

/** Numbers as the device stores them; a copy only where they are of another type. */
function bytesOf(values: ArrayLike<number | bigint>, type: ElementType): Uint8Array<ArrayBuffer> {
  const whole = (array: ArrayBufferView<ArrayBuffer>) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  if (type === 'i8') {
    const padded = new Int8Array(Math.ceil(values.length / 4) * 4)
    padded.set(values as ArrayLike<number>)
    return whole(padded)
  }
  if (type === 'f32')
    return whole(
      values instanceof Float32Array
        ? (values as Float32Array<ArrayBuffer>)
        : Float32Array.from(values as ArrayLike<number>),
    )
  return whole(
    values instanceof Int32Array ? (values as Int32Array<ArrayBuffer>) : Int32Array.from(values, Number),
  )
}

function numbersOf(bytes: ArrayBuffer, type: ElementType, length: number): Float32Array {
  if (type === 'f32') return new Float32Array(bytes)
  if (type === 'i8') return Float32Array.from(new Int8Array(bytes).subarray(0, length))
  return Float32Array.from(new Int32Array(bytes))
}
