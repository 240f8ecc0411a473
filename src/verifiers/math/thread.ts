/** One thread of `threads.ts`: a case in, its verdict out. */
import { parentPort } from 'node:worker_threads'
import type { MathRequest } from './threads.ts'
import { verifyMath } from './verify.ts'

parentPort!.on('message', async ({ prediction, gold, options }: MathRequest) => {
  parentPort!.postMessage(await verifyMath(prediction, gold, options))
})
