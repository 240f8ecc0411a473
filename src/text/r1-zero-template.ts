/**
 * The one prompt of R1-Zero: the paper's Table 1, word for word (R1 §2.2.3). A base model completes it; there are
 * no chat tokens. Left out: opening the `<think>` block for the model, as some reproductions do; the paper does not.
 */
export const R1_ZERO_TEMPLATE =
  'A conversation between User and Assistant. The user asks a question, and the Assistant solves it. The assistant first thinks about the reasoning process in the mind and then provides the user with the answer. The reasoning process and answer are enclosed within <think> </think> and <answer> </answer> tags, respectively, i.e., <think> reasoning process here </think> <answer> answer here </answer>. User: prompt. Assistant:'

const [BEFORE, AFTER] = R1_ZERO_TEMPLATE.split('prompt') as [string, string]

/** Puts the question where Table 1 says `prompt`; the full stop after it is the table's. */
export function renderR1Zero(question: string): string {
  return BEFORE + question + AFTER
}
