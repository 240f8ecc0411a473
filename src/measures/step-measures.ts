/** The figures of a training step. measures.ts has them with all others. */
import type { Measure } from './measure.ts'

/** What a training step logs. Rewards stand under their own names. */
export const STEP = {
  reward: {
    label: 'reward',
    unit: 'score',
    better: 'higher',
    explanation: 'Mean reward of the sampled responses: the weighted sum of its parts.',
  },
  accuracy: {
    label: 'accuracy',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of right responses among the sampled ones.',
  },
  format: {
    label: 'format',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of sampled responses with the thinking and answer tags in place.',
  },
  groupsWithSignal: {
    label: 'groups with signal',
    unit: 'share',
    better: 'higher',
    explanation: 'Share of groups whose rewards differ. A group of equal rewards teaches nothing.',
  },
  sampledTokens: { label: 'sampled tokens', unit: 'count', explanation: 'Tokens sampled for this step.' },
  kl: {
    label: 'KL',
    unit: 'nats',
    explanation: 'Divergence from the reference policy, a token.',
  },
  entropy: {
    label: 'entropy',
    unit: 'nats',
    explanation: 'Mean entropy of the next token: how undecided the model is.',
  },
  clipShare: {
    label: 'clipped',
    unit: 'share',
    explanation: 'Share of tokens whose probability ratio is outside the clip range.',
  },
  ratio: {
    label: 'probability ratio',
    unit: 'number',
    explanation: 'Mean of π/π_old over tokens; 1 on policy.',
  },
  loss: { label: 'loss', unit: 'number', explanation: 'What the update minimises.' },
  validationLoss: {
    label: 'validation loss',
    unit: 'nats',
    better: 'lower',
    explanation: 'Mean loss of examples that are not trained on.',
  },
  gradientNorm: {
    label: 'gradient norm',
    unit: 'number',
    explanation: 'L2 norm of the whole gradient before clipping.',
  },
  updateSize: {
    label: 'update size',
    unit: 'number',
    explanation: 'L2 norm of the update over that of the trained weights.',
  },
  learningRate: { label: 'learning rate', unit: 'number', explanation: 'Of this update.' },
  droppedUpdate: {
    label: 'dropped update',
    unit: 'count',
    better: 'lower',
    explanation: '1 where the gradient was not finite and the weights stayed as they were.',
  },
  rollback: {
    label: 'rollback',
    unit: 'count',
    explanation: '1 where the run had returned to this checkpoint, with a tenth of the learning rate.',
  },
  failed: {
    label: 'failed',
    unit: 'count',
    better: 'lower',
    explanation: 'Responses that a reward gave no score in time; it was skipped for them.',
  },
  weight: { label: 'weight', unit: 'number', explanation: 'Of a part of the reward.' },
  askedAgain: {
    label: 'asked again',
    unit: 'count',
    explanation: 'Questions of this rollout that were asked before (docs/curriculum.md).',
  },
  questionsInBand: {
    label: 'questions in band',
    unit: 'count',
    explanation: 'Questions of the pool whose pass rate is within the bounds.',
  },
  policyAge: {
    label: 'policy age',
    unit: 'count',
    explanation: 'Updates since the policy that sampled these responses; 0 is on policy.',
  },
  referenceRenewed: {
    label: 'reference renewed',
    unit: 'count',
    explanation: '1 where the reference policy became the policy after this update.',
  },
  unjudgedGroups: {
    label: 'unjudged groups',
    unit: 'count',
    better: 'lower',
    explanation: 'Groups left out, since the judge gave no verdict on one of their responses.',
  },
  staleness: {
    label: 'staleness',
    unit: 'number',
    explanation: 'Mean number of rollouts between sampling a response and training on it.',
  },
  lateGroups: {
    label: 'late groups',
    unit: 'count',
    explanation: 'Groups that were not finished by the deadline.',
  },
  joinedGroups: {
    label: 'joined groups',
    unit: 'count',
    explanation: 'Late groups of an earlier rollout that this one trains on.',
  },
  valueLoss: {
    label: 'value loss',
    unit: 'number',
    better: 'lower',
    explanation: "Loss of PPO's critic.",
  },
  criticGradientNorm: {
    label: "critic's gradient norm",
    unit: 'number',
    explanation: "L2 norm of the critic's gradient before clipping.",
  },
  reverseKl: {
    label: 'reverse KL',
    unit: 'nats',
    better: 'lower',
    explanation: 'Divergence of the student from the teacher on its own responses, a token.',
  },
  epoch: { label: 'epoch', unit: 'number', explanation: 'Passes over the data so far.' },
  documents: { label: 'documents', unit: 'count', explanation: 'Documents read so far.' },
  tokens: { label: 'tokens', unit: 'count', explanation: 'Tokens of this update.' },
  balanceLoss: {
    label: 'balance loss',
    unit: 'number',
    better: 'lower',
    explanation: 'How unevenly a sequence uses the experts (arXiv 2412.19437 §2.1.2).',
  },
  predictionLoss: {
    label: 'prediction loss',
    unit: 'nats',
    better: 'lower',
    explanation: 'Loss of the module that predicts the token after the next (arXiv 2412.19437 §2.2).',
  },
  largestLoad: {
    label: 'largest load',
    unit: 'number',
    better: 'lower',
    explanation: 'Tokens of the busiest expert over the mean of all experts.',
  },
} satisfies Record<string, Measure>
