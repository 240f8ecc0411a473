/** Every rule, causes before what follows from them: the first finding of a step is the one to read. */
import type { Rule } from './rule.ts'
import { cancellingParts } from './rules/cancelling-parts.ts'
import { constantPart } from './rules/constant-part.ts'
import { dominatingPart } from './rules/dominating-part.ts'
import { droppedUpdate } from './rules/dropped-update.ts'
import { entropyCollapse } from './rules/entropy-collapse.ts'
import { formAlone } from './rules/form-alone.ts'
import { formNeverMet } from './rules/form-never-met.ts'
import { gibberish } from './rules/gibberish.ts'
import { languageDrift } from './rules/language-drift.ts'
import { lengthRunaway } from './rules/length-runaway.ts'
import { lengthShrinking } from './rules/length-shrinking.ts'
import { lossNearZero } from './rules/loss-near-zero.ts'
import { neverRight } from './rules/never-right.ts'
import { noSignal } from './rules/no-signal.ts'
import { repetition } from './rules/repetition.ts'
import { rewardHacking } from './rules/reward-hacking.ts'
import { samplerMismatch } from './rules/sampler-mismatch.ts'
import { solved } from './rules/solved.ts'
import { truncation } from './rules/truncation.ts'
import { updateTooLarge } from './rules/update-too-large.ts'
import { updateTooSmall } from './rules/update-too-small.ts'

export const RULES: readonly Rule[] = [
  droppedUpdate,
  updateTooLarge,
  updateTooSmall,
  samplerMismatch,
  truncation,
  formNeverMet,
  constantPart,
  cancellingParts,
  dominatingPart,
  rewardHacking,
  neverRight,
  noSignal,
  formAlone,
  repetition,
  gibberish,
  entropyCollapse,
  lengthRunaway,
  lengthShrinking,
  languageDrift,
  solved,
  lossNearZero,
]

/** The task's own check is made before the first step, and not by a rule. */
export const RULE_NAMES = ['verifier', ...RULES.map(({ name }) => name)] as const
