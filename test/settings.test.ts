/** The interfaces that editors show on hover say what the schemas say, and take what the schemas take. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { grpoConfig } from '../src/algorithms/grpo-config.ts'
import type { ppoConfig } from '../src/algorithms/ppo-config.ts'
import type { pretrainConfig } from '../src/algorithms/pretrain.ts'
import type { GrpoSettings, PpoSettings, PretrainSettings, SftSettings } from '../src/algorithms/settings.ts'
import type { sftConfig } from '../src/algorithms/sft-config.ts'
import type { r1Config } from '../src/recipes/r1-config.ts'
import type { r1ZeroConfig } from '../src/recipes/r1-zero.ts'
import type { R1RecipeSettings, R1ZeroSettings } from '../src/recipes/settings.ts'
import { FILES, interfacesOf } from '../tools/settings-interfaces.ts'

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Does not compile where an interface and its schema differ. The corpus of pre-training has no static type to compare. */
const SAME: [
  Same<GrpoSettings, z.input<typeof grpoConfig>>,
  Same<PpoSettings, z.input<typeof ppoConfig>>,
  Same<SftSettings, z.input<typeof sftConfig>>,
  Same<PretrainSettings, z.input<typeof pretrainConfig>>,
  Same<R1ZeroSettings, z.input<typeof r1ZeroConfig>>,
  Same<R1RecipeSettings, z.input<typeof r1Config>>,
] = [true, true, true, true, true, true]

const ROOT = resolve(import.meta.dirname, '..')
/** Without what Biome's formatting adds. */
const bare = (text: string) => text.replace(/[\s|(),]+/g, '')

describe('the interfaces of settings', () => {
  it('take what the schemas take, or this file does not compile', () => expect(SAME).not.toContain(false))

  it.each(Object.keys(FILES))('%s is what tools/settings-interfaces.ts writes', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8')
    expect(bare(text), 'npx tsx tools/settings-interfaces.ts && npm run format').toBe(
      bare(interfacesOf(file)),
    )
  })
})
