/** Figures of a GPU as rows of a table: a name and a value. */
import { formatNumber, percent } from '../measures/format.ts'
import type { GpuFigures, StepFigures } from './gpu.ts'

export function gpuRows({ adapter, software, products, shapes, failed }: GpuFigures): [string, string][] {
  const number = (value: number) => formatNumber(Math.round(value), 9)
  const step = (name: string, figures: StepFigures): [string, string][] => [
    [`${name}, tokens a second`, number(figures.tokensPerSecond)],
    ['  of the ceiling', percent(figures.shareOfCeiling)],
    ['  dispatches a step', number(figures.dispatches)],
    ['  bytes up and down a step', `${number(figures.bytesUp)}, ${number(figures.bytesDown)}`],
  ]
  return [
    ['adapter', software ? `${adapter} (software)` : adapter],
    ...products.map(({ size, gflops }): [string, string] => [
      `matrix product ${size}³`,
      `${formatNumber(gflops, 3)} GFLOP/s`,
    ]),
    ...shapes.flatMap(({ shape, parameters, tokens, batch, train, decode }) => [
      [`${shape} shape, parameters`, number(parameters)] as [string, string],
      ...step(`training, ${tokens} tokens`, train),
      ...step(`decoding, batch ${batch}`, decode),
    ]),
    ...failed.map(({ shape, reason }): [string, string] => [`${shape} shape`, reason]),
  ]
}
