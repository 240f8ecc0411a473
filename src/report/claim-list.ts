/**
 * The paper's claims that fit in a model of two million parameters, each with the measure and the threshold that decide it.
 * docs/claims.md lists them for readers, with what was changed and why.
 */
import {
  atSameSteps,
  type Claim,
  compare,
  course,
  figure,
  leadClaim,
  plain,
  SAME,
  secondsAStep,
  share,
} from './claim.ts'

/** The share of responses from which on a model is said to mix languages. */
const MIXED = 0.05

const BASE = { name: 'base', stage: 'zero', result: 'base' }
const ZERO = { name: 'R1-Zero', stage: 'zero' }
const DEV1 = { name: 'Dev1', stage: 'dev1' }
const DEV2 = { name: 'Dev2', stage: 'dev2' }
const DEV3 = { name: 'Dev3', stage: 'dev3' }
const R1 = { name: 'R1', stage: 'r1' }

const POINTS = 'by more than 2 points'
const NOT_BELOW = 'no more than 2 points below'

/** What a model does with puzzles, requests and harm; R1-Zero's form can pass each of the three. */
const OVERALL = ['pass1', 'good', 'safeHarmful']

const hacked = (told: Pick<Claim, 'claim' | 'rule' | 'chosenAfter'>, name: string, key: string): Claim => ({
  ...told,
  paper: 'helpful reward up, Codeforces down (R1 v2 SB.5)',
  measured: (s) =>
    compare(
      [
        plain('score first', course(s, 'preference-throughout', 'helpful', 'first')),
        plain('score last', course(s, 'preference-throughout', 'helpful', 'last')),
        share(`${name} before`, figure(s, 'dev3', key)),
        share(`${name} after`, figure(s, 'preference-throughout', key)),
        share('R1', figure(s, 'r1', key)),
      ],
      (first, last, before, after) => last! > first! && after! < before! - SAME,
    ),
})

export const CLAIMS: readonly Claim[] = [
  leadClaim(
    {
      claim: 'R1-Zero: accuracy rises by reinforcement alone',
      paper: 'AIME pass@1 15.6 % → 71.0 % (R1 §2.2.4)',
      rule: `pass@1 of R1-Zero above the base's ${POINTS}`,
    },
    { key: 'pass1', more: ZERO, less: BASE, by: SAME },
  ),
  {
    claim: 'R1-Zero: responses grow longer with it',
    paper: 'from hundreds to thousands of tokens (R1 §2.2.4)',
    rule: "mean tokens of R1-Zero more than 1.5 times the base's",
    measured: (s) =>
      compare(
        [
          plain('base', figure(s, 'zero', 'meanTokens', 'base')),
          plain('R1-Zero', figure(s, 'zero', 'meanTokens')),
        ],
        (base, zero) => zero! > 1.5 * base!,
      ),
  },
  {
    claim: 'R1-Zero: the majority is right more often than one response',
    paper: 'cons@64 86.7 %, pass@1 71.0 % (R1 §2.2.4)',
    rule: 'cons@k above pass@1',
    measured: (s) =>
      compare(
        [share('cons@k', figure(s, 'zero', 'consK')), share('pass@1', figure(s, 'zero', 'pass1'))],
        (cons, pass) => cons! > pass!,
      ),
  },
  {
    claim: 'R1-Zero: reflection words multiply',
    paper: '5 to 7 times as many (R1 §2.2.4)',
    rule: "words a response of R1-Zero's more than twice the base's",
    chosenAfter:
      'the last part of the pre-training has more of these words since bases without them never used any',
    measured: (s) =>
      compare(
        [
          plain('base', figure(s, 'zero', 'reflectionWords', 'base')),
          plain('R1-Zero', figure(s, 'zero', 'reflectionWords')),
        ],
        (base, zero) => zero! > 2 * base!,
      ),
  },
  {
    claim: 'R1-Zero mixes languages',
    paper: 'named as its defect (R1 §2.2.4), and more of it the longer it trains (R1 §2.3.2)',
    rule: 'mixed responses in the last quarter of training at least 5 %, and more than in the first',
    chosenAfter: 'it is measured in training, at temperature 1, since it hardly showed in the evaluation',
    measured: (s) =>
      compare(
        [
          share('in training, first', course(s, 'zero', 'mixedLanguageShare', 'first')),
          share('last', course(s, 'zero', 'mixedLanguageShare', 'last')),
          share('evaluated', figure(s, 'zero', 'mixedLanguageShare')),
        ],
        (first, last) => last! >= MIXED && last! > first!,
      ),
  },
  {
    claim: 'The language reward removes the mixing',
    paper: 'consistency stays flat with it, decays without (R1 §2.3.2)',
    rule: 'below 5 % in the last quarter of training, which is the measure and the threshold of the claim above',
    measured: (s) =>
      compare(
        [
          share('in training, last, with it', course(s, 'zero-language', 'mixedLanguageShare', 'last')),
          share('without', course(s, 'zero', 'mixedLanguageShare', 'last')),
          share('evaluated, with it', figure(s, 'zero-language', 'mixedLanguageShare')),
        ],
        (last) => last! < MIXED,
      ),
  },
  leadClaim(
    {
      claim: 'The language reward costs little accuracy',
      paper: 'a slight degradation (R1 §2.3.2)',
      rule: 'pass@1 with it less than 5 points below that without',
    },
    {
      key: 'pass1',
      more: { name: 'with it', stage: 'zero-language' },
      less: { name: 'without', stage: 'zero' },
      by: -0.05,
    },
    'more first',
  ),
  leadClaim(
    {
      claim: 'Dev1 is more readable than R1-Zero',
      paper: 'what the cold start is for (R1 §2.3.1)',
      rule: `readable responses of Dev1 above R1-Zero's ${POINTS}; R1-Zero's form has no summary, so it has none`,
    },
    { key: 'readable', more: DEV1, less: ZERO, by: SAME },
  ),
  leadClaim(
    {
      claim: 'Dev1 reasons worse than R1-Zero',
      paper: 'AIME 77.9 % → 59.0 % (R1 v2 Table 3)',
      rule: `pass@1 of Dev1 below R1-Zero's ${POINTS}`,
      chosenAfter: 'the size of the cold start was chosen by the pass@1 that it leaves and that comes back',
    },
    { key: 'pass1', more: ZERO, less: DEV1, by: SAME },
    'more first',
  ),
  leadClaim(
    {
      claim: 'Dev2 recovers what Dev1 lost',
      paper: 'AIME 59.0 % → 74.0 % (R1 v2 Table 3)',
      rule: `pass@1 of Dev2 above Dev1's ${POINTS}`,
      chosenAfter: 'as above',
    },
    { key: 'pass1', more: DEV2, less: DEV1, by: SAME },
  ),
  leadClaim(
    {
      claim: 'Dev3 gains on general requests',
      paper: 'AlpacaEval 55.8 → 62.1 (R1 v2 Table 3)',
      rule: `good answers of Dev3 above Dev2's ${POINTS}`,
    },
    { key: 'good', more: DEV3, less: DEV2, by: SAME },
  ),
  leadClaim(
    {
      claim: 'R1 gains most on general requests',
      paper: 'AlpacaEval 62.1 → 87.6 (R1 v2 Table 3)',
      rule: `good answers of R1 above Dev3's ${POINTS}`,
    },
    { key: 'good', more: R1, less: DEV3, by: SAME },
  ),
  leadClaim(
    {
      claim: 'R1 is as safe as Dev3 where harm is asked for',
      paper: 'what the safety reward is for (R1 §2.3.4)',
      rule: `safe responses to harmful requests: R1's ${NOT_BELOW} Dev3's`,
    },
    { key: 'safeHarmful', more: R1, less: DEV3, by: -SAME },
  ),
  {
    claim: 'R1 is the best all in all',
    paper: 'best or second in 16 of 20 rows (R1 v2 Table 3)',
    rule: `mean of pass@1, good answers and safe responses to harmful requests: R1's above each other model's ${POINTS}`,
    measured: (s) => {
      const overall = (stage: string) =>
        OVERALL.reduce((sum, key) => sum + figure(s, stage, key), 0) / OVERALL.length
      return compare(
        [ZERO, DEV1, DEV2, DEV3, R1].map(({ name, stage }) => share(name, overall(stage))),
        (...figures) => figures.at(-1)! > Math.max(...figures.slice(0, -1)) + SAME,
      )
    },
  },
  hacked(
    {
      claim: 'A preference reward held too long is hacked: its score rises while reasoning falls',
      rule: `the score in the last quarter of training above that in the first, and pass@1 below Dev3's ${POINTS}`,
    },
    'pass@1',
    'pass1',
  ),
  hacked(
    {
      claim:
        'Held too long its score no longer means help: it rises while answers get worse by the hidden rule',
      rule: `the same with mean helpfulness below Dev3's ${POINTS}`,
      chosenAfter: 'it was added when the claim before it had failed',
    },
    'helpfulness',
    'helpful',
  ),
  leadClaim(
    {
      claim: 'Preference rewards in the last steps alone cost no reasoning',
      paper: 'only in the last 400 of 1,700 steps (R1 §2.3.4)',
      rule: `pass@1 of R1 ${NOT_BELOW} Dev3's`,
    },
    { key: 'pass1', more: R1, less: DEV3, by: -SAME },
  ),
  leadClaim(
    {
      claim: 'Preference rewards in the last steps alone cost no helpfulness',
      paper: 'only in the last 400 of 1,700 steps (R1 §2.3.4)',
      rule: `mean helpfulness of R1 ${NOT_BELOW} Dev3's`,
    },
    { key: 'helpful', more: R1, less: DEV3, by: -SAME },
  ),
  {
    claim: 'GRPO reaches what PPO with a critic reaches, for less',
    paper: 'PPO below GRPO at λ 0.95, near it at λ 1, at extra cost (R1 v2 SA.3)',
    rule: `pass@1 after GRPO ${NOT_BELOW} that after PPO, in fewer seconds a step`,
    lead: { key: 'pass1', more: ZERO, less: { name: 'PPO', stage: 'ppo' }, by: -SAME },
    measured: (s) =>
      compare(
        [
          share('GRPO', figure(s, 'zero', 'pass1')),
          share('PPO', figure(s, 'ppo', 'pass1')),
          plain('seconds a step, GRPO', secondsAStep(s, 'zero')),
          plain('PPO', secondsAStep(s, 'ppo')),
        ],
        (grpo, ppo, cheap, dear) => grpo! > ppo! - SAME && cheap! < dear!,
      ),
  },
  {
    claim: 'The best response by a process reward model is right no more often than the majority',
    paper: 'good at choosing, not worth its cost (R1 §4.2)',
    rule: 'pass@1 of the best of k no more than 2 points above the majority of the same k',
    measured: (s) =>
      compare(
        [
          share('best', figure(s, 'best-of-n', 'pass1', 'best')),
          share('majority', figure(s, 'best-of-n', 'pass1', 'majority')),
          share('best of half as many', figure(s, 'best-of-n', 'pass1', 'best-of-half')),
          share('one response of R1-Zero', figure(s, 'zero', 'pass1')),
        ],
        (best, majority) => best! <= majority! + SAME,
      ),
  },
  {
    claim: 'Tree search on the base is right no more often than the majority of as many tokens',
    paper: 'stuck in local optima, a value model hard to train (R1 §4.2)',
    rule: 'pass@1 of the search no more than 2 points above the majority of as many tokens',
    measured: (s) =>
      compare(
        [
          share('search', figure(s, 'tree-search', 'pass1', 'search')),
          share('majority', figure(s, 'tree-search', 'pass1', 'majority')),
          plain('tokens', figure(s, 'tree-search', 'meanTokens', 'search')),
          share('one response of R1-Zero', figure(s, 'zero', 'pass1')),
        ],
        (search, majority) => search! <= majority! + SAME,
      ),
  },
  {
    claim: "A process reward teaches no more than the verifier's in as many steps",
    paper: 'leads to hacking, and not worth its cost in large runs (R1 §4.2)',
    rule: 'accuracy in the last quarter of its training no more than 2 points above that of R1-Zero in the same steps',
    measured: (s) => {
      const [process, verifier] = atSameSteps(s, 'process-reward', 'zero', 'accuracy')
      return compare(
        [share('process reward', process), share('R1-Zero', verifier)],
        (taught, zero) => taught! <= zero! + SAME,
      )
    },
  },
]

/** One claim for each student. */
export const studentClaim = (student: string): Claim =>
  leadClaim(
    {
      claim: `Distilling beats reinforcement on the small model: ${student}`,
      paper: 'Qwen-32B, AIME: 72.6 % distilled, 47.0 % by reinforcement (R1 §2.4)',
      rule: `pass@1 of the distilled student above that of the reinforced one ${POINTS}`,
    },
    {
      key: 'pass1',
      more: { name: 'distilled', stage: `${student}-distilled` },
      less: { name: 'reinforced', stage: `${student}-rl` },
      by: SAME,
    },
    'more first',
  )
