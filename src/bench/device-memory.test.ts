import { expect, it } from 'vitest'
import { type DeviceMemoryOptions, deviceMemory } from './device-memory.ts'

const options: Omit<DeviceMemoryOptions, 'frozen'> = {
  ...{ shape: '1.5B', length: 1024, rank: 16, recompute: true, logitBytes: 2 ** 27 },
  ...{ slots: 16, capacity: 1024 },
}

it('a model of 1.5 billion parameters and its adapters fit in 8 GB in half precision, not in float32', () => {
  const half = deviceMemory({ ...options, frozen: 'float16' })
  expect(half.parameters).toBe(1_543_714_304)
  expect(half.weights).toBeLessThan(2.001 * half.parameters)
  expect(half.total).toBeLessThan(8e9)
  expect(deviceMemory({ ...options, frozen: 'Q4_0' }).weights).toBeLessThan(0.57 * half.parameters)
}, 120_000)
