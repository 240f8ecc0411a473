/** What one rendering may cost. */
import type { Value } from './python.ts'

/** Takes from the budget; throws once it is spent. A list item costs as much as one step, a character less. */
export type Spend = (amount?: number, unit?: 'steps' | 'characters') => void

/**
 * Ten thousand messages take about a million steps. A template that loops forever, or doubles a text again and again,
 * ends here, after about a second, and not in a full memory.
 */
const STEPS = 3_000_000
const CHARACTERS_A_STEP = 16
/** A round of a loop and a call of a macro make a scope, which costs about this many steps. */
export const SCOPE_STEPS = 20

export class WorkSpent extends Error {}

export function startWork(steps = STEPS): Spend {
  let left = steps
  return (amount = 1, unit = 'steps') => {
    left -= unit === 'steps' ? amount : amount / CHARACTERS_A_STEP
    if (!(left >= 0)) throw new WorkSpent(`more than ${steps} steps: it loops or grows without end`)
  }
}

/** How many values are printed for this one; a list that holds one list many times costs what it prints. */
export function nodes(value: Value, spend: Spend): number {
  spend()
  if (typeof value === 'string') spend(value.length, 'characters')
  if (value instanceof Map) return nodes([...value.values()], spend)
  return Array.isArray(value) ? value.reduce<number>((sum, item) => sum + nodes(item, spend), 1) : 1
}
