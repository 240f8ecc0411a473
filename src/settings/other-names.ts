/**
 * What other trainers call our settings: TRL's GRPOConfig, verl, OpenRLHF. Whoever writes such a name is asked whether ours is
 * meant. `docs/coming-from.md` has the same table, held to this one by a test.
 */

export interface OtherNames {
  /** The last part of the path of our setting, or the whole path. */
  ours: string
  trl?: string
  /** The end of verl's path. */
  verl?: string
  openrlhf?: string
}

export const OTHER_NAMES: readonly OtherNames[] = [
  { ours: 'model', trl: 'model_name_or_path', verl: 'model.path', openrlhf: 'pretrain' },
  { ours: 'task', trl: 'dataset_name', verl: 'data.train_files', openrlhf: 'prompt_data' },
  { ours: 'questionField', verl: 'data.prompt_key', openrlhf: 'input_key' },
  { ours: 'answerField', openrlhf: 'label_key' },
  {
    ours: 'rewards.file',
    trl: 'reward_funcs',
    verl: 'custom_reward_function.path',
    openrlhf: 'remote_rm_url',
  },
  { ours: 'steps', trl: 'max_steps', verl: 'trainer.total_training_steps', openrlhf: 'num_episodes' },
  { ours: 'groupSize', trl: 'num_generations', verl: 'rollout.n', openrlhf: 'n_samples_per_prompt' },
  {
    ours: 'questionsPerStep',
    trl: 'generation_batch_size',
    verl: 'data.train_batch_size',
    openrlhf: 'rollout_batch_size',
  },
  {
    ours: 'minibatches',
    trl: 'steps_per_generation',
    verl: 'actor.ppo_mini_batch_size',
    openrlhf: 'train_batch_size',
  },
  { ours: 'innerEpochs', trl: 'num_iterations', verl: 'actor.ppo_epochs', openrlhf: 'max_epochs' },
  {
    ours: 'microBatchTokens',
    trl: 'per_device_train_batch_size',
    verl: 'actor.ppo_max_token_len_per_gpu',
    openrlhf: 'micro_train_batch_size',
  },
  { ours: 'temperature', trl: 'temperature', verl: 'rollout.temperature', openrlhf: 'temperature' },
  { ours: 'topP', trl: 'top_p', verl: 'rollout.top_p', openrlhf: 'top_p' },
  {
    ours: 'maxTokens',
    trl: 'max_completion_length',
    verl: 'data.max_response_length',
    openrlhf: 'generate_max_len',
  },
  { ours: 'learningRate', trl: 'learning_rate', verl: 'optim.lr', openrlhf: 'actor_learning_rate' },
  { ours: 'warmupSteps', trl: 'warmup_steps', verl: 'optim.lr_warmup_steps', openrlhf: 'lr_warmup_ratio' },
  { ours: 'decay', trl: 'lr_scheduler_type', verl: 'optim.lr_scheduler_type', openrlhf: 'lr_scheduler' },
  { ours: 'weightDecay', trl: 'weight_decay', verl: 'optim.weight_decay', openrlhf: 'l2' },
  { ours: 'gradientClipNorm', trl: 'max_grad_norm', verl: 'actor.grad_clip', openrlhf: 'max_norm' },
  { ours: 'klWeight', trl: 'beta', verl: 'actor.kl_loss_coef', openrlhf: 'init_kl_coef' },
  { ours: 'klEstimator', verl: 'actor.kl_loss_type', openrlhf: 'kl_estimator' },
  { ours: 'referenceRefresh', trl: 'ref_model_sync_steps' },
  { ours: 'clipLow', trl: 'epsilon', verl: 'actor.clip_ratio_low', openrlhf: 'eps_clip' },
  { ours: 'clipHigh', trl: 'epsilon_high', verl: 'actor.clip_ratio_high', openrlhf: 'eps_clip_low_high' },
  { ours: 'ratioCap', trl: 'delta', verl: 'actor.clip_ratio_c', openrlhf: 'dual_clip' },
  {
    ours: 'ratio',
    trl: 'importance_sampling_level',
    verl: 'policy_loss.loss_mode',
    openrlhf: 'policy_loss_type',
  },
  { ours: 'aggregation', trl: 'loss_type', verl: 'actor.loss_agg_mode' },
  { ours: 'entropyWeight', verl: 'actor.entropy_coeff', openrlhf: 'entropy_loss_coef' },
  { ours: 'advantageScale', trl: 'scale_rewards', verl: 'algorithm.norm_adv_by_std_in_grpo' },
  { ours: 'maskTruncated', trl: 'mask_truncated_completions' },
  { ours: 'dynamicSampling', verl: 'algorithm.filter_groups.enable', openrlhf: 'dynamic_filtering' },
  { ours: 'importanceCap', trl: 'vllm_importance_sampling_cap', verl: 'algorithm.rollout_is_threshold' },
  { ours: 'algorithm', verl: 'algorithm.adv_estimator', openrlhf: 'advantage_estimator' },
  { ours: 'lora.rank', trl: 'lora_r', verl: 'model.lora_rank', openrlhf: 'lora_rank' },
  { ours: 'lora.alpha', trl: 'lora_alpha', verl: 'model.lora_alpha', openrlhf: 'lora_alpha' },
  {
    ours: 'lora.targets',
    trl: 'lora_target_modules',
    verl: 'model.target_modules',
    openrlhf: 'target_modules',
  },
  { ours: 'checkpointEvery', trl: 'save_steps', verl: 'trainer.save_freq', openrlhf: 'save_steps' },
  {
    ours: 'keepCheckpoints',
    trl: 'save_total_limit',
    verl: 'trainer.max_actor_ckpt_to_keep',
    openrlhf: 'max_ckpt_num',
  },
  { ours: 'evaluation.every', trl: 'eval_steps', verl: 'trainer.test_freq', openrlhf: 'eval_steps' },
  {
    ours: 'recompute',
    trl: 'gradient_checkpointing',
    verl: 'enable_gradient_checkpointing',
    openrlhf: 'gradient_checkpointing',
  },
]

/** What people say for short. */
const SHORT: Record<string, string> = {
  lr: 'learningRate',
  kl: 'klWeight',
  kl_coef: 'klWeight',
  clip_ratio: 'clipHigh',
  group_size: 'groupSize',
  n: 'groupSize',
  max_tokens: 'maxTokens',
  max_new_tokens: 'maxTokens',
  batch_size: 'questionsPerStep',
  epochs: 'steps',
  dataset: 'task',
}

/**
 * Ours among `paths` that the path of another trainer may mean; in the same group where there is one. Undefined where it is no
 * known name.
 */
export function ourName(path: readonly string[], paths: readonly string[]): string | undefined {
  const given = path.join('.').toLowerCase().replaceAll('-', '_')
  const means = (name: string | undefined) =>
    name !== undefined && (given === name || given.endsWith(`.${name}`) || name.endsWith(`.${given}`))
  const ours =
    OTHER_NAMES.find(({ trl, verl, openrlhf }) => [trl, verl, openrlhf].some(means))?.ours ??
    Object.entries(SHORT).find(([name]) => given === name || given.endsWith(`.${name}`))?.[1]
  if (ours === undefined) return undefined
  const fitting = paths.filter((known) => known === ours || known.endsWith(`.${ours}`))
  return fitting.find((known) => known.split('.')[0] === path[0]) ?? fitting[0]
}
