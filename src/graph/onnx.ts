/**
 * Serialises a tensor graph as an ONNX model (opset 18, with ONNX Runtime's own fused operators where they exist).
 * `input` nodes become graph inputs under their names.
 */
import {
  ELEMENT,
  type Emit,
  elementOf,
  float,
  type Initializer,
  integer,
  integers,
  type Lowered,
  type StoredType,
  text,
} from './onnx-nodes.ts'
import { packedParts, widenPacked } from './onnx-packed.ts'
import { encodeModel } from './onnx-schema.ts'
import { createShapes, openAxis, type Shapes } from './onnx-shapes.ts'
import { isOpen, type OpenSizes } from './open-sizes.ts'
import { isPacked, type Packed } from './packed.ts'
import { is, type Tensor, topologicalOrder } from './tensor.ts'

const CONTRIB = 'com.microsoft'

type Node = {
  opType: string
  domain?: string
  input: string[]
  output: string[]
  attribute?: object[]
}

export interface OnnxOptions {
  /** Sizes that are read from the inputs' shapes in each run; each must be an axis of some input. */
  open?: OpenSizes
  /** Inputs whose values are in a file beside the model: where each begins and how many bytes it takes. */
  external?: { file: string; places: ReadonlyMap<string, { offset: number; length: number }> }
}

export function toOnnx(
  outputs: Readonly<Record<string, Tensor>>,
  { open = {}, external }: OnnxOptions = {},
): Uint8Array {
  const order = topologicalOrder(Object.values(outputs))
  const names = new Map<Tensor, string>()
  const nodes: Node[] = []
  const inputs: object[] = []
  const initializers: object[] = []
  const shared = new Map<string, string>()
  const declared = new Set<string>()

  const initializer: Initializer = (values, dims, dtype) => {
    const key = `${dtype}[${dims}]:${values}`
    const known = shared.get(key)
    if (known !== undefined) return known
    const name = `c${initializers.length}`
    initializers.push({ name, dims, dataType: ELEMENT[dtype], rawData: rawBytes(values, dtype) })
    shared.set(key, name)
    return name
  }
  const emit: Emit = ({ opType, domain = '', input, attribute = [], output = 0 }, shape) => {
    const key = `${opType}(${input})${JSON.stringify(attribute)}[${shape}]`
    const known = shared.get(key)
    if (known !== undefined) return known
    const name = `t${nodes.length}`
    const before = Array.from({ length: output }, (_, i) => `${name}.${i}`)
    nodes.push({ opType, domain, input, output: [...before, name], attribute })
    shared.set(key, name)
    return name
  }
  const int64s = (values: readonly number[]) => initializer(values, [values.length], 'int64')
  const infoOf = (name: string, elemType: number, dims: readonly number[]): object => {
    const shape = { dim: dims.map((size) => openAxis(size, open) ?? { dimValue: size }) }
    return { name, type: { tensorType: { elemType, shape } } }
  }
  const valueInfo = (name: string, x: Pick<Tensor, 'shape' | 'dtype'>) =>
    infoOf(name, elementOf(x.dtype), x.shape)
  /** What is packed is widened for each of its readers, `after` another operand. */
  const nameOf = (x: Tensor, after?: Tensor): string => {
    const packed = packedIn(x)
    if (packed === undefined) return names.get(x)!
    const { attributes, dtype, shape } = packed
    return widenPacked(attributes.name, dtype as Packed, shape, emit, initializer, after && names.get(after))
  }
  const shapes = createShapes(open, order, emit, initializer)

  for (const x of order) {
    if (is(x, 'input')) {
      const { name } = x.attributes
      names.set(x, name)
      if (declared.has(name)) continue
      declared.add(name)
      const place = external?.places.get(name)
      if (isPacked(x.dtype))
        for (const { suffix, type, dims } of packedParts(x.dtype, x.shape))
          inputs.push(infoOf(`${name}${suffix}`, ELEMENT[type], dims))
      else if (place === undefined) inputs.push(valueInfo(name, x))
      else initializers.push(externalTensor(name, x, external!.file, place))
    } else if (is(x, 'constant')) {
      names.set(
        x,
        isOpen(x.shape, open)
          ? shapes.counted(x)
          : initializer(Array.from(x.attributes.data), x.shape, x.dtype as StoredType),
      )
    } else if (packedIn(x) === undefined) {
      const first = x.inputs.find((input) => input.dtype === 'float32' && packedIn(input) === undefined)
      const from = x.inputs.map((input) => nameOf(input, first))
      names.set(
        x,
        is(x, 'groupedLinear') || is(x, 'groupedProduct')
          ? emitGrouped(x, from, emit)
          : is(x, 'finite')
            ? emitFinite(x, from, emit, initializer)
            : is(x, 'scatterAdd')
              ? emitScatterAdd(x, from, emit, shapes)
              : is(x, 'int8Linear')
                ? emitInt8Linear(x, from, emit, initializer, shapes)
                : emit({ input: from, ...lower(x, from, int64s, initializer, shapes) }, x.shape),
      )
    }
  }
  // Said where it cannot be inferred, so that a result may take the place of what is no longer needed.
  const known = new Map<string, object>()
  for (const [x, name] of names)
    if (isOpen(x.shape, open) && !declared.has(name)) known.set(name, valueInfo(name, x))
  for (const [name, x] of Object.entries(outputs))
    nodes.push({ opType: 'Identity', input: [nameOf(x)], output: [name] })

  return encodeModel({
    irVersion: 8,
    opsetImport: [
      { domain: '', version: 18 },
      { domain: CONTRIB, version: 1 },
    ],
    graph: {
      name: 'r1',
      node: nodes,
      input: inputs,
      initializer: initializers,
      output: Object.entries(outputs).map(([name, x]) => valueInfo(name, x)),
      valueInfo: [...known.values()],
    },
  })
}

/** The packed input that this tensor is the numbers of. */
const packedIn = (x: Tensor): Tensor<'input'> | undefined => {
  if (!is(x, 'cast')) return undefined
  const [from] = x.inputs
  return is(from!, 'input') && isPacked(from.dtype) ? from : undefined
}

/**
 * ScatterND would take rows as they are, but ONNX Runtime's adds in several threads without a lock: where an index comes
 * twice, additions get lost, others in each run. ScatterElements adds in one thread, and wants an index for each element.
 */
function emitScatterAdd(
  x: Tensor<'scatterAdd'>,
  [zeros, indices, updates]: string[],
  emit: Emit,
  { shapeOf, targetOf }: Shapes,
): string {
  const { shape } = x.inputs[2]!
  const column = [shape[0]!, ...shape.slice(1).map(() => 1)]
  const rows = emit({ opType: 'Reshape', input: [indices!, targetOf(column)] }, column)
  const all = emit({ opType: 'Expand', input: [rows, shapeOf(shape)] }, shape)
  return emit(
    {
      opType: 'ScatterElements',
      input: [zeros!, all, updates!],
      attribute: [integer('axis', 0), text('reduction', 'add')],
    },
    x.shape,
  )
}

/** What is neither infinite nor NaN is at most the largest number; ONNX has no operator that says so. */
function emitFinite(x: Tensor<'finite'>, from: string[], emit: Emit, initializer: Initializer): string {
  const magnitude = emit({ opType: 'Abs', input: from }, x.shape)
  const largest = initializer([3.4028234663852886e38], [], 'float32')
  return emit({ opType: 'LessOrEqual', input: [magnitude, largest] }, x.shape)
}

/** Activations are unsigned around 128: for signed ones ONNX Runtime has no fast product on every processor. */
function emitInt8Linear(
  x: Tensor<'int8Linear'>,
  [a, weight, scales]: string[],
  emit: Emit,
  initializer: Initializer,
  { shapeOf, targetOf }: Shapes,
): string {
  const rows = x.shape[0]!
  const middle = 128
  const perRow = [integer('axis', 0)]
  const magnitudes = emit({ opType: 'Abs', input: [a!] }, x.inputs[0]!.shape)
  const largest = emit(
    {
      opType: 'ReduceMax',
      input: [magnitudes, initializer([1], [1], 'int64')],
      attribute: [integer('keepdims', 0)],
    },
    [rows],
  )
  // A row of zeros has no scale of its own.
  const positive = emit({ opType: 'Max', input: [largest, initializer([1e-30], [], 'float32')] }, [rows])
  const steps = emit({ opType: 'Mul', input: [positive, initializer([1 / 127], [], 'float32')] }, [rows])
  const middles = emit({ opType: 'Expand', input: [initializer([middle], [1], 'uint8'), shapeOf([rows])] }, [
    rows,
  ])
  const rounded = emit(
    { opType: 'QuantizeLinear', input: [a!, steps, middles], attribute: perRow },
    x.inputs[0]!.shape,
  )
  const one = initializer([1], [], 'float32')
  const product = emit(
    {
      opType: 'MatMulIntegerToFloat',
      domain: CONTRIB,
      input: [rounded, weight!, one, scales!, initializer([middle], [], 'uint8')],
    },
    x.shape,
  )
  const column = emit({ opType: 'Reshape', input: [steps, targetOf([rows, 1])] }, [rows, 1])
  return emit({ opType: 'Mul', input: [product, column] }, x.shape)
}

/** The rows are split once for all products that share them; each group is a product of its own. */
function emitGrouped(
  x: Tensor<'groupedLinear'> | Tensor<'groupedProduct'>,
  from: string[],
  emit: Emit,
): string {
  const parts = (rows: string, counts: string, groups: number) => {
    const last = emit(
      { opType: 'Split', input: [rows, counts], attribute: [integer('axis', 0)], output: groups - 1 },
      [groups],
    )
    return (group: number) => (group === groups - 1 ? last : `${last}.${group}`)
  }
  if (is(x, 'groupedProduct')) {
    const [a, b, counts] = from as [string, string, string]
    const { group } = x.attributes
    const groups = x.inputs[2]!.shape[0]!
    const input = [parts(a, counts, groups)(group), parts(b, counts, groups)(group)]
    return emit({ opType: 'Gemm', input, attribute: [integer('transA', 1)] }, x.shape)
  }
  const [rows, counts, ...weights] = from as [string, string, ...string[]]
  const part = parts(rows, counts, weights.length)
  const transposed = [integer('transB', Number(!x.attributes.transpose))]
  const products = weights.map((weight, group) =>
    emit({ opType: 'Gemm', input: [part(group), weight], attribute: transposed }, x.shape),
  )
  return emit({ opType: 'Concat', input: products, attribute: [integer('axis', 0)] }, x.shape)
}

const DIRECT: Record<string, string> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  minimum: 'Min',
  maximum: 'Max',
  neg: 'Neg',
  exp: 'Exp',
  log: 'Log',
  sqrt: 'Sqrt',
  abs: 'Abs',
  sign: 'Sign',
  sigmoid: 'Sigmoid',
  less: 'Less',
  lessOrEqual: 'LessOrEqual',
  equal: 'Equal',
  and: 'And',
  not: 'Not',
  where: 'Where',
  stopGradient: 'Identity',
}

function lower(
  x: Tensor,
  from: string[],
  int64s: (values: readonly number[]) => string,
  initializer: Initializer,
  { shapeOf, targetOf }: Shapes,
): Lowered {
  const direct = DIRECT[x.operation]
  const [a, b, c] = from as [string, string, string]
  if (direct !== undefined) return { opType: direct }
  if (is(x, 'silu')) return { opType: 'QuickGelu', domain: CONTRIB, attribute: [float('alpha', 1)] }
  if (is(x, 'cast')) return { opType: 'Cast', attribute: [integer('to', elementOf(x.dtype))] }
  if (is(x, 'reshape')) return { opType: 'Reshape', input: [a, targetOf(x.shape)] }
  if (is(x, 'expand')) return { opType: 'Expand', input: [a, shapeOf(x.shape)] }
  if (is(x, 'transpose'))
    return { opType: 'Transpose', attribute: [integers('perm', x.attributes.permutation)] }
  if (is(x, 'slice')) {
    const { start, end, axis } = x.attributes
    return { opType: 'Slice', input: [a, shapeOf([start]), shapeOf([end]), int64s([axis])] }
  }
  if (is(x, 'concat')) return { opType: 'Concat', attribute: [integer('axis', x.attributes.axis)] }
  if (is(x, 'sum')) return { opType: 'ReduceSum', input: [a, int64s(x.attributes.axes)] }
  if (is(x, 'max')) return { opType: 'ReduceMax', input: [a, int64s([x.attributes.axis])] }
  if (is(x, 'matmul')) {
    const { transposeA, transposeB, scale } = x.attributes
    const flags = (alpha: string) => [
      integer('transA', Number(transposeA)),
      integer('transB', Number(transposeB)),
      float(alpha, scale),
    ]
    if (x.shape.length === 2) return { opType: 'Gemm', attribute: flags('alpha') }
    return { opType: 'FusedMatMul', domain: CONTRIB, attribute: flags('alpha') }
  }
  if (is(x, 'softmax')) return { opType: 'Softmax', attribute: [integer('axis', -1)] }
  if (is(x, 'logSoftmax')) return { opType: 'LogSoftmax', attribute: [integer('axis', -1)] }
  if (is(x, 'rmsNormalize')) {
    const size = x.shape.at(-1)!
    const ones = initializer(new Array<number>(size).fill(1), [size], 'float32')
    return {
      opType: 'SimplifiedLayerNormalization',
      input: [a, ones],
      attribute: [integer('axis', -1), float('epsilon', x.attributes.epsilon)],
    }
  }
  if (is(x, 'rotary'))
    return {
      opType: 'RotaryEmbedding',
      domain: CONTRIB,
      input: [a, b, c, from[3]!],
      attribute: [integer('interleaved', Number(x.attributes.interleaved))],
    }
  if (is(x, 'permuteRows')) return { opType: 'Gather', input: [a, b], attribute: [integer('axis', 0)] }
  if (is(x, 'gather')) return { opType: 'Gather', attribute: [integer('axis', 0)] }
  if (is(x, 'gatherElements')) return { opType: 'GatherElements', attribute: [integer('axis', -1)] }
  if (is(x, 'scatterElementsAdd'))
    return { opType: 'ScatterElements', attribute: [integer('axis', -1), text('reduction', 'add')] }
  if (is(x, 'topK')) return { opType: 'TopK', input: [a, shapeOf([x.attributes.k])], output: 1 }
  throw new Error(`toOnnx: ${x.operation} has no ONNX form`)
}

function externalTensor(
  name: string,
  x: Tensor,
  file: string,
  { offset, length }: { offset: number; length: number },
): object {
  const externalData = Object.entries({ location: file, offset, length }).map(([key, value]) => ({
    key,
    value: String(value),
  }))
  return { name, dims: x.shape, dataType: elementOf(x.dtype), externalData, dataLocation: 1 }
}

function rawBytes(values: readonly number[], dtype: StoredType): Uint8Array {
  if (dtype === 'bool' || dtype === 'uint8') return Uint8Array.from(values)
  const data =
    dtype === 'float32'
      ? Float32Array.from(values)
      : dtype === 'int32'
        ? Int32Array.from(values)
        : BigInt64Array.from(values, BigInt)
  return new Uint8Array(data.buffer)
}
