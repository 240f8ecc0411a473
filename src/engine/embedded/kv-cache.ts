/**
 * What attention keeps of past tokens for a number of slots of one capacity, in memory that the decode graph reads
 * without a copy: [slots, heads, capacity, size] for each of a layer's planes.
 */
import { architectureOf } from '../../model/architectures.ts'
import type { DecoderConfig } from '../../model/config.ts'
import { type Feeds, float32 } from './session.ts'

export interface KeyValueCache {
  /** Positions a slot. */
  readonly capacity: number
  /** Makes room for this many slots. */
  reserve(slots: number): void
  /** Feeds of the first `slots` slots for `decodeGraph`. */
  feeds(slots: number): Feeds
  /**
   * Copies positions [0, count) of row `row` of a batch of `rows` sequences of `length` positions to a slot, from
   * position `start` on. `cached` is [layers · planes, rows, heads, length, size], as both sampling graphs make it.
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
  /** Copies the first `count` positions of a slot to a slot of this or another cache of the same model. */
  copySlot(from: number, target: KeyValueCache, to: number, count: number): void
  /** The planes of all layers, layer after layer. */
  readonly layers: readonly Float32Array[]
}

/** Bytes that a cached position takes. */
export function positionBytes(config: DecoderConfig): number {
  const { planes, heads, size } = architectureOf(config).cache
  return 4 * config.numLayers * planes * heads * size
}

export function createKeyValueCache(config: DecoderConfig, capacity: number): KeyValueCache {
  const { planes, heads, size } = architectureOf(config).cache
  const slotSize = heads * capacity * size
  const layers = Array.from({ length: config.numLayers * planes }, () => new Float32Array(0))

  return {
    capacity,
    layers,
    reserve(slots) {
      layers.forEach((data, layer) => {
        if (data.length >= slots * slotSize) return
        layers[layer] = new Float32Array(slots * slotSize)
        layers[layer].set(data)
      })
    },
    feeds(slots) {
      const shape = [slots, heads, capacity, size]
      return Object.fromEntries(
        layers.map((data, i) => [
          `past:${Math.floor(i / planes)}:${i % planes}`,
          float32(data.subarray(0, slots * slotSize), shape),
        ]),
      )
    },
    write(slot, start, cached, row, rows, length, count) {
      for (let layer = 0; layer < layers.length; layer++) {
        const data = layers[layer]!
        for (let head = 0; head < heads; head++) {
          const from = ((layer * rows + row) * heads + head) * length * size
          copy(cached, from, data, slot * slotSize + (head * capacity + start) * size, count * size)
        }
      }
    },
    copySlot(from, target, to, count) {
      layers.forEach((data, layer) => {
        const into = target.layers[layer]!
        for (let head = 0; head < heads; head++) {
          const start = from * slotSize + head * capacity * size
          into.set(data.subarray(start, start + count * size), (to * heads + head) * target.capacity * size)
        }
      })
    },
  }
}

/** A loop, since `set` and `subarray` cost more than a token's few dozen numbers. */
function copy(source: Float32Array, from: number, target: Float32Array, to: number, count: number): void {
  for (let i = 0; i < count; i++) target[to + i] = source[from + i]!
}
