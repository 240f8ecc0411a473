/** One thread of `verify-math-threads.ts`: a case in, its verdict out. */
import { parentPort } from 'node:worker_threads'
import { verifyMath } from '../verifiers/math/verify.ts'
import type { MathRequest } from './verify-math-threads.ts'

parentPort!.on('message', async ({ prediction, gold, options }: MathRequest) => {
  parentPort!.postMessage(await verifyMath(prediction, gold, options))
})
