/** The recipes by name. A recipe is loaded when it is asked for. */
import { ConfigError } from '../errors.ts'
import { nearest } from '../run/nearest.ts'
import { type Configurable, suggestion } from './config-flags.ts'

export interface RecipeEntry {
  summary: string
  load: () => Promise<Configurable>
}

export const RECIPES: Record<string, RecipeEntry> = {}

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
