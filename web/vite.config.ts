/** The page, built to dist/web; fonts and styles are in it, since it must work without a network. */
import { defineConfig, type Plugin } from 'vite'

const SERVER = 'http://127.0.0.1:8000'

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [modernFontsOnly()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2023',
    chunkSizeWarningLimit: 700,
  },
  // `npx vite web` with `r1 serve` beside it, which answers pages that come from the host they ask.
  server: { proxy: Object.fromEntries(['/api', '/v1'].map((path) => [path, { target: SERVER }])) },
})

/** KaTeX names each font in three formats; every browser that runs this page reads the first. */
function modernFontsOnly(): Plugin {
  return {
    name: 'modern-fonts-only',
    enforce: 'pre',
    transform: (code, id) =>
      id.includes('katex') && id.includes('.css')
        ? code.replaceAll(/,url\([^)]*\.(?:woff|ttf)\) format\("[^"]*"\)/g, '')
        : undefined,
  }
}
