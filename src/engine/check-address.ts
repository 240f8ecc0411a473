import { ConfigError } from '../errors.ts'

/** Throws for what is no HTTP address. One with a name and a password in it is not shown. `field` is what the user calls it. */
export function checkAddress(url: string, field: string, example: string): void {
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    throw new ConfigError('not an address.', { field, value: url, expected: `a URL such as ${example}` })
  const { username, password } = new URL(url)
  if (username !== '' || password !== '')
    throw new ConfigError('an address with a name or a password in it.', {
      field,
      remedy: 'Leave them out: keys come from variables.',
    })
}
