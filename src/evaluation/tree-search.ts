/**
 * Monte-Carlo tree search over the steps of a response (paper.md §9), as the authors tried it at inference after AlphaZero:
 * a node is a response so far, its children are next steps that the policy draws, and a value model that was trained
 * beforehand says how likely a right answer is from there. A simulation goes down by UCB1 to a node that may have more
 * children, draws one, asks the value model, and tells the nodes above. After some simulations the response goes on with
 * the step that was visited most, and the search from there. A node has at most `width` draws, or the search would never
 * go deep: the cap that the authors blame for local optima. Left out: training policy and value model on what is found.
 */
import type { Policy, SampledSequence, SamplingOptions, StopReason } from '../engine/engine.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { joined } from '../engine/sequences.ts'
import { hashText } from '../random.ts'

export interface TreeSearchOptions {
  policy: Pick<Policy, 'sample'>
  value: Pick<ScalarModel, 'values'>
  /** A token of these is a step's last one. */
  stepTokens: readonly number[]
  /** End the response. */
  stopTokens: readonly number[]
  /** Before each step of the response. */
  simulations: number
  width: number
  /** The c of UCB1: Q + c √(ln N / n). */
  exploration: number
  sampling: Pick<SamplingOptions, 'temperature' | 'topP'>
  /** Of a response. */
  maxTokens: number
  seed: number
  signal?: AbortSignal | undefined
}

export interface SearchedResponse extends Pick<SampledSequence, 'tokens' | 'logprobs' | 'stopReason'> {
  /** Drawn from the policy for this response, all simulations included. */
  sampledTokens: number
}

interface Node {
  parent: Node | undefined
  /** Of the response, up to here. */
  tokens: Int32Array
  logprobs: Float32Array
  /** What ended the response here, if anything did. */
  end: StopReason | undefined
  /** σ of the value model. */
  value: number
  children: Node[]
  /** Steps drawn here; two alike make one child. */
  draws: number
  visits: number
  /** Of the values found here and below, one a visit. */
  total: number
}

interface Tree {
  prompt: Int32Array
  /** The response as it is so far; the search goes on below it. */
  root: Node
  simulations: number
  sampledTokens: number
}

/** One response to each prompt; the searches go on side by side, a simulation of each at a time. */
export async function treeSearch(
  prompts: readonly Int32Array[],
  options: TreeSearchOptions,
): Promise<SearchedResponse[]> {
  const trees = prompts.map(
    (prompt): Tree => ({
      prompt,
      root: createNode(undefined, new Int32Array(0), new Float32Array(0), undefined),
      simulations: 0,
      sampledTokens: 0,
    }),
  )
  for (let round = 0; !options.signal?.aborted; round++) {
    const searching = trees.filter(({ root }) => root.end === undefined)
    if (searching.length === 0) break
    const leaves = searching.map((tree) => ({ tree, node: select(tree.root, options) }))
    const seed = (tree: Tree) => hashText(`${options.seed}/tree/${trees.indexOf(tree)}/${round}`)
    for (const { tree, node } of await expand(leaves, seed, options)) {
      for (let above: Node | undefined = node; above !== undefined; above = above.parent) {
        above.visits++
        above.total += node.value
      }
      if (++tree.simulations < options.simulations) continue
      tree.root = mostVisited(tree.root)
      tree.simulations = 0
    }
  }
  return trees.map(({ root, sampledTokens }) => ({
    tokens: root.tokens,
    logprobs: root.logprobs,
    stopReason: root.end ?? 'aborted',
    sampledTokens,
  }))
}

const createNode = (
  parent: Node | undefined,
  tokens: Int32Array,
  logprobs: Float32Array,
  end: Node['end'],
): Node => ({ parent, tokens, logprobs, end, value: 0, children: [], draws: 0, visits: 0, total: 0 })

const mean = ({ total, visits }: Node) => total / visits

/** Down to a node that ends a response, or that may be drawn from once more. */
function select(root: Node, { width, exploration }: TreeSearchOptions): Node {
  let node = root
  while (node.end === undefined && node.draws >= width) {
    const { visits } = node
    const score = (child: Node) => mean(child) + exploration * Math.sqrt(Math.log(visits) / child.visits)
    node = node.children.reduce((best, child) => (score(child) > score(best) ? child : best))
  }
  return node
}

/** Of as many visits, the child of the better values. */
const mostVisited = ({ children }: Node): Node =>
  children.reduce((best, child) =>
    child.visits > best.visits || (child.visits === best.visits && mean(child) > mean(best)) ? child : best,
  )

interface Leaf {
  tree: Tree
  node: Node
}

/** One step from each leaf, in one batch: the new nodes, or old ones that were drawn again; ended responses as they are. */
async function expand(
  leaves: readonly Leaf[],
  seed: (tree: Tree) => number,
  { policy, value, stepTokens, stopTokens, sampling, maxTokens }: TreeSearchOptions,
): Promise<Leaf[]> {
  const open = leaves.filter(({ node }) => node.end === undefined)
  const sampled = await policy.sample(
    open.map(({ tree, node }) => ({
      prompt: joined(tree.prompt, node.tokens),
      samples: 1,
      seed: seed(tree),
      options: {
        ...sampling,
        maxTokens: maxTokens - node.tokens.length,
        stopTokens: [...stopTokens, ...stepTokens],
      },
    })),
  )
  const fresh: Leaf[] = []
  const drawn = open.map(({ tree, node: parent }, i) => {
    const step = sampled[i]![0]!
    tree.sampledTokens += step.tokens.length
    parent.draws++
    const tokens = joined(parent.tokens, step.tokens)
    const known = parent.children.find((child) => child.tokens.join() === tokens.join())
    if (known !== undefined) return { tree, node: known }
    const logprobs = Float32Array.from([...parent.logprobs, ...step.logprobs])
    const ended = stopTokens.includes(tokens.at(-1)!)
    const end = ended ? 'stop' : tokens.length >= maxTokens ? 'length' : undefined
    const node = createNode(parent, tokens, logprobs, end)
    parent.children.push(node)
    fresh.push({ tree, node })
    return { tree, node }
  })
  const values = await value.values(fresh.map(({ tree, node }) => joined(tree.prompt, node.tokens)))
  for (const [i, { node }] of fresh.entries()) node.value = 1 / (1 + Math.exp(-values[i]!.at(-1)!))
  return [...leaves.filter((leaf) => !open.includes(leaf)), ...drawn]
}
