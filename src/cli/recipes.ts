/** The recipes by name. A recipe is loaded when it is asked for. */
import { ConfigError } from '../errors.ts'
import { nearest } from '../run/nearest.ts'
import { type Configurable, suggestion } from './config-flags.ts'

export interface RecipeEntry {
  summary: string
  load: () => Promise<Configurable>
}

export const RECIPES: Record<string, RecipeEntry> = {
  'r1-zero': {
    summary: 'reinforcement learning on a base model, without supervised fine-tuning (paper §4)',
    load: async () => {
      const { presets, r1ZeroConfig } = await import('../recipes/r1-zero.ts')
      return { schema: r1ZeroConfig, presets }
    },
  },
  sft: {
    summary: 'supervised fine-tuning on prompts and responses (paper §5.2)',
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
      ...suggestion(nearest(name, names)),
    })
  return await entry.load()
}
