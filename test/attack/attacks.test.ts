import { describe, expect, it } from 'vitest'
import { findAttacks, tryAttack } from './attack.ts'

const quick = (await findAttacks()).filter((attack) => attack.quick)

describe.skipIf(quick.length === 0)('quick attacks (npm run attack runs them all)', () => {
  it.each(quick.map((attack) => [attack.file, attack.name, attack] as const))(
    '%s: %s',
    async (_file, _name, attack) => {
      expect(await tryAttack(attack)).toMatchObject({ held: true })
    },
    600_000,
  )
})
