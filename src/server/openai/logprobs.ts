/** Log-probabilities in the forms of the two endpoints. They are those of the model, before temperature and top-p. */
import type { StreamedToken } from '../../rollout/stream-response.ts'
import type { Tokenizer } from '../../text/tokenizer.ts'

export interface TokenLogprobs {
  token: string
  logprob: number
  /** Null for a part of a character. */
  bytes: number[] | null
  top_logprobs: Omit<TokenLogprobs, 'top_logprobs'>[]
}

/** `asIds` names tokens `token_id:…`, as vLLM does where it is asked to. */
export function tokenLogprobs(
  tokenizer: Tokenizer,
  { token, logprob, likeliest }: StreamedToken,
  asIds = false,
): TokenLogprobs {
  const entry = (id: number, logprob: number) => {
    const text = asIds ? `token_id:${id}` : tokenizer.decode([id])
    return { token: text, logprob, bytes: text.includes('\uFFFD') ? null : [...Buffer.from(text)] }
  }
  return { ...entry(token, logprob), top_logprobs: likeliest.map((one) => entry(one.token, one.logprob)) }
}

/** The form of /v1/completions; `offset` is where the first token's text starts. */
export function legacyLogprobs(entries: readonly TokenLogprobs[], offset: number) {
  let at = offset
  return {
    tokens: entries.map(({ token }) => token),
    token_logprobs: entries.map(({ logprob }) => logprob),
    top_logprobs: entries.map(({ top_logprobs }) =>
      Object.fromEntries(top_logprobs.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: entries.map(({ token }) => {
      at += token.length
      return at - token.length
    }),
  }
}
