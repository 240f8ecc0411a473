/** Where tensors lie: a place for each in few buffers, shared by those that are never needed at the same time. */

/** What an adapter allows, as WebGPU names it. */
export interface Limits {
  /** maxStorageBufferBindingSize */
  bindingBytes: number
  /** maxBufferSize */
  bufferBytes: number
  /** maxStorageBuffersPerShaderStage */
  storageBuffers: number
  /** maxComputeWorkgroupsPerDimension */
  workgroups: number
  /** minStorageBufferOffsetAlignment */
  alignment: number
}

/** What every WebGPU adapter allows. */
export const DEFAULT_LIMITS: Limits = {
  bindingBytes: 2 ** 27,
  bufferBytes: 2 ** 28,
  storageBuffers: 8,
  workgroups: 65_535,
  alignment: 256,
}

/** What desktops' adapters allow. */
export const DESKTOP_LIMITS: Limits = {
  ...DEFAULT_LIMITS,
  bindingBytes: 2 ** 31 - 256,
  bufferBytes: 2 ** 32,
  storageBuffers: 10,
}

/** A tensor's bytes, and the first and the last step at which they are needed. */
export interface Lifetime {
  bytes: number
  first: number
  last: number
}

/** One window of a tensor. */
export interface Place {
  buffer: number
  offset: number
  bytes: number
}

export interface Layout {
  /** The windows of each tensor, in order. */
  places: Place[][]
  /** Bytes of each buffer. */
  buffers: number[]
}

const roundUp = (bytes: number, alignment: number) => Math.ceil(bytes / alignment) * alignment

/** The bytes that a tensor's windows take: all but the last one are as large as a binding may be. */
export function windowBytes(bytes: number, { bindingBytes, bufferBytes, alignment }: Limits): number[] {
  const most = Math.floor(Math.min(bindingBytes, bufferBytes) / alignment) * alignment
  const windows: number[] = []
  for (let rest = bytes; rest > 0 || windows.length === 0; rest -= most) windows.push(Math.min(rest, most))
  return windows
}

/** Largest first, each at the lowest offset that is free during its life (arXiv 2001.03288, greedy by size). */
export function placeTensors(lifetimes: readonly Lifetime[], limits: Limits): Layout {
  const buffers: number[] = []
  const blocks = lifetimes
    .flatMap(({ bytes, first, last }, tensor) =>
      windowBytes(bytes, limits).map((size, window) => ({ tensor, window, bytes: size, first, last })),
    )
    .sort((a, b) => b.bytes - a.bytes || a.first - b.first)
  const places: Place[][] = lifetimes.map(() => [])
  const taken: ((typeof blocks)[number] & { offset: number; end: number })[][] = []
  for (const block of blocks) {
    const size = Math.max(limits.alignment, roundUp(block.bytes, limits.alignment))
    for (let buffer = 0; ; buffer++) {
      taken[buffer] ??= []
      const others = taken[buffer]!.filter(({ first, last }) => first <= block.last && block.first <= last)
      let offset = 0
      for (const other of others) {
        if (other.offset - offset >= size) break
        offset = Math.max(offset, other.end)
      }
      if (offset + size > limits.bufferBytes && offset > 0) continue
      const placed = { ...block, offset, end: offset + size }
      const at = taken[buffer]!.findIndex((other) => other.offset > offset)
      taken[buffer]!.splice(at < 0 ? taken[buffer]!.length : at, 0, placed)
      places[block.tensor]![block.window] = { buffer, offset, bytes: block.bytes }
      buffers[buffer] = Math.max(buffers[buffer] ?? 0, offset + size)
      break
    }
  }
  return { places, buffers }
}

/** The most bytes that are needed at one step: no layout takes less. */
export function liveBytes(lifetimes: readonly Lifetime[]): number {
  const changes: number[] = []
  for (const { bytes, first, last } of lifetimes) {
    changes[first] = (changes[first] ?? 0) + bytes
    changes[last + 1] = (changes[last + 1] ?? 0) - bytes
  }
  let [live, most] = [0, 0]
  for (let step = 0; step < changes.length; step++) {
    live += changes[step] ?? 0
    most = Math.max(most, live)
  }
  return most
}
