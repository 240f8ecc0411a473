import { expect, it } from 'vitest'
import { checkDistill, distillConfig } from './distill.ts'

it('without students is refused with what to do about it', async () => {
  const config = distillConfig.parse(distillConfig.parse({ teacher: 'pocket-base' }))
  await expect(checkDistill(config)).rejects.toThrow(
    /^students: there are none\. Expected at least one.*--preset pocket/,
  )
})
