/**
 * `r1 bench --device webgpu` for a machine with Node and a GPU's driver and nothing else: `npm run build:bench` puts it into
 * a folder, with Dawn beside it.
 *
 *     node r1-bench.mjs [--shapes reference,135M,0.5B] [--rounds 4] [--json]
 */
import { parseArgs } from 'node:util'
import { findGpu } from '../../runtime/dawn.ts'
import { openGpuDevice } from '../../runtime/gpu-device.ts'
import { benchGpu, gpuBenchOptions } from '../gpu.ts'
import { gpuRows } from '../gpu-table.ts'

const { values } = parseArgs({
  options: {
    shapes: { type: 'string' },
    rounds: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
})
try {
  const gpu = await openGpuDevice(findGpu, { allowSoftware: true })
  const options = gpuBenchOptions(gpu, values.shapes)
  const note = (text: string) => process.stderr.write(`${text}\n`)
  const figures = await benchGpu(gpu, { ...options, rounds: Number(values.rounds), note })
  gpu.close()
  if (values.json) console.log(JSON.stringify(figures))
  else for (const [name, value] of gpuRows(figures)) console.log(`${name.padEnd(36)} ${value}`)
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
