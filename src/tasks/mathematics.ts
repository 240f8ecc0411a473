/** What every set of mathematics shares: the verdict, and which answers count as one in a majority vote. */
import { verifyMath } from '../verifiers/math/verify.ts'
import type { Task } from './task.ts'

export const mathematics = {
  verify: ({ answer }, response) => verifyMath(response, answer),
  equivalent: async (a, b) => (await verifyMath(`\\boxed{${b}}`, a)).correct,
} satisfies Omit<Task, 'name'>
