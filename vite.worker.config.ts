/**
 * Builds Compute Engine into the worker that asks it, so that nobody has to install it: of its 46 MB the maths verifier
 * runs 3, and it asks for a newer Node than it needs.
 */
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vite'

const licences = ['@cortex-js/compute-engine/LICENSE', 'complex-esm/LICENSE'].map((path) =>
  readFileSync(new URL(`node_modules/${path}`, import.meta.url), 'utf8'),
)

export default defineConfig({
  build: {
    ssr: 'src/verifiers/math/symbolic-worker.ts',
    outDir: 'dist/verifiers/math',
    emptyOutDir: false,
    minify: true,
    rolldownOptions: {
      output: {
        entryFileNames: '[name].js',
        codeSplitting: false,
        postBanner: `/*!\n${licences.join('\n')}*/`,
      },
    },
  },
  ssr: { noExternal: true },
})
