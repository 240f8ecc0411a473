/** A graph with some of its nodes exchanged. */
import { type Tensor, tensor, topologicalOrder } from './tensor.ts'

/**
 * The same outputs of a graph in which `exchange` has had its say on every node: it is given the node on its already
 * exchanged inputs and answers with it or with another of the same shape.
 */
export function rewrite(outputs: readonly Tensor[], exchange: (x: Tensor) => Tensor): Tensor[] {
  const exchanged = new Map<Tensor, Tensor>()
  for (const x of topologicalOrder(outputs)) {
    const inputs = x.inputs.map((from) => exchanged.get(from)!)
    exchanged.set(x, exchange(onInputs(x, inputs)))
  }
  return outputs.map((x) => exchanged.get(x)!)
}

/** The operation of `x` on other inputs; `x` itself where they are its own. */
export const onInputs = (x: Tensor, inputs: readonly Tensor[]): Tensor =>
  x.inputs.every((from, i) => from === inputs[i])
    ? x
    : tensor(x.operation, inputs, x.attributes, x.shape, x.dtype)
