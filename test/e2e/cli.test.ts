/** The command line as a user meets it: `bin/r1.mjs` in a process of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { COMMANDS } from '../../src/cli/commands.ts'
import { createRun } from '../../src/run/folder.ts'

const BIN = resolve(import.meta.dirname, '../../bin/r1.mjs')
const folder = mkdtempSync(join(tmpdir(), 'r1-cli-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Result {
  code: number | null
  stdout: string
  stderr: string
}

async function run(command: string, args: string[], cwd = folder): Promise<Result> {
  const child = spawn(command, args, { cwd, env: { ...process.env, NO_COLOR: '1' } })
  const result = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk) => {
    result.stdout += chunk
  })
  child.stderr.on('data', (chunk) => {
    result.stderr += chunk
  })
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...result }
}
const r1 = (args: string[], cwd?: string) => run(process.execPath, [BIN, ...args], cwd)

describe('r1', () => {
  it('shows every command and examples', async () => {
    const { code, stdout, stderr } = await r1([])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
    expect(stdout).toContain('Examples:')
  })

  it('has a version', async () => {
    const { version } = JSON.parse(readFileSync(resolve(BIN, '../../package.json'), 'utf8'))
    expect(await r1(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })

  it('names npm ci where nothing is installed', async () => {
    const clone = join(folder, 'clone/r1.mjs')
    cpSync(BIN, clone)
    expect(await run(process.execPath, [clone, 'train'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: the dependencies are not installed. Install them with: npm ci\n',
    })
  })

  it.runIf(process.platform !== 'win32')('is quiet when its reader has gone', async () => {
    const pipe = `"${process.execPath}" "${BIN}" --help | true; echo "\${PIPESTATUS[0]}"`
    expect(await run('bash', ['-c', pipe])).toEqual({ code: 0, stdout: '141\n', stderr: '' })
  })
})

describe('a mistake costs one sentence, exit code 2 and no files', () => {
  const empty = join(folder, 'empty')
  beforeAll(() => {
    mkdirSync(empty)
  })

  it.each<[string[], RegExp]>([
    [['trian'], /unknown command 'trian'\n\(Did you mean train\?\)/],
    [['runs', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)\n\(see: r1 runs --help\)/],
    [['runs', 'nowhere'], /nowhere: there is no such folder/],
    [['config', 'r1-zro'], /there is no recipe "r1-zro"\. .*Did you mean r1-zero\?/],
    [
      ['config', 'r1-zero', '--preset', 'pockt'],
      /preset is "pockt": there is no such preset\. .*Did you mean pocket\?/,
    ],
    [
      ['config', 'r1-zero', '--seed', '1.5'],
      /--seed <number>' argument '1\.5' is invalid\. Expected a whole number/,
    ],
    [['config', 'r1-zero', '--config', 'none.json'], /none\.json: the config file cannot be read/],
    [['train', 'r1-zero', '--set', 'grpo.groupSiz=4'], /grpo\.groupSiz: .*Did you mean grpo\.groupSize\?/],
    [['train', 'r1-zero', '--set', 'grpo.groupSize=1'], /grpo\.groupSize is 1: .* Expected .*\d/],
    [
      ['train', 'r1-zero', '--set', 'int8Rollouts=true'],
      /int8Rollouts is true: .* --set grpo\.importanceCap=2/,
    ],
    [
      ['train', 'r1', '--size', 'pocket', '--preset', 'paper'],
      /'--size <name>' cannot be used with .*'--preset/,
    ],
    [['train', 'r1', '--only', 'zero', '--from', 'dev2'], /'--only <stage>' cannot be used with .*'--from/],
    [['train', 'r1-zero', '--run', 'runs/none', '--resume'], /runs\/none: there is no run in this folder/],
  ])('%j', async (args, message) => {
    const { code, stdout, stderr } = await r1(args, empty)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toMatch(/^ +at /m)
    expect(stderr.trim().split('\n').length).toBeLessThanOrEqual(3)
    expect(readdirSync(empty)).toEqual([])
  })
})

describe('r1 config', () => {
  it('shows where each value came from', async () => {
    const { code, stdout } = await r1(['config', 'r1-zero', '--set', 'grpo.groupSize=4', '--seed', '7'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^setting +value +from +meaning$/m)
    expect(stdout).toMatch(/^grpo\.groupSize +4 +--set /m)
    expect(stdout).toMatch(/^seed +7 +--seed /m)
    expect(stdout).toMatch(/ preset pocket /)
  })

  it('prints JSON that --config reads back', async () => {
    const { stdout } = await r1(['config', 'r1-zero', '--set', 'grpo.groupSize=4', '--json'])
    writeFileSync(join(folder, 'run.json'), `// made by r1 config\n${stdout}`)
    const again = await r1(['config', 'r1-zero', '--config', 'run.json', '--json'])
    expect(again).toEqual({ code: 0, stdout, stderr: '' })
  })
})

describe('r1 runs', () => {
  const root = join(folder, 'some')
  beforeAll(async () => {
    const info = { version: '0', seed: 1, created: '2026-11-23T10:00:00.000Z', config: {}, sources: {} }
    const run = await createRun(join(root, 'good'), { recipe: 'r1-zero', ...info })
    run.log({ step: 12, accuracy: 0.5, meanTokens: 80 })
    await run.finish({})
    run.close()
    mkdirSync(join(root, 'bad'))
    writeFileSync(join(root, 'bad', 'config.json'), '{')
    mkdirSync(join(root, 'no-run'))
  })

  it('prints a table, and what is wrong with broken runs on stderr', async () => {
    const { code, stdout, stderr } = await r1(['runs', 'some'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^good +r1-zero +finished +1 +12 +50\.0 % +– +80 +2026-11-23 10:00$/m)
    expect(stdout).toMatch(/^bad +– +broken/m)
    expect(stdout).not.toContain('no-run')
    expect(stderr).toMatch(/bad\/config\.json: this file does not describe a run/)
  })

  it('prints JSON for scripts', async () => {
    const { stdout, stderr } = await r1(['runs', 'some', '--json'])
    expect(JSON.parse(stdout).map((row: { status: string }) => row.status)).toEqual(['broken', 'finished'])
    expect(stderr).toBe('')
  })

  it('says how to start where there are none', async () => {
    const { code, stdout, stderr } = await r1(['runs'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
    expect(stderr).toMatch(/No runs in runs\. Start one with: r1 train r1-zero/)
  })
})
