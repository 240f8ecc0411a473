/**
 * Keys and values of every layer for a number of slots, in memory that the decode graph reads without a copy.
 * The layout is [slots, kvHeads, capacity, headSize]; capacity grows in steps, so that short sequences stay cheap.
 */
import type { DecoderConfig } from '../../model/config.ts'
import { type Feeds, float32 } from './session.ts'

export interface KeyValueCache {
  capacity: number
  /** Makes room for this many positions a slot. */
  reserve(positions: number): void
  /** Feeds of the first `slots` slots for `decodeGraph`. */
  feeds(slots: number): Feeds
  /**
   * Copies positions [0, count) of row `row` of a batch of `rows` sequences of `length` positions to a slot, from
   * position `start` on. `cached` is [2 · layers, rows, kvHeads, length, headSize], as both sampling graphs make it.
   */
  write(
    slot: number,
    start: number,
    cached: Float32Array,
    row: number,
    rows: number,
    length: number,
    count: number,
  ): void
  move(from: number, to: number): void
  /** Forgets all, and starts small again. */
  reset(): void
}

const STEP = 64

export function createKeyValueCache(config: DecoderConfig, slots: number): KeyValueCache {
  const { numLayers, numKeyValueHeads: heads, headSize } = config
  /** Keys of all layers, then values of all layers. */
  let layers: Float32Array[] = []

  const cache: KeyValueCache = {
    capacity: 0,
    reserve(positions) {
      if (positions <= cache.capacity) return
      const capacity = Math.ceil(positions / STEP) * STEP
      const [from, to] = [cache.capacity * headSize, capacity * headSize]
      layers = Array.from({ length: 2 * numLayers }, (_, layer) => {
        const grown = new Float32Array(slots * heads * to)
        const before = layers[layer]
        if (before !== undefined)
          for (let row = 0; row < slots * heads; row++)
            grown.set(before.subarray(row * from, (row + 1) * from), row * to)
        return grown
      })
      cache.capacity = capacity
    },
    feeds(count) {
      const shape = [count, heads, cache.capacity, headSize]
      const size = count * heads * cache.capacity * headSize
      return Object.fromEntries(
        layers.map((data, i) => [
          i < numLayers ? `keys:${i}` : `values:${i - numLayers}`,
          float32(data.subarray(0, size), shape),
        ]),
      )
    },
    write(slot, start, cached, row, rows, length, count) {
      layers.forEach((data, layer) => {
        for (let head = 0; head < heads; head++) {
          const from = ((layer * rows + row) * heads + head) * length * headSize
          const to = ((slot * heads + head) * cache.capacity + start) * headSize
          for (let i = 0; i < count * headSize; i++) data[to + i] = cached[from + i]!
        }
      })
    },
    move(from, to) {
      const size = heads * cache.capacity * headSize
      for (const data of layers) data.copyWithin(to * size, from * size, (from + 1) * size)
    },
    reset() {
      layers = []
      cache.capacity = 0
    },
  }
  return cache
}
