#!/usr/bin/env node
// Runs the sources when they are here (a checkout), the build otherwise (an installed package).
// tsx stays registered in both cases: users pass tasks and rewards as TypeScript files.
import { existsSync } from 'node:fs'
import { register } from 'tsx/esm/api'

register()
const source = new URL('../src/cli/main.ts', import.meta.url)
const main = existsSync(source) ? source : new URL('../dist/cli/main.js', import.meta.url)
await import(main.href)
