/**
 * A GGUF file here and in llama.cpp: token ids, greedy text of ten prompts, and the perplexity of a page.
 *
 *     npx tsx src/bench/scripts/beside-llama-cpp.ts models/gemma3/gemma-3-270m-q4_k_m.gguf --peer FOLDER
 *
 * FOLDER is where node-llama-cpp is installed. `--count` tokens follow each prompt (64); `--page` is a file of text (docs/r1.md,
 * its first `--characters`, 3000). `--peer-file` is what llama.cpp opens, such as the same model exported in float32: of a quantised file
 * it multiplies activations of 8 bits, and this engine those of 32. Prints one JSON object; `equalTokens` is how many tokens
 * are the same before the first that is not, for each prompt.
 */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { parseArgs, promisify } from 'node:util'
import { openModel } from '../../loading/local-model.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    peer: { type: 'string' },
    'peer-file': { type: 'string' },
    count: { type: 'string', default: '64' },
    page: { type: 'string', default: 'docs/r1.md' },
    characters: { type: 'string', default: '3000' },
  },
})
const [path] = positionals
if (path === undefined || values.peer === undefined) throw new Error('Give a GGUF file and --peer FOLDER.')

const PROMPTS = [
  'The capital of France is',
  'Once upon a time there was a little girl who',
  'Water boils at a temperature of',
  '2 + 3 = 5\n4 + 4 = 8\n7 + 6 =',
  'def fibonacci(n):\n',
  'Die Hauptstadt von Deutschland ist',
  'The three states of matter are',
  'Question: If Ann has 3 apples and buys 4 more, how many has she?\nAnswer:',
  'In 1969, the first man',
  'The quick brown fox',
]
const count = Number(values.count)
const page = (await readFile(values.page, 'utf8')).slice(0, Number(values.characters))

interface Peer {
  llamaCpp: string
  prompts: { ids: number[]; tokens: number[] }[]
  page: { ids: number[]; logprobs: number[] }
}
const asked = JSON.stringify({ path: values['peer-file'] ?? path, prompts: PROMPTS, count, page })
const { stdout } = await promisify(execFile)(
  process.execPath,
  ['tools/llama-cpp-text.mjs', values.peer, asked],
  { maxBuffer: 2 ** 28 },
)
const peer = JSON.parse(stdout) as Peer

const { engine, tokenizer } = await openModel(path, { minRowLength: 256 })
const idsOf = (text: string) => tokenizer.encode(text, { specialTokens: true })
const groups = await engine.sample(
  peer.prompts.map(({ ids }) => ({
    prompt: Int32Array.from(ids),
    samples: 1,
    seed: 0,
    options: { maxTokens: count, temperature: 0, stopTokens: [] },
  })),
)
const [logprobs] = await engine.logprobs([Int32Array.from(peer.page.ids)])
const same = (a: ArrayLike<number>, b: ArrayLike<number>) => Array.from(a).join() === Array.from(b).join()
const perplexity = (values: ArrayLike<number>) =>
  Math.exp(-Array.from(values).reduce((sum, value) => sum + value, 0) / values.length)
const [own, theirs] = [perplexity(logprobs!), perplexity(peer.page.logprobs)]
console.log(
  JSON.stringify(
    {
      llamaCpp: peer.llamaCpp,
      sameIds: [...PROMPTS, page].map((text, i) => same(idsOf(text), (peer.prompts[i] ?? peer.page).ids)),
      equalTokens: peer.prompts.map(({ tokens }, i) => {
        const drawn = groups[i]![0]!.tokens
        const first = tokens.findIndex((token, t) => token !== drawn[t])
        return first === -1 ? tokens.length : first
      }),
      texts: groups.map(([sample]) => tokenizer.decode(sample!.tokens)),
      page: { tokens: peer.page.ids.length, perplexity: own, llamaCpp: theirs, gap: own / theirs - 1 },
    },
    undefined,
    2,
  ),
)
engine.close()
