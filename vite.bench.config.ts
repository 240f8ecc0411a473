/** Builds the benchmark of GPUs into `bench-gpu`: one script, and Dawn for all platforms beside it. */
import { cpSync } from 'node:fs'
import { defineConfig } from 'vite'

const OUT = 'bench-gpu'

export default defineConfig({
  plugins: [
    {
      name: 'gpu-alone',
      enforce: 'pre',
      // The CPU's runtime is another package, of which a GPU's benchmark needs nothing.
      resolveId: (id) => (id === 'onnxruntime-node' ? '\0none' : undefined),
      load: (id) =>
        id === '\0none' ? 'export const InferenceSession = {}; export const Tensor = {}' : undefined,
      closeBundle: () => cpSync('node_modules/webgpu', `${OUT}/node_modules/webgpu`, { recursive: true }),
    },
  ],
  build: {
    ssr: 'src/bench/scripts/gpu.ts',
    outDir: OUT,
    emptyOutDir: true,
    target: 'node20',
    rolldownOptions: {
      external: ['webgpu'],
      output: { entryFileNames: 'r1-bench.mjs', codeSplitting: false },
    },
  },
  ssr: { noExternal: true, external: ['webgpu'] },
})
