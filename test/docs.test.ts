/** Documents that list what the code has are held to the code, and the examples run. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { sidebar } from '../docs/.vitepress/config.ts'
import { reward } from '../examples/03-your-own-reward.ts'
import { createEmbeddedEngine, grpoConfig, presets, r1ZeroConfig } from '../src/index.ts'
import { miniatureConfig, miniaturePresets } from '../src/recipes/miniature.ts'
import { CLAIMS, studentClaim } from '../src/report/claim-list.ts'
import { markdownTable } from '../src/report/tables.ts'
import { resolveConfig, setLayers } from '../src/settings/config.ts'
import { OTHER_NAMES } from '../src/settings/other-names.ts'
import { loadTask } from '../src/tasks/load-task.ts'
import { pocketTokenizerFiles } from '../src/text/pocket-tokenizer.ts'
import { tokenizerFromFiles } from '../src/text/tokenizer.ts'
import { startScriptedServer } from './scripted-openai-server.ts'

const ROOT = resolve(import.meta.dirname, '..')
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')
/** Cells of every row of the tables in a text, header and ruler included. */
const rows = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
const quoted = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map((match) => match[1]!)

describe('floors', () => {
  const list = /FLOORS[^=]*= \[(.*?)\n\]/s.exec(read('test/floors.test.ts'))![1]!
  const floors = [...list.matchAll(/\[(.*?)\],?/g)]
    .map(([, names], floor) => ({ floor, names: [...names!.matchAll(/'([^']+)'/g)].map((m) => m[1]!) }))
    .map(({ floor, names }) => ({
      floor,
      names: names.filter((name) => existsSync(join(ROOT, 'src', name))),
    }))
    .filter(({ names }) => names.length > 0)

  it('docs/architecture.md has those of the floors test', () => {
    const table = rows(read('docs/architecture.md'))
      .filter((cells) => /^\d+$/.test(cells[1]!))
      .map((cells) => ({ floor: Number(cells[1]), names: quoted(cells[2]!) }))
      .sort((a, b) => a.floor - b.floor)
    expect(floors.length).toBeGreaterThan(10)
    expect(table).toEqual(floors)
  })
})

describe('paths in documents', () => {
  const documents = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'))

  it.each([...documents.map((name) => `docs/${name}`), 'CONTRIBUTING.md', 'CHANGELOG.md'])(
    '%s',
    (document) => {
      const paths = quoted(read(document)).filter((path) =>
        /^(src|test|docs|examples|tools)\/[\w./-]+\.\w+$/.test(path),
      )
      expect(paths.filter((path) => !existsSync(join(ROOT, path)))).toEqual([])
    },
  )

  it('every row of the paper index has code and a test', () => {
    const index = rows(read('docs/paper-index.md').split('## Where it is in the code')[1]!).slice(2)
    expect(index.length).toBeGreaterThan(20)
    for (const [, section, , code, test] of index) {
      expect(
        quoted(code!).every((path) => path.startsWith('src/')),
        section,
      ).toBe(true)
      expect(quoted(code!).length, section).toBeGreaterThan(0)
      expect(quoted(test!).filter((path) => path.endsWith('.test.ts')).length, section).toBeGreaterThan(0)
    }
  })
})

describe('docs/grpo-options.md', () => {
  const path = 'docs/grpo-options.md'

  it('has every setting as the schema has it', () => {
    const table = settingsTable()
    if (process.env.UPDATE_DOCS)
      writeFileSync(
        join(ROOT, path),
        read(path).replace(
          /(<!-- settings -->\n)[\s\S]*(<!-- \/settings -->)/,
          (_, open, close) => open + table + close,
        ),
      )
    expect(/<!-- settings -->\n([\s\S]*)<!-- \/settings -->/.exec(read(path))?.[1]).toBe(table)
  })

  const flags = rows(read(path)).flatMap((cells) => {
    const variant = cells.length === 6 ? quoted(cells[3]!)[0] : undefined
    return variant?.startsWith('--set') ? [[cells[1]!, variant] as const] : []
  })

  it('has variants', () => expect(flags.length).toBeGreaterThan(15))

  it.each(flags)('%s: %s', (_, text) => {
    const set = text.split(/\s*--set\s+/).slice(1)
    const { config } = resolveConfig(r1ZeroConfig, setLayers(r1ZeroConfig, set))
    expect(config).not.toEqual(r1ZeroConfig.parse({}))
  })
})

describe('links in documents', () => {
  const documents = [
    ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'tools/README.md'],
    ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
  ]
  const withoutCode = (text: string) => text.replace(/```[\s\S]*?```|`[^`\n]*`/g, '')
  /** As GitHub and VitePress name a heading. */
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
      title!
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )

  it.each(documents)('%s', (document) => {
    const links = [...withoutCode(read(document)).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
    const broken = links.filter((link) => {
      if (/^(https?|mailto):/.test(link)) return false
      const [path, anchor] = link.split('#') as [string, string?]
      const target = path === '' ? document : join(dirname(document), path)
      if (!existsSync(join(ROOT, target))) return true
      return anchor !== undefined && target.endsWith('.md') && !anchors(read(target)).includes(anchor)
    })
    expect(broken).toEqual([])
  })

  it('the navigation of the site has every page, and leads to each', () => {
    const pages = sidebar.flatMap(({ items }) => items.map(({ link }) => `docs${link}.md`))
    expect(pages.filter((page) => !existsSync(join(ROOT, page)))).toEqual([])
    expect(documents.filter((path) => path.startsWith('docs/') && !pages.includes(path))).toEqual([
      'docs/index.md',
    ])
  })
})

describe('docs/coming-from.md', () => {
  const path = 'docs/coming-from.md'

  it('has every name of the table that answers typos', () => {
    const cell = (name?: string) => (name === undefined ? '–' : `\`${name}\``)
    const lines = OTHER_NAMES.map(
      ({ ours, trl, verl, openrlhf }) => `| ${[ours, trl, verl, openrlhf].map(cell).join(' | ')} |\n`,
    )
    const table = `| here | TRL | verl | OpenRLHF |\n|---|---|---|---|\n${lines.join('')}`
    if (process.env.UPDATE_DOCS)
      writeFileSync(
        join(ROOT, path),
        read(path).replace(
          /(<!-- names -->\n)[\s\S]*(<!-- \/names -->)/,
          (_, open, close) => open + table + close,
        ),
      )
    expect(/<!-- names -->\n([\s\S]*)<!-- \/names -->/.exec(read(path))?.[1]).toBe(table)
  })
})

describe('docs/claims.md', () => {
  const path = 'docs/claims.md'

  it('has every claim with the rule that decides it', () => {
    const table = markdownTable(
      ['claim', 'the paper', 'holds if', 'chosen after a look'].map((name) => ({ name })),
      [...CLAIMS, studentClaim('each student')].map(({ claim, paper, rule, chosenAfter = '–' }) => [
        claim,
        paper,
        rule,
        chosenAfter,
      ]),
    )
    if (process.env.UPDATE_DOCS)
      writeFileSync(
        join(ROOT, path),
        read(path).replace(/(?<=<!-- claims -->\n)[\s\S]*(?=<!-- \/claims -->)/, `\n${table}\n\n`),
      )
    expect(/<!-- claims -->\n([\s\S]*)<!-- \/claims -->/.exec(read(path))?.[1]?.trim()).toBe(table)
  })

  it('says on how many questions', () => {
    const { r1, distill, attempts } = miniaturePresets.pocket
    const { questions, requests, samples } = r1.evaluation
    expect(read(path)).toContain(
      `First held-out set: ${questions} questions with a verifier and ${requests} requests, ${samples} responses each`,
    )
    for (const { evaluation } of [distill, attempts]) expect(evaluation).toEqual(r1.evaluation)
    const second = miniatureConfig.parse({}).secondHeldOut
    expect(read(path)).toContain(
      `Second held-out set: ${second.questions} questions and ${second.requests} requests`,
    )
  })
})

interface SettingSchema {
  type?: string
  enum?: string[]
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  anyOf?: SettingSchema[]
  default?: unknown
  description?: string
}

function settingsTable(): string {
  const { properties } = z.toJSONSchema(grpoConfig, { io: 'input' }) as {
    properties: Record<string, SettingSchema>
  }
  const pocket: Record<string, unknown> = presets.pocket.grpo
  const lines = Object.entries(properties).map(([name, schema]) => {
    const cells = [
      `\`${name}\``,
      show(schema.default),
      name in pocket ? show(pocket[name]) : '',
      values(schema),
      schema.description ?? '',
    ]
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  })
  return `| setting | paper | pocket | values | meaning |\n|---|---|---|---|---|\n${lines.join('')}`
}

const show = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

function values(schema: SettingSchema): string {
  const { type, anyOf, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  if (anyOf) return anyOf.map(values).join(' or ')
  if (schema.enum) return schema.enum.join(', ')
  if (type === 'boolean') return 'true, false'
  if (type === 'null') return 'null'
  const kind = type === 'integer' ? 'whole, ' : ''
  if (exclusiveMinimum !== undefined) return `${kind}> ${exclusiveMinimum}`
  if (exclusiveMaximum !== undefined) return `${kind}${minimum} to below ${exclusiveMaximum}`
  if (minimum !== undefined && maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER)
    return `${kind}${minimum} to ${maximum}`
  return minimum === undefined ? `${kind}any` : `${kind}≥ ${minimum}`
}

describe('examples', () => {
  const folder = mkdtempSync(join(tmpdir(), 'r1-examples-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  beforeAll(async () => {
    const companionFiles = pocketTokenizerFiles()
    const engine = createEmbeddedEngine({
      config: {
        architecture: 'qwen2',
        vocabularySize: tokenizerFromFiles(companionFiles).vocabSize,
        hiddenSize: 16,
        intermediateSize: 16,
        numLayers: 1,
        numHeads: 2,
        numKeyValueHeads: 2,
        headSize: 8,
        maxPositions: 256,
        rmsNormEpsilon: 1e-6,
        ropeTheta: 10_000,
        attentionBias: true,
        tieEmbeddings: true,
      },
      companionFiles,
    })
    await engine.save(folder)
    engine.close()
  })

  const run = async (name: string, env: Record<string, string> = {}, flags: string[] = []) => {
    const file = join(ROOT, 'examples', name)
    const options = { cwd: ROOT, env: { ...process.env, ...env }, timeout: 300_000 }
    return (await promisify(execFile)(process.execPath, ['--import', 'tsx', file, ...flags], options)).stdout
  }

  it('are under 150 lines', () => {
    const names = readdirSync(join(ROOT, 'examples'))
    expect(names.length).toBeGreaterThanOrEqual(3)
    for (const name of names) expect(read(`examples/${name}`).split('\n').length, name).toBeLessThan(150)
  })

  it('01: two steps on a model that knows nothing', { timeout: 300_000 }, async () => {
    const sizes = { STEPS: '2', QUESTIONS: '1', GROUP: '2', MAX_TOKENS: '8', MODEL: folder }
    const lines = (await run('01-r1-zero-in-the-open.ts', sizes)).trim().split('\n')
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^step 1\/2 {2}reward 0\.\d+ .* kl 0\.000 .* gradient \d/)
  })

  it('02: a task that the recipe takes and that accepts its own answers', async () => {
    const { question, heldOut } = await loadTask(join(ROOT, 'examples/02-your-own-task.ts'), 1, 8)
    expect(heldOut.questions).toHaveLength(8)
    for (let index = 0; index < 20; index++) {
      const { task, question: asked } = question(index)
      expect(await task.verify(asked, `<answer> ${asked.answer} </answer>`)).toMatchObject({ correct: true })
      expect(await task.verify(asked, `<answer> ${asked.answer}1 </answer>`)).toMatchObject({
        correct: false,
      })
    }
    expect(await run('02-your-own-task.ts')).toContain('accepts its own answer: true')
  })

  it('04: one step on the pocket model, measured before and after', { timeout: 600_000 }, async () => {
    expect(read('examples/04-train.ts').trimEnd().split('\n').length).toBeLessThanOrEqual(15)
    const lines = (await run('04-train.ts', { STEPS: '1' })).trim().split('\n')
    expect(lines[0]).toMatch(/^1\/1 {2}right \d+ % {2}\d+ tokens$/)
    expect(lines[1]).toMatch(/^held-out problems: 0\.\d+ before, 0\.\d+ after$/)
    expect(lines[2]).toContain('<think>')
  })

  it('05: two questions to a server, in 20 lines', { timeout: 120_000 }, async () => {
    const lines = read('examples/05-judge-a-server.ts').trimEnd().split('\n')
    expect(lines.filter((line) => line !== '').length).toBeLessThanOrEqual(20)
    const server = await startScriptedServer(({ messages }) => ({
      text: messages.at(-1)!.content.includes('17') ? '\\boxed{42}' : '\\boxed{5}',
      tokens: 3,
    }))
    try {
      const printed = await run('05-judge-a-server.ts', {}, [`${server.url}`, 'm'])
      expect(printed.trim().split('\n')).toEqual(['half false false', 'sum true true', 'pass@1 0.5'])
    } finally {
      await server.close()
    }
  })

  it('06: the verifiers without an engine', { timeout: 120_000 }, async () => {
    const lines = (await run('06-verifiers-alone.ts')).trim().split('\n')
    expect(lines.map((line) => line.split(',')[0])).toEqual([
      'mathematics: true',
      'choice: true',
      'countdown: true',
      'code: true',
    ])
  })

  it('03: a reward that tells right arithmetic from wrong, and none from wrong', async () => {
    expect(
      (await run('03-your-own-reward.ts'))
        .trim()
        .split('\n')
        .map((line) => line.split(' → ')[1]),
    ).toEqual(['1', '0', 'null'])
    expect(reward.name).toBe('honestArithmetic')
  })
})
