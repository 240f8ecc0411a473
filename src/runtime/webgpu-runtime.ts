/** Graphs on a WebGPU device, by the kernels of `graph/wgsl`. States stay in the device's memory. */
import { type DType, sizeOf } from '../graph/tensor.ts'
import { type Limits, windowBytes } from '../graph/wgsl/memory.ts'
import type { ElementType } from '../graph/wgsl/nodes.ts'
import { type Located, type Plan, type PlannedTensor, planGraph } from '../graph/wgsl/plan.ts'
import type { GpuDevice } from './gpu-device.ts'
import { type Graph, known, type Program, type Runtime, sameSize } from './runtime.ts'

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
}

interface State extends PlannedTensor {
  buffers: GPUBuffer[]
}

export function createWebgpuRuntime(
  gpu: GpuDevice,
  { limits: fewer = {}, cooperative = !gpu.software }: WebgpuOptions = {},
): WebgpuRuntime {
  const { device, name } = gpu
  const limits = { ...gpu.limits, ...fewer }
  const states = new Map<string, State>()
  const pipelines = new Map<string, Promise<GPUComputePipeline>>()
  /** Shared by all programs, which run one after the other. */
  const arena: GPUBuffer[] = []
  const spare: GPUBuffer[] = []
  let arenaVersion = 0
  let failure: Error | undefined
  device.addEventListener('uncapturederror', ({ error }) => {
    failure ??= new Error(error.message)
  })
  void device.lost.then(({ message, reason }) => {
    if (reason !== 'destroyed') failure ??= new Error(`the GPU was lost: ${message}`)
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
    if (bytes.length > 0) device.queue.writeBuffer(to, offset, bytes)
  }

  /** Copies the windows to memory that this program can read, once all that was submitted is done. */
  async function download(
    tensors: readonly PlannedTensor[],
    bufferOf: (at: Located) => GPUBuffer,
    encoder = device.createCommandEncoder(),
  ): Promise<Float32Array[]> {
    const size = tensors.reduce((sum, { windows }) => sum + windows.reduce((n, { bytes }) => n + bytes, 0), 0)
    const at = spare.findIndex((free) => free.size >= size && free.size <= 4 * Math.max(size, 4096))
    const staging = at >= 0 ? spare.splice(at, 1)[0]! : buffer(size, MAP_READ | COPY_DST)
    let offset = 0
    for (const { windows } of tensors)
      for (const window of windows) {
        encoder.copyBufferToBuffer(bufferOf(window), window.offset, staging, offset, window.bytes)
        offset += window.bytes
      }
    device.queue.submit([encoder.finish()])
    await staging.mapAsync(MAP_READ)
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

  const stateBuffer = (at: Located): GPUBuffer => {
    if (at.pool !== 'state') throw new Error('not a state')
    return known(states, at.name).buffers[at.window]!
  }

  async function compile({ outputs = {}, assign = {} }: Graph): Promise<Program & { plan: Plan }> {
    for (const [state, { shape }] of Object.entries(assign))
      sameSize(state, { length: sizeOf(known(states, state).shape) }, sizeOf(shape))
    const plan = planGraph({ outputs, assign, isState: (input) => states.has(input), limits, cooperative })
    const compiled = await Promise.all(plan.shaders.map(pipelineOf))
    const pools = { feeds: plan.buffers.feeds.map(storage), constants: plan.buffers.constants.map(storage) }
    const uniforms = uniformBuffer(plan)
    const bufferOf = (at: Located): GPUBuffer =>
      at.pool === 'state'
        ? stateBuffer(at)
        : at.pool === 'arena'
          ? arena[at.buffer]!
          : pools[at.pool][at.buffer]!
    for (const constant of plan.constants) send(constant, constant.data)

    function send(tensor: PlannedTensor, values: ArrayLike<number | bigint>): void {
      const bytes = bytesOf(values, tensor.type)
      let start = 0
      for (const window of tensor.windows) {
        upload(bufferOf(window), window.offset, bytes.subarray(start, start + window.bytes))
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

    let groups: GPUBindGroup[] = []
    let groupsVersion = -1
    /** The buffers of each dispatch, again where the arena has moved. */
    function bindGroups(): GPUBindGroup[] {
      growArena(plan.buffers.arena)
      if (groupsVersion === arenaVersion) return groups
      groupsVersion = arenaVersion
      groups = plan.dispatches.map(({ shader, bindings }, i) =>
        device.createBindGroup({
          layout: compiled[shader]!.getBindGroupLayout(0),
          entries: [
            ...(plan.shaders[shader]!.includes('p.v[')
              ? [{ binding: 0, resource: { buffer: uniforms.buffer, ...uniforms.places[i] } }]
              : []),
            ...bindings.map((at, b) => ({
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
      return groups
    }

    return {
      plan,
      async run(feeds = {}) {
        for (const [input, tensor] of Object.entries(plan.feeds)) {
          const values = feeds[input]
          if (values === undefined) throw new Error(`nothing is fed for ${input}`)
          sameSize(input, values, sizeOf(tensor.shape))
          send(tensor, values)
        }
        const bound = bindGroups()
        const encoder = device.createCommandEncoder()
        const pass = encoder.beginComputePass()
        plan.dispatches.forEach(({ shader, workgroups: [x, y] }, i) => {
          pass.setPipeline(compiled[shader]!)
          pass.setBindGroup(0, bound[i]!)
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

  return {
    name,
    create(state, shape, dtype = 'float32') {
      for (const old of states.get(state)?.buffers ?? []) old.destroy()
      const type = TYPES[dtype]
      const size = type === 'i8' ? Math.ceil(sizeOf(shape) / 4) * 4 : 4 * sizeOf(shape)
      const windows = windowBytes(size, limits).map(
        (bytes, window): Located => ({ pool: 'state', name: state, window, offset: 0, bytes }),
      )
      states.set(state, { shape, type, windows, buffers: windows.map(({ bytes }) => storage(bytes)) })
    },
    write(state, values) {
      const { shape, type, windows, buffers } = known(states, state)
      sameSize(state, values, sizeOf(shape))
      const bytes = bytesOf(values, type)
      let start = 0
      windows.forEach((window, i) => {
        upload(buffers[i]!, 0, bytes.subarray(start, start + window.bytes))
        start += window.bytes
      })
    },
    read: async (state) => (await download([known(states, state)], stateBuffer))[0]!,
    compile,
    close() {
      gpu.close()
      states.clear()
      pipelines.clear()
    },
  }
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
