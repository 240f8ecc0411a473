/** What mathematics questions ask of a chat model (R1 v2 SJ). */
export const BOXED_DIRECTIVE = 'Please reason step by step, and put your final answer within \\boxed{}.'
