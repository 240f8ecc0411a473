/**
 * Seeded random streams addressed by name: `randomStream(seed, 'rollout', step, sample)` gives the same numbers
 * wherever and whenever it is asked for, so a resumed run needs no generator state.
 */
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits. */
  uniform(): number
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number
  /** Standard normal (Box-Muller). */
  normal(): number
  pick<T>(items: readonly T[]): T
  /** True with this probability. */
  chance(probability: number): boolean
  /** A new array in random order (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[]
}

export function randomStream(seed: number, ...path: (string | number)[]): RandomStream {
  const generator = xoroshiro128plus(hash(seed, path))
  const uniform = () => (generator.next() >>> 0) / 0x1_0000_0000
  const integer = (low: number, high: number) => low + Math.floor(uniform() * (high - low + 1))
  return {
    uniform,
    integer,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    pick: (items) => items[integer(0, items.length - 1)]!,
    chance: (probability) => uniform() < probability,
    shuffle: (items) => {
      const shuffled = items.slice()
      for (let i = shuffled.length - 1; i > 0; i--) {
        const j = integer(0, i)
        ;[shuffled[i], shuffled[j]] = [shuffled[j]!, shuffled[i]!]
      }
      return shuffled
    },
  }
}

/** A 32-bit hash of a text (FNV-1a with a final mix), stable across versions: held-out splits depend on it. */
export function hashText(text: string): number {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/**
 * The seed with which response `sample` of several to a request is drawn alone: the first one has the request's own.
 */
export const sampleSeed = (seed: number | bigint, sample: number): number =>
  sample === 0 && typeof seed === 'number' ? seed : hashText(`${seed}/${sample}`) >>> 1

function hash(seed: number, path: (string | number)[]): number {
  return hashText(`${seed}/${path.join('/')}`) | 0
}
