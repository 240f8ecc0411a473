/** The same questions for the clients of a server and for the sampler alone. */
import { pocketTask } from '../../tasks/pocket/task.ts'

export interface LoadOptions {
  clients: number
  seconds: number
  maxTokens: number
}

const task = pocketTask('countdown')

/** The paper's temperature and top-p, which are also the server's own. */
export function askOf({ clients, maxTokens }: LoadOptions, client: number, index: number) {
  const seed = index * clients + client
  return { question: task.question(1, seed).prompt, seed, maxTokens, temperature: 0.6, topP: 0.95 }
}
