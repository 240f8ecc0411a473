/** WebGPU in Node: Dawn, which the optional dependency `webgpu` brings. */
/// <reference types="@webgpu/types" />
import { EngineError } from '../errors.ts'

/** Workgroup memory is cleared before every kernel otherwise, which no kernel here needs and compilers are slow at. */
const DAWN_OPTIONS = ['enable-dawn-features=disable_workgroup_init']

export async function findGpu(): Promise<GPU> {
  const own = (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu
  if (own !== undefined) return own
  const { create } = await import('webgpu').catch((cause: unknown) => {
    throw new EngineError('WebGPU is not installed.', {
      expected: 'the package webgpu, which is not installed with r1-ts',
      remedy: 'Install it with npm install webgpu.',
      cause,
    })
  })
  return create(DAWN_OPTIONS)
}
