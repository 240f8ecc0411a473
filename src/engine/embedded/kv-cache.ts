/**
 * What attention keeps of past tokens for a number of slots of one capacity, as states that the decode graph reads and
 * writes: [slots, heads, capacity, size] for each of a layer's planes.
 */
import { architectureOf } from '../../model/architectures.ts'
import type { DecoderConfig } from '../../model/config.ts'
import type { Region, Runtime, State } from '../../runtime/runtime.ts'
import { planeName } from './decode-graph.ts'

export interface KeyValueCache {
  /** Positions a slot. */
  readonly capacity: number
  /** Slots that there is room for. */
  readonly slots: number
  /** Makes room for this many slots; those that remain keep what they hold. */
  resize(slots: number): void
  /** By the names that graphs have for the planes of this cache. */
  readonly states: Readonly<Record<string, State>>
  /** Copies the first `count` positions of row `row` of a prefill of `length` positions to a slot. */
  write(slot: number, prefilled: readonly State[], row: number, length: number, count: number): void
  /** Copies the first `count` positions of a slot to a slot of this or another cache of the same model. */
  copySlot(from: number, target: KeyValueCache, to: number, count: number): void
  /**
   * Makes room for `slots` and takes what another cache holds behind its own `taken` slots: the first `counts[i]` positions of
   * each. The other is empty afterwards.
   */
  absorb(other: KeyValueCache, slots: number, taken: number, counts: readonly number[]): void
  /** The planes of all layers, layer after layer. */
  readonly planes: readonly State[]
  /** Gives the planes away, and is empty. */
  take(): readonly State[]
  release(): void
}

/** Bytes that a cached position takes. */
export function positionBytes(config: DecoderConfig): number {
  const { planes, heads, size } = architectureOf(config).cache
  return 4 * config.numLayers * planes * heads * size
}

export function createKeyValueCache(
  runtime: Runtime,
  config: DecoderConfig,
  capacity: number,
  name = 'past',
): KeyValueCache {
  const { planes: numPlanes, heads, size } = architectureOf(config).cache
  const slotSize = heads * capacity * size
  let slots = 0
  let planes: State[] = []
  let states: Record<string, State> = {}

  /** The first `count` positions of all heads, from row `from` of `length` positions a head to row `to` of others. */
  const positions = (from: number, length: number, to: number, toLength: number, count: number): Region[] =>
    Array.from({ length: heads }, (_, head) => ({
      from: (from * heads + head) * length * size,
      to: (to * heads + head) * toLength * size,
      length: count * size,
    }))

  /** One plane after the other, so that hardly more than what is held in the end is ever held. */
  function renew(wanted: number, each: (plane: State, i: number) => void): void {
    const kept = Math.min(slots, wanted) * slotSize
    planes = Array.from({ length: config.numLayers * numPlanes }, (_, i) => {
      const old = planes[i]
      const plane = slots === wanted ? old! : runtime.create([wanted, heads, capacity, size])
      if (old !== undefined && old !== plane) {
        runtime.copy(old, plane, [{ from: 0, to: 0, length: kept }])
        old.release()
      }
      each(plane, i)
      return plane
    })
    slots = wanted
    states = Object.fromEntries(planes.map((plane, i) => [planeName(name, config, i), plane]))
  }

  function take(): State[] {
    const given = planes
    planes = []
    states = {}
    slots = 0
    return given
  }

  return {
    capacity,
    get planes() {
      return planes
    },
    get states() {
      return states
    },
    get slots() {
      return slots
    },
    resize(wanted) {
      if (slots !== wanted) renew(wanted, () => {})
    },
    absorb(other, wanted, taken, counts) {
      const regions = counts.flatMap((count, i) => positions(i, other.capacity, taken + i, capacity, count))
      const given = other.take()
      renew(wanted, (plane, i) => {
        runtime.copy(given[i]!, plane, regions)
        given[i]!.release()
      })
    },
    write(slot, prefilled, row, length, count) {
      if (count === 0) return
      const regions = positions(row, length, slot, capacity, count)
      planes.forEach((plane, i) => {
        runtime.copy(prefilled[i]!, plane, regions)
      })
    },
    copySlot(from, target, to, count) {
      const regions = positions(from, capacity, to, target.capacity, count)
      planes.forEach((plane, i) => {
        runtime.copy(plane, target.planes[i]!, regions)
      })
    },
    take,
    release() {
      for (const plane of take()) plane.release()
    },
  }
}
