/** The documents as a site: `npm run build:site`. A link that leads out of `docs` leads to the repository. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const DOCS = resolve(import.meta.dirname, '..')
const { repository } = JSON.parse(readFileSync(join(DOCS, '../package.json'), 'utf8')) as {
  repository: { url: string }
}
const SOURCES = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main`

interface Token {
  attrGet(name: string): string | null
  attrSet(name: string, value: string): void
}
type Rule = (tokens: Token[], at: number, options: unknown, env: { path: string }, self: Renderer) => string
interface Renderer {
  renderToken: (tokens: Token[], at: number, options: unknown) => string
}

const page = (text: string, link: string) => ({ text, link })

const listed = [
  {
    text: 'Start',
    items: [
      page('One step of GRPO', '/one-grpo-step'),
      page('R1-Zero in a browser tab', '/tab'),
      page('Commands', '/commands'),
      page('The page', '/dashboard'),
      page('Coming from TRL, verl, OpenRLHF', '/coming-from'),
      page('Glossary', '/glossary'),
    ],
  },
  {
    text: 'Train',
    items: [
      page('Tasks', '/tasks'),
      page('Rewards', '/rewards'),
      page('GRPO and its relatives', '/grpo-options'),
      page('A curriculum', '/curriculum'),
      page('The doctor', '/doctor'),
      page('On a GPU', '/gpu'),
      page('From the base to R1', '/r1'),
      page('Servers that train', '/remote-engines'),
      page('Planning a run', '/planning'),
      page('Published runs', '/published-runs'),
    ],
  },
  {
    text: 'Judge and serve',
    items: [
      page('Evaluation', '/evaluation'),
      page('Mathematics', '/verifier-math'),
      page('Programs', '/verifier-code'),
      page('Rewards over HTTP', '/reward-service'),
      page('Serving models', '/serve'),
      page('Models', '/models'),
      page('Model formats', '/formats'),
    ],
  },
  {
    text: 'Results',
    items: [
      page('R1-Zero', '/results/r1-zero'),
      page('In DeepSeek-V3’s architecture', '/results/r1-zero-v3'),
      page('Sixteen updates from each rollout', '/results/off-policy'),
      page('SmolLM2 on word problems', '/results/smollm2'),
      page('Gemma 3 270M, the base', '/results/gemma3-270m'),
      page('The paper in miniature', '/results/paper-in-miniature'),
      page('Speed', '/speed'),
    ],
  },
  {
    text: 'Inside',
    items: [
      page('Architecture', '/architecture'),
      page('The paper, section by section', '/paper-index'),
      page('Log of decisions', '/log'),
    ],
  },
]

/** Pages that nobody has listed, by their headings. */
function others() {
  const links = new Set(listed.flatMap(({ items }) => items.map(({ link }) => link)))
  return readdirSync(DOCS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && name !== 'index.md' && !links.has(`/${name.slice(0, -3)}`))
    .sort()
    .map((name) => {
      const [, title = name] = /^# (.*)$/m.exec(readFileSync(join(DOCS, name), 'utf8')) ?? []
      return page(title, `/${name.slice(0, -3)}`)
    })
}

export const sidebar = [...listed, { text: 'More', items: others() }].filter(({ items }) => items.length > 0)

export default {
  title: 'r1-ts',
  description: "DeepSeek-R1's training system in TypeScript",
  srcDir: '.',
  outDir: '../dist/site',
  cacheDir: '../node_modules/.cache/vitepress',
  // Any folder of any host may hold the site.
  base: process.env.SITE_BASE ?? '/',
  cleanUrls: false,
  themeConfig: {
    nav: [
      { text: 'Train in the browser', link: '/train/index.html', target: '_self' },
      page('Guide', '/one-grpo-step'),
      page('Results', '/results/r1-zero'),
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar,
    search: { provider: 'local' },
    outline: [2, 3],
    socialLinks: [{ icon: 'github', link: SOURCES.replace('/blob/main', '') }],
  },
  ignoreDeadLinks: [/^\/(api|train)\//],
  markdown: {
    config(md: { renderer: { rules: Record<string, Rule | undefined> } & Renderer }) {
      const open = md.renderer.rules.link_open
      md.renderer.rules.link_open = (tokens, at, options, env, self) => {
        const href = tokens[at]!.attrGet('href') ?? ''
        const target = resolve(dirname(env.path), href.split('#')[0]!)
        if (/^\.\.?\//.test(href) && relative(DOCS, target).startsWith('..') && existsSync(target))
          tokens[at]!.attrSet('href', `${SOURCES}/${relative(join(DOCS, '..'), target)}`)
        return open === undefined
          ? self.renderToken(tokens, at, options)
          : open(tokens, at, options, env, self)
      }
    },
  },
}
