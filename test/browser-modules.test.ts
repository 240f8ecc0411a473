/** What a browser's tab loads to train: the same engine, task, rewards and loop as the command line, and nothing of Node. */
import { readFileSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')

/** Packages that run in a browser. */
const PACKAGES = [
  '@huggingface/jinja',
  '@huggingface/tokenizers',
  'eld/small',
  'fflate',
  'idb-keyval',
  'pure-rand/generator/xoroshiro128plus',
  'sucrase',
  'zod',
]
const ENTRIES = ['web/src/train/worker.ts', 'web/src/train/reward-worker.ts']
const TRAINING = [
  ...[
    'src/algorithms/grpo.ts',
    'src/engine/embedded/embedded-engine.ts',
    'src/engine/embedded/checkpoint.ts',
  ],
  ...['src/rewards/rule-rewards.ts', 'src/runtime/webgpu-runtime.ts', 'src/tasks/pocket/task.ts'],
]

/** What a module loads: imports of types alone are gone when it runs. */
function specifiers(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/typeof import\([^)]*\)/g, '')
  const statements = code.matchAll(/^(?:import|export)\s+(?!type\b)([^'";]*?from\s*)?['"]([^'"]+)['"]/gm)
  const loaded = [...statements].flatMap(([, names = '', specifier]) => {
    const inner = /^\{([\s\S]*)\}\s*from\s*$/.exec(names)?.[1]
    const typesOnly = inner?.split(',').every((name) => /^\s*(type\s.*)?$/s.test(name)) ?? false
    return typesOnly ? [] : [specifier!]
  })
  return [...loaded, ...[...code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!)]
}

/** Every module with the one that loads it, and every package with the module that does. */
function graph(entries: readonly string[]) {
  const modules = new Map<string, string>()
  const packages = new Map<string, string>()
  const visit = (path: string, from: string) => {
    const name = relative(ROOT, path)
    if (modules.has(name)) return
    modules.set(name, from)
    for (const specifier of specifiers(readFileSync(path, 'utf8'))) {
      if (!specifier.startsWith('.')) packages.set(specifier, name)
      else if (/\.tsx?$/.test(specifier)) visit(resolve(dirname(path), specifier), name)
    }
  }
  for (const entry of entries) visit(resolve(ROOT, entry), 'the tab')
  return { modules, packages }
}

it('the tab loads the training of the command line, and nothing of Node', () => {
  const { modules, packages } = graph(ENTRIES)
  expect(TRAINING.filter((name) => !modules.has(name))).toEqual([])
  expect([...packages].filter(([name]) => !PACKAGES.includes(name))).toEqual([])
})

it('would notice', () => {
  expect([...graph(['src/engine/embedded/local-engine.ts']).packages.keys()]).toEqual(
    expect.arrayContaining(['node:fs', 'onnxruntime-node']),
  )
  expect(specifiers("import { type A, type B } from 'x'\nimport type { C } from 'y'")).toEqual([])
  expect(specifiers("import { type A, b } from 'x'\nawait import('y')")).toEqual(['x', 'y'])
})
