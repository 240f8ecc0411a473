/** Graphs on a WebGPU device, by the kernels of `graph/wgsl`. States stay in the device's memory. */
import { sizeOf } from '../graph/tensor.ts'
import type { Limits } from '../graph/wgsl/memory.ts'
import { type Located, type Plan, type PlannedTensor, planGraph } from '../graph/wgsl/plan.ts'
import { bytesOf, createDeviceStates, type DeviceState, numbersOf } from './device-states.ts'
import type { GpuDevice } from './gpu-device.ts'
import {
  type Graph,
  holds,
  named,
  type Program,
  type Run,
  type Runtime,
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

export interface WebgpuOptions {
  /** Smaller limits than the device's, for tests. */
  limits?: Partial<Limits>
  /** Whether threads share work; by default where the device is no software. */
  cooperative?: boolean
}

export interface WebgpuRuntime extends Runtime {
  compile(graph: Graph): Promise<Program & { plan: Plan }>
  /** Bytes that have passed to the device and from it so far, and kernels started. */
  readonly counts: Readonly<{ up: number; down: number; dispatches: number }>
}

/** Before the names of what is carried to the next round, among a plan's outputs. */
const CARRIED = 'next:'
/** Bindings of a program to states that it was run with, of which the last few are kept. */
const KEPT_BINDINGS = 16

export function createWebgpuRuntime(
  gpu: GpuDevice,
  { limits: fewer = {}, cooperative = !gpu.software }: WebgpuOptions = {},
): WebgpuRuntime {
  const { device, name } = gpu
  const limits = { ...gpu.limits, ...fewer }
  const counts = { up: 0, down: 0, dispatches: 0 }
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
    counts.up += bytes.length
    device.queue.writeBuffer(to, offset, bytes)
  }

  const downloadBytes = (tensors: readonly PlannedTensor[]) =>
    tensors.reduce((sum, { windows }) => sum + windows.reduce((n, { bytes }) => n + bytes, 0), 0)

  /** A buffer that this program can read. */
  function takeStaging(size: number): GPUBuffer {
    const at = spare.findIndex((free) => free.size >= size && free.size <= 4 * Math.max(size, 4096))
    return at >= 0 ? spare.splice(at, 1)[0]! : buffer(size, MAP_READ | COPY_DST)
  }

  function copyOut(
    tensors: readonly PlannedTensor[],
    bufferOf: (at: Located) => GPUBuffer,
    encoder: GPUCommandEncoder,
    to: GPUBuffer,
    offset: number,
  ): void {
    for (const { windows } of tensors)
      for (const window of windows) {
        encoder.copyBufferToBuffer(bufferOf(window), window.offset, to, offset, window.bytes)
        offset += window.bytes
      }
  }

  /** What `copyOut` has put there, so often one after the other, once all that was submitted is done. */
  async function readOut(
    staging: GPUBuffer,
    tensors: readonly PlannedTensor[],
    times: number,
  ): Promise<Float32Array[]> {
    const size = downloadBytes(tensors)
    counts.down += times * size
    await staging.mapAsync(MAP_READ).catch(async (error: unknown) => {
      // A lost device says so a little later.
      await new Promise((resolve) => setTimeout(resolve, 100))
      throw failure ?? error
    })
    const mapped = staging.getMappedRange()
    let start = 0
    const results = tensors.map(({ shape, type, windows }) => {
      const length = windows.reduce((n, { bytes }) => n + bytes, 0)
      const each = Array.from({ length: times }, (_, i) =>
        numbersOf(mapped.slice(i * size + start, i * size + start + length), type, sizeOf(shape)),
      )
      start += length
      if (times === 1) return each[0]!
      const all = new Float32Array(times * sizeOf(shape))
      each.forEach((values, i) => {
        all.set(values, i * sizeOf(shape))
      })
      return all
    })
    staging.unmap()
    spare.push(staging)
    if (failure !== undefined) throw failure
    return results
  }

  async function download(
    tensors: readonly PlannedTensor[],
    bufferOf: (at: Located) => GPUBuffer,
  ): Promise<Float32Array[]> {
    if (failure !== undefined) throw failure
    const staging = takeStaging(downloadBytes(tensors))
    const encoder = device.createCommandEncoder()
    copyOut(tensors, bufferOf, encoder, staging, 0)
    device.queue.submit([encoder.finish()])
    return await readOut(staging, tensors, 1)
  }

  const states = createDeviceStates({ device, limits, storage, upload, download })

  async function compile({
    outputs = {},
    assign = {},
    carry = {},
  }: Graph): Promise<Program & { plan: Plan }> {
    const carried = Object.fromEntries(Object.entries(carry).map(([name, x]) => [`${CARRIED}${name}`, x]))
    const plan = planGraph({ outputs: { ...outputs, ...carried }, assign, limits, cooperative })
    const returned = Object.keys(outputs)
    const results = returned.map((name) => plan.outputs[name]!)
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
      async run({ feeds = {}, states: given = {}, rounds = 1 } = {}) {
        if (failure !== undefined) throw failure
        const bound = statesOf(given)
        const groups = bindGroups(bound)
        const bufferOf = located(bound)
        const size = downloadBytes(results)
        const staging = size === 0 ? undefined : takeStaging(rounds * size)
        for (let round = 0; round < rounds; round++) {
          for (const [input, tensor] of Object.entries(plan.feeds)) {
            if (round > 0 && input in carry) continue
            const values = named<Values>(feeds, input)
            const length = sizeOf(tensor.shape)
            sameSize(input, values, input in carry ? length : rounds * length)
            send(tensor, rounds === 1 ? values : values.subarray(round * length, (round + 1) * length))
          }
          const encoder = device.createCommandEncoder()
          const pass = encoder.beginComputePass()
          plan.dispatches.forEach(({ shader, workgroups: [x, y] }, i) => {
            pass.setPipeline(compiled[shader]!)
            pass.setBindGroup(0, groups[i]!)
            pass.dispatchWorkgroups(x, y)
          })
          pass.end()
          counts.dispatches += plan.dispatches.length
          for (const { from, to } of plan.copies)
            encoder.copyBufferToBuffer(bufferOf(from), from.offset, bufferOf(to), 0, from.bytes)
          if (staging !== undefined) copyOut(results, bufferOf, encoder, staging, round * size)
          for (const name of Object.keys(carry)) {
            const [from, to] = [plan.outputs[`${CARRIED}${name}`]!, plan.feeds[name]!].map(
              ({ windows }) => windows[0]!,
            ) as [Located, Located]
            encoder.copyBufferToBuffer(bufferOf(from), from.offset, bufferOf(to), to.offset, to.bytes)
          }
          // Submitted one by one, so that the device computes a round while the next one is written.
          device.queue.submit([encoder.finish()])
        }
        // Where nothing is returned, nothing is waited for.
        if (staging === undefined) return {}
        const values = await readOut(staging, results, rounds)
        return Object.fromEntries(returned.map((name, i) => [name, values[i]!]))
      },
      close() {
        for (const own of [...pools.feeds, ...pools.constants, uniforms.buffer]) own.destroy()
      },
    }
  }

  return {
    name,
    memory: 'device',
    fusesAttention: true,
    opensSizes: false,
    counts,
    create: states.create,
    copy: states.copy,
    compile,
    close() {
      states.close()
      for (const held of [...arena, ...spare]) held.destroy()
      pipelines.clear()
      gpu.close()
    },
  }
}
