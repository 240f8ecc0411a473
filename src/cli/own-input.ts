/** Refuses an output that would overwrite one of the files it is made from. */
import { isSameFile } from '../disk/same-file.ts'
import { ConfigError } from '../errors.ts'

export function refuseOwnInput(field: string, output: string, inputs: readonly string[]): void {
  if (inputs.some((input) => isSameFile(input, output)))
    throw new ConfigError('would overwrite its own input.', {
      field,
      value: output,
      remedy: 'Name another file.',
    })
}
