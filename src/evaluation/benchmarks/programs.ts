/** What the programming benchmarks share: the paper's prompt for whole programs (R1 v2 SJ) and the verdict. */
import type { CodeTests } from '../../verifiers/code/code-tests.ts'
import type { Verdict } from '../../verifiers/verifier.ts'

export const STDIO_DIRECTIVE =
  'Please write a python code to solve the above problem. Your code must read the inputs from stdin and output the results to stdout.'

/** The sandbox is loaded with the first program. */
export async function verifyProgram(response: string, tests: CodeTests): Promise<Verdict> {
  const { verifyCode } = await import('../../verifiers/code/verify.ts')
  return await verifyCode(response, tests)
}
