/** Shapes in an ONNX model: numbers where they are known, computed from the inputs' shapes where sizes are open. */
import { type Emit, elementOf, type Initializer, integer } from './onnx-nodes.ts'
import { isOpen, type OpenSizes, openParts } from './open-sizes.ts'
import { is, type Shape, sizeOf, type Tensor } from './tensor.ts'

export interface Shapes {
  /** A shape, int64. */
  shapeOf: (shape: Shape) => string
  /** The same as the operand of a Reshape, which finds one size by itself. */
  targetOf: (shape: Shape) => string
  /** A constant of an open size: the numbers from 0 on, as many as there are in the run. */
  counted: (x: Tensor<'constant'>) => string
}

/** `order` has all tensors of the graph, its inputs among them. */
export function createShapes(
  open: OpenSizes,
  order: readonly Tensor[],
  emit: Emit,
  initializer: Initializer,
): Shapes {
  const int64s = (values: readonly number[]) => initializer(values, [values.length], 'int64')
  /** An open size in a run, [1]. */
  const openSize = (name: string): string => {
    for (const x of order) {
      if (!is(x, 'input')) continue
      for (const [axis, size] of x.shape.entries()) {
        const { factor = 1, names = [], more = 0 } = openParts(size, open) ?? {}
        if (names.join() !== name || more !== 0) continue
        const sizes = emit({ opType: 'Shape', input: [x.attributes.name] }, [x.shape.length])
        const found = emit({ opType: 'Gather', input: [sizes, int64s([axis])] }, [1])
        return factor === 1 ? found : emit({ opType: 'Div', input: [found, int64s([factor])] }, [1])
      }
    }
    throw new Error(`toOnnx: no input has the open size ${name}`)
  }
  const sizeIn = (size: number): string => {
    const parts = openParts(size, open)
    if (parts === undefined) return int64s([size])
    const { factor, names, more } = parts
    const product = names
      .map(openSize)
      .reduce(
        (a, b) => (a === '' ? b : emit({ opType: 'Mul', input: [a, b] }, [1])),
        factor === 1 ? '' : int64s([factor]),
      )
    return more === 0 ? product : emit({ opType: 'Add', input: [product, int64s([more])] }, [1])
  }
  const shapeOf = (shape: readonly number[]) => {
    if (!isOpen(shape, open)) return int64s(shape)
    if (shape.length === 1) return sizeIn(shape[0]!)
    return emit({ opType: 'Concat', input: shape.map(sizeIn), attribute: [integer('axis', 0)] }, [
      shape.length,
    ])
  }
  const targetOf = (shape: readonly number[]) => {
    const places = shape.flatMap((size, axis) => (openParts(size, open) === undefined ? [] : [axis]))
    return places.length === 1
      ? int64s(shape.map((size, axis) => (axis === places[0] ? -1 : size)))
      : shapeOf(shape)
  }
  const counted = (x: Tensor<'constant'>): string => {
    const size = sizeOf(x.shape)
    if (x.attributes.data.some((value, i) => value !== i))
      throw new Error(`toOnnx: a constant of an open size [${x.shape}] does not count from 0`)
    const limit = emit({ opType: 'Squeeze', input: [sizeIn(size), int64s([0])] }, [])
    const [zero, one] = [initializer([0], [], 'int64'), initializer([1], [], 'int64')]
    const numbers = emit({ opType: 'Range', input: [zero, limit, one] }, [size])
    const shaped = emit({ opType: 'Reshape', input: [numbers, targetOf(x.shape)] }, x.shape)
    return x.dtype === 'int64'
      ? shaped
      : emit({ opType: 'Cast', input: [shaped], attribute: [integer('to', elementOf(x.dtype))] }, x.shape)
  }
  return { shapeOf, targetOf, counted }
}

/** The name of an open size in a shape: of the same size the same name. */
export function openAxis(size: number, open: OpenSizes): { dimParam: string } | undefined {
  const parts = openParts(size, open)
  if (parts === undefined) return undefined
  const { factor, names, more } = parts
  const product = [...(factor === 1 ? [] : [factor]), ...names].join('*')
  return { dimParam: more === 0 ? product : `${product}${more < 0 ? '' : '+'}${more}` }
}
