import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keyIn, serviceKey } from './api-key.ts'

const NAMES = ['OPENAI_BASE_URL', 'TINKER_BASE_URL', 'R1_PLAIN_HTTP_HOSTS']
beforeEach(() => {
  for (const name of NAMES) vi.stubEnv(name, '')
  vi.stubEnv('OPENAI_API_KEY', 'sk-openai')
  vi.stubEnv('TINKER_API_KEY', 'tml-tinker')
})
afterEach(() => void vi.unstubAllEnvs())

describe('serviceKey', () => {
  it.each([
    ['https://api.openai.com/v1', '', 'sk-openai'],
    ['https://api.openai.com.evil.example/v1', '', undefined],
    ['https://evil.example/api.openai.com', '', undefined],
    ['https://api.openai.com@evil.example/v1', '', undefined],
    ['https://api.openai.com:8443/v1', '', undefined],
    ['http://127.0.0.1:8000/v1', '', undefined],
    ['http://127.0.0.1:8000/v1', 'http://127.0.0.1:8000/v1', 'sk-openai'],
    ['http://127.0.0.1:8001/v1', 'http://127.0.0.1:8000/v1', undefined],
    ['https://llm.example/v1', 'https://llm.example/other', 'sk-openai'],
    ['https://api.openai.com/v1', 'https://llm.example', undefined],
    ['https://api.openai.com/v1', 'no address', undefined],
  ])('%s where OPENAI_BASE_URL is "%s": %s', (url, address, key) => {
    vi.stubEnv('OPENAI_BASE_URL', address)
    expect(serviceKey('openai', url)).toBe(key)
  })

  it("Tinker's by its own variables", () => {
    expect(serviceKey('tinker', 'https://llm.example')).toBe(undefined)
    expect(serviceKey('tinker', 'https://tinker.thinkingmachines.dev/services/tinker-prod')).toBe(
      'tml-tinker',
    )
    vi.stubEnv('TINKER_BASE_URL', 'http://localhost:8000')
    expect(serviceKey('tinker', 'http://localhost:8000')).toBe('tml-tinker')
  })

  it('is not sent in the clear off this machine, unless told', () => {
    vi.stubEnv('OPENAI_BASE_URL', 'http://gpu-box:8000/v1')
    expect(() => serviceKey('openai', 'http://gpu-box:8000/v1')).toThrow(
      /^http:\/\/gpu-box:8000: its key, in OPENAI_API_KEY, would cross .*R1_PLAIN_HTTP_HOSTS=gpu-box$/,
    )
    expect(() => serviceKey('openai', 'http://api.openai.com/v1')).not.toThrow()
    vi.stubEnv('OPENAI_BASE_URL', '')
    expect(() => serviceKey('openai', 'http://api.openai.com/v1')).toThrow('would cross')
    vi.stubEnv('OPENAI_BASE_URL', 'http://gpu-box:8000/v1')
    vi.stubEnv('R1_PLAIN_HTTP_HOSTS', 'other,gpu-box')
    expect(serviceKey('openai', 'http://gpu-box:8000/v1')).toBe('sk-openai')
  })
})

describe('keyIn', () => {
  it('is for the address it was named beside', () => {
    vi.stubEnv('MINE', 'k')
    expect(keyIn('MINE', 'https://llm.example/v1', '--api-key-env')).toBe('k')
    expect(keyIn('MINE', 'http://127.0.0.1:8000/v1', '--api-key-env')).toBe('k')
    expect(() => keyIn('MINE', 'http://gpu-box:8000/v1', '--api-key-env')).toThrow('would cross')
    expect(() => keyIn('NOT_SET', 'https://llm.example', '--api-key-env')).toThrow(
      /^--api-key-env is "NOT_SET": this variable is not set/,
    )
  })
})
