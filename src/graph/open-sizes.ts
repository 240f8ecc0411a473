/**
 * Sizes that are known only when a graph runs. While it is built, a number stands for each of them in its shapes: a prime that is
 * nothing else. So every multiple of it, and its neighbours, are known again as what they are made of.
 */
import type { Shape } from './tensor.ts'

/** What stands for each open size, by name. */
export type OpenSizes = Readonly<Record<string, number>>

/** A size as `factor` times the product of open sizes, and `more`. */
interface SizeParts {
  factor: number
  names: string[]
  more: number
}

/** What a size is made of; undefined where it is the same in every run. */
export function openParts(size: number, open: OpenSizes): SizeParts | undefined {
  for (const [name, prime] of Object.entries(open))
    for (const more of [-1, 1]) if (size === prime + more) return { factor: 1, names: [name], more }
  const names: string[] = []
  let factor = size
  for (const [name, prime] of Object.entries(open))
    for (; factor > 0 && factor % prime === 0; factor /= prime) names.push(name)
  return names.length === 0 ? undefined : { factor, names, more: 0 }
}

export const isOpen = (shape: Shape, open: OpenSizes): boolean =>
  shape.some((size) => openParts(size, open) !== undefined)

/** A shape in a run of these sizes. */
export const actualShape = (shape: Shape, open: OpenSizes, sizes: OpenSizes): number[] =>
  shape.map((size) => {
    const parts = openParts(size, open)
    return parts === undefined
      ? size
      : parts.names.reduce((product, name) => product * sizes[name]!, parts.factor) + parts.more
  })
