/**
 * The package as a stranger gets it: packed from a copy of the sources without anything built, installed in an empty
 * folder, run, and compiled against under --strict. And what the lock file promises of its dependencies.
 */
import { execFile, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

interface Manifest {
  exports: Record<string, unknown>
  engines: { node: string }
}

interface LockedPackage {
  dev?: boolean
  hasInstallScript?: boolean
  engines?: { node?: string }
}

const ROOT = resolve(import.meta.dirname, '..')
const LONG = 600_000
const { satisfies } = createRequire(import.meta.url)('semver') as {
  satisfies(version: string, range: string): boolean
}
const readJson = <T>(path: string) => JSON.parse(readFileSync(path, 'utf8')) as T
const manifest = readJson<Manifest>(join(ROOT, 'package.json'))

describe('the dependencies', () => {
  const { packages } = readJson<{ packages: Record<string, LockedPackage> }>(join(ROOT, 'package-lock.json'))
  const named = Object.entries(packages).filter(([path]) => path !== '')

  it('have no scripts that npm ci would run: without this mark in the lock file it does not', () => {
    const marked = named.filter(([, { hasInstallScript }]) => hasInstallScript)
    expect(marked, 'delete these hasInstallScript lines from package-lock.json').toEqual([])
  })

  // A development dependency may ask for a Node between the first and the last of a major version. Compute Engine asks for 22.3;
  // its worker runs on 20 (the tests of the maths verifier), so its `engines` is deleted from the lock file, and npm ci is silent.
  it.each([
    ['a dependant', ['20.19.0', '22.0.0', '24.0.0'], (one: LockedPackage) => one.dev !== true],
    ['a checkout', ['20.19.0', '22.13.0', '24.0.0'], () => true],
  ])('run on every Node that is promised to %s', (_, versions, isMeant) => {
    for (const version of versions) {
      expect(satisfies(version, manifest.engines.node)).toBe(true)
      const others = named.filter(([, one]) => isMeant(one) && !satisfies(version, one.engines?.node ?? '*'))
      expect(others.map(([path, { engines }]) => `${path}: ${engines!.node}`)).toEqual([])
    }
  })
})

/** The package's entry points, as a program imports them; the one for tests wants Vitest beside it. */
const doors = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json' && path !== './testing')
  .map((path) => path.replace(/^\./, 'r1-ts'))

const PROGRAM = `
${doors.map((door, i) => `import * as door${i} from '${door}'`).join('\n')}
import { type AdamW, type Engine, type Tensor, verifyMath } from 'r1-ts'

export function halve(settings: AdamW): AdamW {
  return { ...settings, learningRate: settings.learningRate / 2 }
}
export async function loss(engine: Engine, tokens: Int32Array): Promise<number> {
  const [logprobs] = await engine.logprobs([tokens])
  return logprobs === undefined ? 0 : -logprobs.reduce((sum, value) => sum + value, 0)
}
export type Shape = Tensor['shape']

for (const door of [${doors.map((_, i) => `door${i}`)}]) if (Object.keys(door).length === 0) throw new Error('an empty door')
// The last layer of the verifier runs in a worker of its own, which the package brings built.
const { correct } = await verifyMath('$\\\\int 2x dx$', '$\\\\int x\\\\cdot 2 dx$', { timeLimitMs: 60_000 })
console.log('correct:', correct)
`

const isOnline = spawnSync('npm', ['view', 'zod', 'version', '--fetch-retries=0'], { cwd: ROOT }).status === 0
if (!isOnline) it.skip('the package: no npm registry can be reached')
else
  describe('the package', { timeout: LONG }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'r1-package-'))
    const user = join(folder, 'user')
    let files: string[]
    let warnings: string
    const run = async (cwd: string, command: string, ...args: string[]) =>
      await promisify(execFile)(command, args, { cwd, maxBuffer: 1 << 26 })

    beforeAll(async () => {
      const clone = join(folder, 'clone')
      const skipped = new Set(['.git', 'node_modules', 'dist', 'runs', 'evaluations', 'shared'])
      cpSync(ROOT, clone, { recursive: true, filter: (path) => !skipped.has(relative(ROOT, path)) })
      symlinkSync(join(ROOT, 'node_modules'), join(clone, 'node_modules'))
      const { stdout } = await run(clone, 'npm', 'pack', '--json', '--pack-destination', folder)
      const [packed] = JSON.parse(stdout) as { filename: string; files: { path: string }[] }[]
      files = packed!.files.map(({ path }) => path)
      mkdirSync(user)
      writeFileSync(join(user, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
      const tarball = join(folder, packed!.filename)
      // ONNX Runtime's script would fetch CUDA libraries from elsewhere.
      const install = ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', tarball]
      warnings = (await run(user, 'npm', ...install)).stderr
      // What somebody who writes TypeScript for Node has.
      mkdirSync(join(user, 'node_modules/@types'), { recursive: true })
      symlinkSync(join(ROOT, 'node_modules/@types/node'), join(user, 'node_modules/@types/node'))
    }, LONG)
    afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }), LONG)

    it('has the built code, the page and the models, and no tests', () => {
      expect(files).toEqual(
        expect.arrayContaining([
          'dist/index.js',
          'dist/index.d.ts',
          'dist/cli/main.js',
          'dist/web/index.html',
          'dist/web/train/index.html',
        ]),
      )
      expect(files.filter((path) => path.endsWith('.safetensors'))).toEqual([
        'models/pocket-base/model.safetensors',
        'models/pocket-v3-base/model.safetensors',
      ])
      expect(files.filter((path) => /\.test\.|\.map$|^(src|test|web)\//.test(path))).toEqual([])
    })

    it('installs without a warning about Node', () => {
      expect(warnings).not.toContain('EBADENGINE')
    })

    it('has a command line', async () => {
      const { stdout } = await run(user, 'npx', 'r1', '--help')
      expect(stdout).toMatch(/Usage: r1 .*\n/)
    })

    it('trains three steps', async () => {
      const settings = {
        'grpo.steps': 3,
        'grpo.minibatches': 1,
        'grpo.questionsPerStep': 2,
        'grpo.maxTokens': 32,
        'evaluation.questions': 2,
        'evaluation.samples': 1,
      }
      const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`])
      await run(user, 'npx', 'r1', 'train', 'r1-zero', '--run', 'run', '--json', ...set)
      const steps = readFileSync(join(user, 'run/metrics.jsonl'), 'utf8').match(/"step":[123]\b/g)
      expect(steps).toEqual(expect.arrayContaining(['"step":1', '"step":2', '"step":3']))
    })

    it(`compiles under --strict and runs: ${doors}`, async () => {
      writeFileSync(join(user, 'program.ts'), PROGRAM)
      const options = ['--strict', '--target', 'es2023', '--module', 'nodenext', '--types', 'node']
      const exact = ['--exactOptionalPropertyTypes', '--noUncheckedIndexedAccess']
      const tsc = join(ROOT, 'node_modules/typescript/bin/tsc')
      for (const more of [[], exact])
        await run(user, process.execPath, tsc, ...options, ...more, 'program.ts').catch((error) => {
          throw new Error(`${error.stdout}`, { cause: error })
        })
      const { stdout } = await run(user, process.execPath, 'program.js')
      expect(stdout).toBe('correct: true\n')
    })
  })
