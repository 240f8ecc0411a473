/** The door `r1-ts/verifiers`: is this answer right? Loads no engine. */
export { type ChoiceOptions, verifyChoice } from './choice.ts'
export {
  type CodeOptions,
  type CodeTests,
  closeSandboxes,
  codeTestsFromGold,
  verifyCode,
} from './code/verify.ts'
export { type CountdownOptions, verifyCountdown } from './countdown.ts'
export { judgeMath, type VerifyMathOptions, verifyMath } from './math/verify.ts'
export type { Verdict } from './verifier.ts'
