/**
 * API keys of servers elsewhere. A key goes to the host it was given for and to no other, and never without TLS off
 * this machine, unless R1_PLAIN_HTTP_HOSTS names the host.
 */
import { ConfigError } from '../errors.ts'
import { isLoopback } from '../run/loopback.ts'

interface Service {
  /** The variable with the key. */
  key: string
  /** The variable with the address that the key is for, as the service's own SDK has it. */
  address: string
  /** What it is for where no address is given. */
  home: string
}

const SERVICES = {
  openai: { key: 'OPENAI_API_KEY', address: 'OPENAI_BASE_URL', home: 'https://api.openai.com/v1' },
  tinker: {
    key: 'TINKER_API_KEY',
    address: 'TINKER_BASE_URL',
    home: 'https://tinker.thinkingmachines.dev/services/tinker-prod',
  },
  wandb: { key: 'WANDB_API_KEY', address: 'WANDB_BASE_URL', home: 'https://api.wandb.ai' },
  trackio: {
    key: 'TRACKIO_WRITE_TOKEN',
    address: 'TRACKIO_SERVER_URL',
    home: 'http://127.0.0.1:7860',
  },
} satisfies Record<string, Service>

const PLAIN = 'R1_PLAIN_HTTP_HOSTS'

/** The service's key where it is for the host of this address. Throws a ConfigError rather than send it in the clear. */
export function serviceKey(service: keyof typeof SERVICES, url: string): string | undefined {
  const { key, address, home } = SERVICES[service]
  if (hostOf(process.env[address] || home) !== hostOf(url)) return undefined
  return guarded(process.env[key] || undefined, url, key)
}

/** The key in a variable that was named for this very address. */
export function keyIn(variable: string, url: string, flag: string): string {
  const key = process.env[variable]
  if (!key) throw new ConfigError('this variable is not set.', { field: flag, value: variable })
  return guarded(key, url, variable)!
}

/** What to do where a server asks for a key. */
export function keyRemedy(service: keyof typeof SERVICES): string {
  const { key, address, home } = SERVICES[service]
  return `${key} goes to ${hostOf(home)} alone, or to the host of ${address}: set ${address} to this address for a key of this server.`
}

function guarded(key: string | undefined, url: string, variable: string): string | undefined {
  const { protocol, hostname, host } = new URL(url)
  if (key === undefined || protocol === 'https:' || isLoopback(hostname)) return key
  if ((process.env[PLAIN] ?? '').split(',').includes(hostname)) return key
  throw new ConfigError(`its key, in ${variable}, would cross the network for everybody to read.`, {
    field: `${protocol}//${host}`,
    expected: 'an address that begins with https',
    remedy: `Or allow it: ${PLAIN}=${hostname}`,
  })
}

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined)
