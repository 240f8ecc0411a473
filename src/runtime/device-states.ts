/** Tensors in a WebGPU device's memory: states, and numbers on their way to buffers and from them. */
/// <reference types="@webgpu/types" />

import { isPacked, PACKED, packedBytes } from '../graph/packed.ts'
import { type DType, type Shape, sizeOf } from '../graph/tensor.ts'
import { type Limits, windowBytes } from '../graph/wgsl/memory.ts'
import { ELEMENT_TYPES, type ElementType, bytesOf as storedBytes } from '../graph/wgsl/nodes.ts'
import type { Located, PlannedTensor } from '../graph/wgsl/plan.ts'
import { halved, valuesOf, widened } from './packed-values.ts'
import { type Region, type State, sameSize, type Values } from './runtime.ts'

export interface DeviceState extends State {
  id: number
  tensor: PlannedTensor
  buffers: GPUBuffer[]
}

export interface DeviceMemory {
  device: GPUDevice
  limits: Limits
  /** A buffer that kernels may use, of zeros. */
  storage(bytes: number): GPUBuffer
  upload(to: GPUBuffer, offset: number, bytes: Uint8Array<ArrayBuffer>): void
  download(tensors: readonly PlannedTensor[], bufferOf: (at: Located) => GPUBuffer): Promise<Float32Array[]>
}

export function createDeviceStates({ device, limits, storage, upload, download }: DeviceMemory) {
  const states = new Set<DeviceState>()
  let made = 0

  function create(shape: Shape, dtype: DType = 'float32', values?: Values): State {
    const type = ELEMENT_TYPES[dtype]
    const windows = windowBytes(storedBytes({ shape, type }), limits).map(
      (bytes, window): Located => ({ pool: 'state', name: '', window, offset: 0, bytes }),
    )
    const buffers = windows.map(({ bytes }) => storage(bytes))
    const state: DeviceState = {
      ...{ shape, dtype, id: made++, tensor: { shape, type, windows }, buffers },
      write(given) {
        sameSize('a state', given, valuesOf(dtype, sizeOf(shape)))
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
        state.write(isPacked(dtype) ? halved(array) : array)
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
    const pieces = regions.flatMap((region) => cut(region, numberBytes(source), span(source), span(target)))
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

  function close(): void {
    for (const state of states) for (const held of state.buffers) held.destroy()
    states.clear()
  }

  return { create, copy, close }
}

const place = ({ tensor, buffers }: DeviceState, byte: number): [GPUBuffer, number] => {
  const { bytes } = tensor.windows[0]!
  return [buffers[Math.floor(byte / bytes)]!, byte % bytes]
}

/** Packed numbers are copied in whole words. */
const numberBytes = ({ dtype }: DeviceState): number =>
  isPacked(dtype) ? PACKED[dtype].blockBytes / PACKED[dtype].blockSize : 4

/** A region in bytes, of so many a number, cut where either tensor's window ends. */
function cut({ from, to, length }: Region, each: number, sourceSpan: number, targetSpan: number): Region[] {
  const pieces: Region[] = []
  const total = Math.ceil((each * length) / 4) * 4
  for (let done = 0; done < total; ) {
    const [start, at] = [each * from + done, each * to + done]
    const most = Math.min(sourceSpan - (start % sourceSpan), targetSpan - (at % targetSpan), total - done)
    pieces.push({ from: start, to: at, length: most })
    done += most
  }
  return pieces
}

/** Numbers as the device stores them; a copy only where they are of another type. */
export function bytesOf(values: ArrayLike<number | bigint>, type: ElementType): Uint8Array<ArrayBuffer> {
  const whole = (array: ArrayBufferView<ArrayBuffer>) =>
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  if (type === 'i8' || isPacked(type)) {
    const bytes = new Uint8Array(Math.ceil(values.length / 4) * 4)
    bytes.set(values as ArrayLike<number>)
    return bytes
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

export function numbersOf(bytes: ArrayBuffer, type: ElementType, length: number): Float32Array {
  if (type === 'f32') return new Float32Array(bytes)
  if (isPacked(type)) return widened(type, new Uint8Array(bytes, 0, packedBytes(type, length)))
  if (type === 'i8') return Float32Array.from(new Int8Array(bytes).subarray(0, length))
  return Float32Array.from(new Int32Array(bytes))
}
