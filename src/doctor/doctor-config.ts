/** Settings of the doctor beside a run. */
import { z } from 'zod'
import { ConfigError } from '../errors.ts'
import { suggestion } from '../settings/nearest.ts'
import { RULE_NAMES } from './rules.ts'

export const doctorConfig = z
  .strictObject({
    off: z.string().default('').describe('Rules to turn off, separated by commas (docs/doctor.md)'),
    stopOn: z
      .string()
      .default('')
      .describe('Findings that stop the run, with a checkpoint, separated by commas; `all` names every one'),
    rollback: z
      .boolean()
      .default(false)
      .describe(
        'On the first finding, go back to the checkpoint before it and continue with a tenth of the learning rate',
      ),
  })
  .prefault({})
export type DoctorConfig = z.infer<typeof doctorConfig>

/** The rules that a setting names. Throws for a name that is none. */
export function namedRules(field: string, text: string): string[] {
  const names = text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
  for (const name of names)
    if (!RULE_NAMES.includes(name) && name !== 'all')
      throw new ConfigError('there is no such rule.', {
        field,
        value: name,
        expected: `${RULE_NAMES.join(', ')}, or all`,
        ...suggestion(name, RULE_NAMES),
      })
  return names.includes('all') ? [...RULE_NAMES] : names
}
