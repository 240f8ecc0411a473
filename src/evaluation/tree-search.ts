/**
 * Monte-Carlo tree search over the steps of a response (R1 §4.2), as the authors tried it at inference after AlphaZero:
 * a node is a response so far, its children are next steps, and a value model that was trained beforehand says how likely
 * a right answer is from there. A simulation goes down by UCB1 to a node without children, draws `width` steps there, and
 * tells the nodes above what the value model thinks of each. After some simulations the response continues with the step
 * that was visited most, and the search from there. A node has a limited number of children, which is the cap that the
 * authors blame for local optima. Left out: training policy and value model on what is found.
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
  /** Steps drawn at a node; those alike make one child. */
  width: number
  /** The c of UCB1: Q + c √(ln N / n). */
  exploration: number
  sampling: Pick<SamplingOptions, 'temperature' | 'topP'>
  /** Of a response. */
  maxTokens: number
  seed: number
  signal?: AbortSignal | undefined
  /** How many responses have come to their end, after each round of simulations. */
  onRound?: (ended: number) => void
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
  visits: number
  /** Of the values found here and below, one a visit. */
  total: number
}

interface Tree {
  prompt: Int32Array
  /** The response so far; the search continues below it. */
  root: Node
  simulations: number
  sampledTokens: number
}

/** One response to each prompt; the searches run side by side, one simulation of each at a time. */
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
    for (const drawn of await expand(leaves, seed, options)) visit(drawn)
    for (const tree of searching) {
      if (++tree.simulations < options.simulations) continue
      tree.root = mostVisited(tree.root)
      tree.simulations = 0
    }
    options.onRound?.(trees.filter(({ root }) => root.end !== undefined).length)
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
): Node => ({ parent, tokens, logprobs, end, value: 0, children: [], visits: 0, total: 0 })

const mean = ({ total, visits }: Node) => total / visits

/** Down to a node without children: one to draw from, or one that ends a response. */
function select(root: Node, { exploration }: TreeSearchOptions): Node {
  let node = root
  while (node.children.length > 0) {
    const { visits } = node
    const score = (child: Node) => mean(child) + exploration * Math.sqrt(Math.log(visits) / child.visits)
    node = node.children.reduce((best, child) => (score(child) > score(best) ? child : best))
  }
  return node
}

function visit(node: Node): void {
  for (let above: Node | undefined = node; above !== undefined; above = above.parent) {
    above.visits++
    above.total += node.value
  }
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

/**
 * What is drawn at each leaf, all in one batch; two steps alike are one node twice. A leaf that ends its response stands
 * for as many draws itself.
 */
async function expand(
  leaves: readonly Leaf[],
  seed: (tree: Tree) => number,
  { policy, value, stepTokens, stopTokens, width, sampling, maxTokens }: TreeSearchOptions,
): Promise<Node[]> {
  const open = leaves.filter(({ node }) => node.end === undefined)
  const sampled = await policy.sample(
    open.map(({ tree, node }) => ({
      prompt: joined(tree.prompt, node.tokens),
      samples: width,
      seed: seed(tree),
      options: {
        ...sampling,
        maxTokens: maxTokens - node.tokens.length,
        stopTokens: [...stopTokens, ...stepTokens],
      },
    })),
  )
  const drawn = open.flatMap(({ tree, node: parent }, i) =>
    sampled[i]!.map((step) => {
      tree.sampledTokens += step.tokens.length
      const tokens = joined(parent.tokens, step.tokens)
      const known = parent.children.find((child) => child.tokens.join() === tokens.join())
      if (known !== undefined) return known
      const logprobs = Float32Array.from([...parent.logprobs, ...step.logprobs])
      const ended = stopTokens.includes(tokens.at(-1)!)
      const end = ended ? 'stop' : tokens.length >= maxTokens ? 'length' : undefined
      const node = createNode(parent, tokens, logprobs, end)
      parent.children.push(node)
      return node
    }),
  )
  const fresh = open.flatMap(({ tree, node }) => node.children.map((child) => ({ tree, child })))
  const values = await value.values(fresh.map(({ tree, child }) => joined(tree.prompt, child.tokens)))
  for (const [i, { child }] of fresh.entries()) child.value = 1 / (1 + Math.exp(-values[i]!.at(-1)!))
  const ended = leaves.filter(({ node }) => node.end !== undefined)
  return [...drawn, ...ended.flatMap(({ node }) => Array<Node>(width).fill(node))]
}
