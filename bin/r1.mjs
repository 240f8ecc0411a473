#!/usr/bin/env node
// Runs the sources when they are here (a checkout), the build otherwise (an installed package).
// tsx stays registered in both cases: users pass tasks and rewards as TypeScript files.
import { existsSync } from 'node:fs'

const { register } = await import('tsx/esm/api').catch((error) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
  console.error('error: the dependencies are not installed. Install them with: npm ci')
  process.exit(2)
})
register()
const source = new URL('../src/cli/main.ts', import.meta.url)
const main = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url)
await import(main.href)
