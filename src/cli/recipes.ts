/** The recipes by name. A recipe is loaded when it is asked for. */
import { ConfigError } from '../errors.ts'
import { suggestion } from '../settings/nearest.ts'
import type { Configurable } from './config-flags.ts'

export interface RecipeEntry {
  summary: string
  load: () => Promise<Configurable>
}

export const RECIPES: Record<string, RecipeEntry> = {
  'r1-zero': {
    summary: 'reinforcement learning on a base model, without supervised fine-tuning (R1 §2.2.4)',
    load: async () => {
      const { presets, r1ZeroConfig } = await import('../recipes/r1-zero.ts')
      const choice = { setting: 'algorithm', sections: ['grpo', 'ppo'] }
      return { schema: r1ZeroConfig, presets, choice }
    },
  },
  r1: {
    summary: 'the four stages from a base model to R1 (R1 §2.3)',
    load: async () => {
      const { r1Config, r1Presets } = await import('../recipes/r1-config.ts')
      return { schema: r1Config, presets: r1Presets }
    },
  },
  distill: {
    summary: "students that learn a teacher's responses, beside reinforcement alone (R1 §2.4)",
    load: async () => {
      const { distillConfig, distillPresets } = await import('../recipes/distill.ts')
      return { schema: distillConfig, presets: distillPresets }
    },
  },
  attempts: {
    summary: 'what the authors tried and dropped: process rewards, tree search (R1 §4.2)',
    load: async () => {
      const { attemptsConfig, attemptsPresets } = await import('../recipes/attempts.ts')
      return { schema: attemptsConfig, presets: attemptsPresets }
    },
  },
  miniature: {
    summary: 'all of that at the pocket size, made by `r1 reproduce`',
    load: async () => {
      const { miniatureConfig, miniaturePresets } = await import('../recipes/miniature.ts')
      return { schema: miniatureConfig, presets: miniaturePresets }
    },
  },
  sft: {
    summary: 'supervised fine-tuning on prompts and responses (R1 v2 SB.4.2)',
    load: async () => {
      const { sftPresets, sftRecipeConfig } = await import('../recipes/sft.ts')
      return { schema: sftRecipeConfig, presets: sftPresets }
    },
  },
  pretrain: {
    summary: 'the pocket base model, made by `r1 pretrain`',
    load: async () => {
      const { pretrainPresets, pretrainRecipeConfig } = await import('../recipes/pretrain.ts')
      return { schema: pretrainRecipeConfig, presets: pretrainPresets }
    },
  },
}

export async function loadRecipe(name: string, recipes = RECIPES): Promise<Configurable> {
  const names = Object.keys(recipes)
  const entry = Object.hasOwn(recipes, name) ? recipes[name] : undefined
  if (entry === undefined)
    throw new ConfigError(`there is no recipe ${JSON.stringify(name)}.`, {
      expected: names.join(' or ') || 'a recipe, but none is installed',
      ...suggestion(name, names),
    })
  return await entry.load()
}
