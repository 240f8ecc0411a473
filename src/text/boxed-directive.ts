/** What mathematics questions ask of a chat model (paper.md §7.2). */
export const BOXED_DIRECTIVE = 'Please reason step by step, and put your final answer within \\boxed{}.'
