/** Tests against servers that npm cannot install: `npm run test:remote`. */
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: { include: ['test/remote/*.test.ts'], testTimeout: 600_000, maxWorkers: 1 },
})
