/**
 * The software adapter that Debian's chromium package carries, for tests without a GPU. Other adapters: set
 * VK_ICD_FILENAMES, and LD_LIBRARY_PATH where the Vulkan loader is not in its usual place.
 */
import { existsSync } from 'node:fs'
import { constants } from 'node:os'
import { findGpu } from '../src/runtime/dawn.ts'
import { type GpuDevice, openGpuDevice } from '../src/runtime/gpu-device.ts'

const CHROMIUM = '/usr/lib/chromium'
const LOADER = `${CHROMIUM}/libvulkan.so.1`
const DRIVER = `${CHROMIUM}/vk_swiftshader_icd.json`
/** Keeps a library loaded after `dlclose`; not among Node's constants. */
const RTLD_NODELETE = 0x1000

/** Why there is none, or undefined. */
export const softwareGpuMissing = async (): Promise<string | undefined> => {
  if (process.env.VK_ICD_FILENAMES === undefined) {
    if (!existsSync(LOADER) || !existsSync(DRIVER)) return 'no software adapter: apt-get install chromium'
    process.env.VK_ICD_FILENAMES = DRIVER
    try {
      // It is no addon, so this fails; but Dawn finds a loader by name that is in memory already.
      process.dlopen({ exports: {} }, LOADER, constants.dlopen.RTLD_NOW | RTLD_NODELETE)
    } catch {}
  }
  return await import('webgpu').then(
    () => undefined,
    () => 'the optional dependency webgpu is not installed',
  )
}

/** What a process needs to find it. */
export const softwareGpuEnvironment = (): NodeJS.ProcessEnv => ({
  VK_ICD_FILENAMES: process.env.VK_ICD_FILENAMES,
  LD_LIBRARY_PATH: process.env.LD_LIBRARY_PATH ?? CHROMIUM,
})

export const softwareGpu = (): Promise<GpuDevice> => openGpuDevice(findGpu, { allowSoftware: true })
