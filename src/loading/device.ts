/** What computes for the models of this process: the CPU, or a GPU through WebGPU, as R1_DEVICE says. */
import { availableParallelism } from 'node:os'
import type { OpenRuntime } from '../engine/embedded/embedded-engine.ts'
import { ConfigError, EngineError } from '../errors.ts'
import { findGpu } from '../runtime/dawn.ts'
import { type GpuDevice, openGpuDevice } from '../runtime/gpu-device.ts'
import { createOnnxRuntime } from '../runtime/onnx-runtime.ts'
import { createWebgpuRuntime } from '../runtime/webgpu-runtime.ts'

export const DEVICES = ['auto', 'cpu', 'webgpu'] as const
export type Device = (typeof DEVICES)[number]
/** Workers and processes that a command starts are told by it too. */
export const DEVICE_VARIABLE = 'R1_DEVICE'
export const THREADS_VARIABLE = 'R1_THREADS'

let told: (line: string) => void = () => {}
let shared: { gpu: Promise<GpuDevice>; users: number } | undefined

/** For the whole process; `tell` is given a line about the device once it is opened. */
export function chooseDevice(
  { device, threads }: { device: Device; threads?: number | undefined },
  tell: (line: string) => void,
): void {
  process.env[DEVICE_VARIABLE] = device
  if (threads !== undefined) process.env[THREADS_VARIABLE] = String(threads)
  told = tell
}

function chosenDevice(): Device {
  const given = process.env[DEVICE_VARIABLE] || 'cpu'
  const device = DEVICES.find((name) => name === given)
  if (device !== undefined) return device
  throw new ConfigError('there is no such device.', {
    field: DEVICE_VARIABLE,
    value: given,
    expected: DEVICES.join(', '),
  })
}

/** What --threads says. */
function cpuThreads(): number | undefined {
  const given = process.env[THREADS_VARIABLE]
  if (!given) return undefined
  const threads = Number(given)
  if (Number.isInteger(threads) && threads >= 1) return threads
  throw new ConfigError('no number of threads.', {
    field: THREADS_VARIABLE,
    value: given,
    expected: 'an integer of at least 1',
  })
}

/** Opens the device, which all models share until the last one is closed. */
export async function openRuntime(): Promise<OpenRuntime> {
  const gpu = await openGpu()
  if (gpu !== undefined) return () => createWebgpuRuntime(gpu)
  const threads = cpuThreads()
  return ({ lean }) => createOnnxRuntime({ lean, threads })
}

/** The GPU that computes, where it is not the CPU. */
export async function openGpu(): Promise<GpuDevice | undefined> {
  const device = chosenDevice()
  if (device === 'cpu') return undefined
  const first = shared === undefined
  shared ??= { gpu: openGpuDevice(findGpu, { allowSoftware: device === 'webgpu' }), users: 0 }
  const own = shared
  try {
    own.users++
    const gpu = await own.gpu
    if (first) told(deviceLine(gpu))
    const close = () => {
      if (--own.users > 0) return
      gpu.close()
      if (shared === own) shared = undefined
    }
    return { ...gpu, close }
  } catch (error) {
    if (shared === own) shared = undefined
    if (device === 'webgpu' || !(error instanceof EngineError)) throw error
    if (first) told(`No GPU is used: ${error.message}`)
    return undefined
  }
}

function deviceLine({ name, software, limits }: GpuDevice): string {
  const size = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`
  const kind = software ? `a program on ${availableParallelism()} CPU cores in the place of a GPU` : 'WebGPU'
  return [
    `Device: ${name} (${kind})`,
    // WebGPU does not tell how much memory there is.
    `buffers of at most ${size(limits.bufferBytes)}, bindings of ${size(limits.bindingBytes)}`,
  ].join(', ')
}
