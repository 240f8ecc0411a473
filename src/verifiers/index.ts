/** The door `r1-ts/verifiers`: is this answer right? Loads no engine. */

export type { Operator } from './arithmetic.ts'
export { type ChoiceOptions, verifyChoice } from './choice.ts'
export type { WhichBlock } from './code/extract-program.ts'
export type { JsonValue } from './code/json-value.ts'
export {
  type CodeOptions,
  type CodeTests,
  closeSandboxes,
  codeTestsFromGold,
  verifyCode,
} from './code/verify.ts'
export { type CountdownOptions, verifyCountdown } from './countdown.ts'
export type { MatchType } from './math/extract.ts'
export type { OpenVerdict } from './math/verify.ts'
export { judgeMath, type VerifyMathOptions, verifyMath } from './math/verify.ts'
export type { Verdict, Verify } from './verifier.ts'
