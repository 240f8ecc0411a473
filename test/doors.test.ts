/** The package's doors: each is built from a file of the sources, and those that need no engine load none. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = resolve(import.meta.dirname, '..')
const SOURCE = join(ROOT, 'src')
const { exports: doors } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, { types: string; default: string }>
}

/** What a module imports when it is loaded: type imports and dynamic ones left out. */
function loaded(path: string): string[] {
  const statements = readFileSync(path, 'utf8').matchAll(
    /^(?:import|export)\s+(?!type\s)(?:([^'";]*?)from\s+)?'([^']+)'/gm,
  )
  return [...statements].flatMap(([, names = '', specifier]) => {
    const listed = /\{([^}]*)\}/
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim())
    const onlyTypes = listed?.every((name) => name === '' || name.startsWith('type ')) ?? false
    return onlyTypes ? [] : [specifier!]
  })
}

/** Every package that is loaded with `entry`, with the files that lead to it. */
function packagesOf(entry: string): Map<string, string[]> {
  const found = new Map<string, string[]>()
  const seen = new Set<string>()
  const visit = (path: string, way: readonly string[]) => {
    if (seen.has(path)) return
    seen.add(path)
    for (const specifier of loaded(path))
      if (specifier.startsWith('.'))
        visit(resolve(dirname(path), specifier), [...way, relative(SOURCE, path)])
      else found.set(specifier, [...way, relative(SOURCE, path)])
  }
  visit(entry, [])
  return found
}

const entries = Object.entries(doors).filter(([door]) => door !== './package.json')

describe('the doors', () => {
  it.each(entries)('%s is built from the sources', (door, { types, default: code }) => {
    const source = code.replace('./dist', SOURCE).replace(/\.js$/, '.ts')
    expect(existsSync(source), door).toBe(true)
    expect(types).toBe(code.replace(/\.js$/, '.d.ts'))
  })

  it.each(['verifiers', 'rewards', 'objectives', 'evaluation'])('r1-ts/%s loads no ONNX Runtime', (door) => {
    const packages = packagesOf(join(SOURCE, door, 'index.ts'))
    expect([...packages].filter(([name]) => /onnx|webgpu/.test(name))).toEqual([])
  })

  it.each(entries)('%s exports no name that is a global', (_, { default: code }) => {
    const text = readFileSync(code.replace('./dist', SOURCE).replace(/\.js$/, '.ts'), 'utf8')
    const names = [...text.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
      list!.split(',').map((name) => name.replace(/^\s*type\s|.*\sas\s/g, '').trim()),
    )
    expect(names.length).toBeGreaterThan(5)
    // In a browser's types there are a few more.
    const browser = [
      'Node',
      'Text',
      'Range',
      'Selection',
      'Option',
      'Image',
      'Element',
      'Document',
      'History',
    ]
    expect(names.filter((name) => name in globalThis || browser.includes(name))).toEqual([])
  })

  it('would notice one that does', () => {
    expect([...packagesOf(join(SOURCE, 'engine/index.ts')).keys()]).toContain('onnxruntime-node')
  })
})
