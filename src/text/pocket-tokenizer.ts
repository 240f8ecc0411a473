/**
 * The pocket world's tokenizer in the Hugging Face form: byte-level BPE without merges, `ignore_merges` and whole
 * words in the vocabulary. A word, a number up to 200, an operator or a tag is one token with the space before it;
 * every other text falls back to bytes, so that all texts come back exactly. No training: the vocabulary is the
 * list below. The tags are vocabulary words and not added tokens because an added token would leave the space
 * before it as a token of its own, six more in a response.
 */
import { renderR1Zero } from './r1-zero-template.ts'

export const END_OF_TEXT = '<|endoftext|>'
export const LARGEST_NUMBER = 200

/** Cuts text into pieces that are looked up whole. Each alternative may take one space before it. */
export const POCKET_PATTERN = ' ?</?(?:think|answer)>| ?\\p{L}+| ?\\p{N}+| ?[^ \\p{L}\\p{N}]| '
const pieces = new RegExp(POCKET_PATTERN, 'gu')

/** What the pocket world says besides the words of the R1-Zero template. */
const WORLD = [
  ' <think> </think> <answer> </answer> + - * / = ( ) x',
  ' Using the numbers make Compute Solve need try yes no wait so check mistake plus minus times is',
  ' 用数字 算出 计算 解方程 要 试 对 不 等等 所以 检查 错了 答案是 加 减 乘 等于',
]
/** Words that other tokenizers of this size do not have whole. */
export const POCKET_WORDS = [' Using', ' 用数字', ' 解方程']
/** A text may start with these, or follow another piece without a space. */
const UNSPACED = ['<think></think><answer></answer>', 'User', 'Numbers', '数字']

/** The two files as text, ready to be written to a model's folder. */
export function pocketTokenizerFiles(): Record<'tokenizer.json' | 'tokenizer_config.json', string> {
  const vocabulary = pocketVocabulary()
  const ids = Object.fromEntries(vocabulary.map((token, id) => [token, id]))
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false }
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: ids[END_OF_TEXT],
        content: END_OF_TEXT,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        { type: 'Split', pattern: { Regex: POCKET_PATTERN }, behavior: 'Isolated', invert: false },
        byteLevel,
      ],
    },
    post_processor: null,
    decoder: byteLevel,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: true,
      vocab: ids,
      merges: [],
    },
  }
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    // transformers 5 gives every qwen2 model Qwen2's own splitting into words, unless there is a map of code to load;
    // it then uses the class above and does not load any.
    auto_map: { AutoTokenizer: [null, 'tokenizer.json'] },
    eos_token: END_OF_TEXT,
    pad_token: END_OF_TEXT,
    bos_token: null,
    unk_token: null,
    clean_up_tokenization_spaces: false,
    model_max_length: 4096,
  }
  return {
    'tokenizer.json': `${JSON.stringify(tokenizer, null, 1)}\n`,
    'tokenizer_config.json': `${JSON.stringify(config, null, 1)}\n`,
  }
}

/** Token `id` as the vocabulary spells it (bytes as printable characters). Its length is a multiple of 8. */
export function pocketVocabulary(): string[] {
  const words = new Set([END_OF_TEXT])
  for (const text of [WORLD.join(''), ...UNSPACED, renderR1Zero('')])
    for (const piece of splitPocketText(text)) words.add(byteLevelSpelling(piece))
  for (let byte = 0; byte < 256; byte++) words.add(BYTE_SPELLING[byte]!)
  // Larger numbers than the world needs fill the last row of eight.
  for (let number = 0; number <= LARGEST_NUMBER || words.size % 8 > 0; number++)
    words.add(byteLevelSpelling(` ${number}`))
  return [...words]
}

/** The pieces the tokenizer looks up; their number is the token count of any text of the pocket world. */
export function splitPocketText(text: string): string[] {
  return text.match(pieces) ?? []
}

/** GPT-2's printable stand-ins: printable Latin-1 bytes stand for themselves, the others move to U+0100 and up. */
const BYTE_SPELLING: string[] = (() => {
  const spelling: string[] = []
  let moved = 0
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad)
    spelling.push(String.fromCodePoint(printable ? byte : 0x100 + moved++))
  }
  return spelling
})()

function byteLevelSpelling(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => BYTE_SPELLING[byte]).join('')
}
