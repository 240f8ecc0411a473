/** A WebGPU device: the browser's, or Dawn's in Node (dawn.ts). */
/// <reference types="@webgpu/types" />
import { EngineError } from '../errors.ts'
import type { Limits } from '../graph/wgsl/memory.ts'

export interface GpuDevice {
  device: GPUDevice
  /** For people. */
  name: string
  /** Whether it is a program on the CPU that stands in for a GPU. */
  software: boolean
  limits: Limits
  /** Resolves with what has happened when the device is gone before it was closed. */
  lost: Promise<Error>
  close(): void
}

/** The first adapter, with all that it allows. Software adapters are for tests: they are given only where asked for. */
export async function openGpuDevice(
  find: () => Promise<GPU>,
  { allowSoftware = false } = {},
): Promise<GpuDevice> {
  // Dawn answers, and keeps Node alive, as long as this is held.
  let gpu: GPU | undefined = await find()
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' })
  if (adapter === null || (adapter.info.isFallbackAdapter && !allowSoftware))
    throw new EngineError('no GPU was found.', {
      value: adapter === null ? 'no adapter' : adapter.info.description,
      expected: 'a GPU with a Vulkan, Metal or Direct3D 12 driver',
      remedy: 'Install its driver. In a container of NVIDIA’s, set NVIDIA_DRIVER_CAPABILITIES to all.',
    })
  const { limits: most, info } = adapter
  const device = await adapter.requestDevice({
    requiredLimits: {
      maxStorageBufferBindingSize: most.maxStorageBufferBindingSize,
      maxBufferSize: most.maxBufferSize,
      maxStorageBuffersPerShaderStage: most.maxStorageBuffersPerShaderStage,
      maxComputeWorkgroupsPerDimension: most.maxComputeWorkgroupsPerDimension,
    },
  })
  return {
    device,
    name: info.description || `${info.vendor} ${info.architecture}`,
    software: info.isFallbackAdapter,
    limits: {
      bindingBytes: most.maxStorageBufferBindingSize,
      bufferBytes: most.maxBufferSize,
      storageBuffers: most.maxStorageBuffersPerShaderStage,
      workgroups: most.maxComputeWorkgroupsPerDimension,
      alignment: most.minStorageBufferOffsetAlignment,
    },
    lost: new Promise((resolve) => {
      void device.lost.then(({ message, reason }) => {
        // Closed, it is gone because this program wants it so.
        if (gpu !== undefined)
          resolve(
            new EngineError(`the GPU was lost (${message || reason}).`, {
              field: 'device',
              remedy: 'Continue from the last checkpoint with --resume, with --device cpu too.',
            }),
          )
      })
    }),
    close() {
      const open = gpu !== undefined
      gpu = undefined
      if (open) device.destroy()
    },
  }
}
