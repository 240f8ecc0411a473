/** A chart to take away: its points as CSV, or a picture with title and legend. */
import type uPlot from 'uplot'
import { color } from '../theme.tsx'
import type { Curve } from './chart-data.ts'

export function chartCsv(data: uPlot.AlignedData, curves: readonly Curve[]): string {
  const columns = curves.flatMap(({ label, main, raw, range, own }) => [
    { name: label, values: own ?? data[raw ?? main]! },
    ...(raw === undefined ? [] : [{ name: `${label} (smoothed)`, values: data[main]! }]),
    ...(range === undefined
      ? []
      : [
          { name: `${label} (least)`, values: data[range.min]! },
          { name: `${label} (greatest)`, values: data[range.max]! },
        ]),
  ])
  const rows = Array.from(data[0], (step, i) =>
    [step, ...columns.map(({ values }) => values[i] ?? '')].join(','),
  )
  return `${[['step', ...columns.map(({ name }) => cell(name))].join(','), ...rows].join('\n')}\n`
}

const cell = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)

export async function chartPng(plot: uPlot, title: string, curves: readonly Curve[]): Promise<Blob> {
  const scale = devicePixelRatio
  const [edge, top] = [16 * scale, 62 * scale]
  const { canvas: drawn } = plot.ctx
  const canvas = document.createElement('canvas')
  canvas.width = drawn.width + 2 * edge
  canvas.height = drawn.height + top + edge
  const context = canvas.getContext('2d')!
  context.fillStyle = color('surface')
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.fillStyle = color('ink')
  context.font = `600 ${15 * scale}px "Inter Variable", sans-serif`
  context.fillText(title, edge, 26 * scale)
  context.font = `${12 * scale}px "Inter Variable", sans-serif`
  let x = edge
  for (const curve of curves) {
    context.fillStyle = color(`series-${curve.color}`)
    context.fillRect(x, 40 * scale, 14 * scale, 3 * scale)
    context.fillStyle = color('muted')
    context.fillText(curve.label, x + 20 * scale, 45 * scale)
    x += context.measureText(curve.label).width + 38 * scale
  }
  context.drawImage(drawn, edge, top)
  return await new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob === null ? reject(new Error('no picture')) : resolve(blob)), 'image/png'),
  )
}
