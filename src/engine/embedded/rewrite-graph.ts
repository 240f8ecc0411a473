/** Changes of a finished graph, by name. */
import type { Tensor } from '../../graph/tensor.ts'
import type { Graph } from '../../runtime/runtime.ts'

/** The graph whose tensors are what `change` makes of them, in their order. */
export function rewriteGraph(
  { outputs = {}, assign = {}, carry = {}, ...rest }: Graph,
  change: (tensors: readonly Tensor[]) => readonly Tensor[],
): Graph {
  const parts = [outputs, assign, carry]
  const changed = change(parts.flatMap((part) => Object.values(part)))
  let next = 0
  const [newOutputs, newAssign, newCarry] = parts.map((part) =>
    Object.fromEntries(Object.keys(part).map((name) => [name, changed[next++]!])),
  ) as [Record<string, Tensor>, Record<string, Tensor>, Record<string, Tensor>]
  return { ...rest, outputs: newOutputs, assign: newAssign, carry: newCarry }
}
