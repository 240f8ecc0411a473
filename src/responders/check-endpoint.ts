/** What can be known of an OpenAI-compatible server before anything is asked of it. */
import { checkAddress } from '../engine/check-address.ts'
import { ConfigError } from '../errors.ts'

interface Endpoint {
  url: string
  model: string | undefined
}

/** Throws where no model is named or the address is none. `names` are what the user calls the two. */
export function checkEndpoint({ url, model }: Endpoint, names: { url: string; model: string }): void {
  if (model === undefined || model === '')
    throw new ConfigError('the server must be told which model.', { field: names.model, remedy: 'Set it.' })
  checkAddress(url, names.url, 'http://127.0.0.1:8000/v1')
}
