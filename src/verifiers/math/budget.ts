/** A bound on the work of one comparison, in steps and in time: what makes the in-thread layers interruptible. */
export class OutOfBudget extends Error {}

export interface Budget {
  steps: number
  /** As of performance.now(). */
  deadline: number
}

const MAX_STEPS = 400_000

export const budgetUntil = (deadline: number): Budget => ({ steps: MAX_STEPS, deadline })

export function spend(budget: Budget, steps = 1): void {
  const before = budget.steps
  budget.steps -= steps
  if (budget.steps < 0) throw new OutOfBudget()
  // The clock is read once in 512 steps: reading it costs more than a step.
  if (before >> 9 !== budget.steps >> 9 && performance.now() > budget.deadline) throw new OutOfBudget()
}
