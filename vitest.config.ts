import { configDefaults, defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts'],
    // Wants a server of SkyRL's: npm run test:remote.
    exclude: [...configDefaults.exclude, 'test/remote/**'],
    testTimeout: 60_000,
    maxWorkers: 2,
    // One of two cores for each of two workers.
    env: { R1_THREADS: '1' },
  },
})
