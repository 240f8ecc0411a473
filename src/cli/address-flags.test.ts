import { afterEach, describe, expect, it, vi } from 'vitest'
import { dashboardCommand } from './dashboard.ts'
import { serveCommand } from './serve.ts'
import { serveEngineCommand } from './serve-engine.ts'
import { serveRewardsCommand } from './serve-rewards.ts'

afterEach(() => vi.unstubAllEnvs())

describe.each([
  ['dashboard', dashboardCommand, []],
  ['serve', serveCommand, ['pocket-base']],
  ['serve-engine', serveEngineCommand, ['pocket-base']],
  ['serve-rewards', serveRewardsCommand, []],
])('%s', (_, command, operands: string[]) => {
  /** The flags, or what is said about them. */
  async function parse(...flags: string[]) {
    let said = ''
    const asked = command()
      .exitOverride()
      .configureOutput({ writeErr: (text) => (said += text) })
    asked.action(() => {})
    await asked.parseAsync([...operands, ...flags], { from: 'user' }).catch(() => {})
    return said === '' ? asked.opts() : said
  }

  it('takes a port and a key', async () => {
    const address = { host: '127.0.0.1', port: 65_535, apiKey: 'k' }
    expect(await parse('--port', '65535', '--api-key', 'k')).toMatchObject(address)
    vi.stubEnv('R1_API_KEY', 'from outside')
    expect(await parse()).toMatchObject({ apiKey: 'from outside' })
  })

  it('refuses a port that none can have, and an empty key', async () => {
    expect(await parse('--port', '99999')).toMatch("'99999' is invalid. Expected a port from 0 to 65535.")
    expect(await parse('--api-key', '')).toMatch('The key is empty.')
  })
})
