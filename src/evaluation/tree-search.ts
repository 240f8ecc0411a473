/**
 * Monte-Carlo tree search over the steps of a response (paper.md §9), as the authors tried it at inference: a node is a
 * response so far, its children are next steps that the policy draws, and a value model that was trained beforehand says
 * how likely a right answer is from there. Each simulation goes down by UCB1 to a node that may have more children, draws
 * one, asks the value model, and tells the nodes above. A node has at most `width` draws, or the search would never go
 * deep: the cap that the authors blame for local optima. Left out: training policy and value model on what is found.
 */
import type { Policy, SamplingOptions } from '../engine/engine.ts'
import type { ScalarModel } from '../engine/scalar-model.ts'
import { hashText } from '../random.ts'

export interface TreeSearchOptions {
  policy: Policy
  value: Pick<ScalarModel, 'values'>
  /** A token of these ends a step and is its last one. */
  stepTokens: readonly number[]
  /** Ends the response. */
  stopTokens: readonly number[]
  /** The search of a question is over once it has cost so many tokens, drawn and read. */
  budget: number
  width: number
  /** The c of UCB1: Q + c √(ln N / n). */
  exploration: number
  sampling: Pick<SamplingOptions, 'temperature' | 'topP'>
  /** Of a response. */
  maxTokens: number
  seed: number
  signal?: AbortSignal | undefined
}

export interface SearchedResponse {
  tokens: Int32Array
  /** False where no response was finished within the budget and this is a part of one. */
  finished: boolean
  /** What the value model says of it. */
  value: number
  /** Drawn from the policy for this question; prompts and steps before are not counted again. */
  sampledTokens: number
  /** Read by the value model for this question; what it had read of the same response before is not counted again. */
  readTokens: number
}

interface Node {
  parent: Node | undefined
  /** Of the response, up to here. */
  tokens: Int32Array
  finished: boolean
  /** σ of the value model. */
  value: number
  children: Node[]
  /** Steps drawn here; two alike make one child. */
  draws: number
  visits: number
  total: number
  /** Nothing new can come of it: it is finished, or was drawn from often enough and so was all below. */
  closed: boolean
}

interface Tree {
  prompt: Int32Array
  root: Node
  /** Every node below the root. */
  nodes: Node[]
  sampledTokens: number
  readTokens: number
}

/** One response to each prompt: of those finished, the one that the value model thinks most of. */
export async function treeSearch(
  prompts: readonly Int32Array[],
  options: TreeSearchOptions,
): Promise<SearchedResponse[]> {
  const trees = prompts.map(
    (prompt): Tree => ({
      prompt,
      root: createNode(undefined, new Int32Array(0), false),
      nodes: [],
      sampledTokens: 0,
      readTokens: 0,
    }),
  )
  for (let simulation = 0; !options.signal?.aborted; simulation++) {
    const searching = trees.flatMap((tree, index) => {
      const over = tree.root.closed || tree.sampledTokens + tree.readTokens >= options.budget
      return over ? [] : [{ tree, index, leaf: select(tree.root, options) }]
    })
    if (searching.length === 0) break
    for (const node of await drawSteps(searching, simulation, options))
      for (let above: Node | undefined = node; above !== undefined; above = above.parent) {
        above.visits++
        above.total += node.value
        const { finished, draws, children } = above
        above.closed = finished || (draws >= options.width && children.every((child) => child.closed))
      }
  }
  return trees.map(({ nodes, root, sampledTokens, readTokens }) => {
    const finished = nodes.filter((node) => node.finished)
    const best = (finished.length > 0 ? finished : nodes).reduce(
      (a, b) => (b.value > a.value ? b : a),
      finished[0] ?? nodes[0] ?? root,
    )
    const { tokens, value } = best
    return { tokens, value, finished: best.finished, sampledTokens, readTokens }
  })
}

const createNode = (parent: Node | undefined, tokens: Int32Array, finished: boolean): Node => ({
  parent,
  tokens,
  finished,
  value: 0,
  children: [],
  draws: 0,
  visits: 0,
  total: 0,
  closed: false,
})

/** Down to a node that may be drawn from once more. The root is not closed. */
function select(root: Node, { width, exploration }: TreeSearchOptions): Node {
  let node = root
  while (node.draws >= width) {
    const { visits, children } = node
    const score = (child: Node) =>
      child.total / child.visits + exploration * Math.sqrt(Math.log(visits) / child.visits)
    node = children
      .filter(({ closed }) => !closed)
      .reduce((best, child) => (score(child) > score(best) ? child : best))
  }
  return node
}

/** One step from each leaf, in one batch: the new nodes, or the old ones that were drawn again. */
async function drawSteps(
  searching: readonly { tree: Tree; index: number; leaf: Node }[],
  simulation: number,
  { policy, value, stepTokens, stopTokens, sampling, maxTokens, seed }: TreeSearchOptions,
): Promise<Node[]> {
  const sampled = await policy.sample(
    searching.map(({ tree, index, leaf }) => ({
      prompt: Int32Array.from([...tree.prompt, ...leaf.tokens]),
      samples: 1,
      seed: hashText(`${seed}/tree/${index}/${simulation}`),
      options: {
        ...sampling,
        maxTokens: maxTokens - leaf.tokens.length,
        stopTokens: [...stopTokens, ...stepTokens],
      },
    })),
  )
  const fresh: { tree: Tree; node: Node }[] = []
  const drawn = searching.map(({ tree, leaf }, i) => {
    const { tokens, stopReason } = sampled[i]![0]!
    tree.sampledTokens += tokens.length
    leaf.draws++
    const all = Int32Array.from([...leaf.tokens, ...tokens])
    const known = leaf.children.find((child) => child.tokens.join() === all.join())
    if (known !== undefined) return known
    const stopped = stopReason !== 'stop' || stopTokens.includes(tokens.at(-1)!)
    const node = createNode(leaf, all, stopped || all.length >= maxTokens)
    leaf.children.push(node)
    tree.nodes.push(node)
    tree.readTokens += tokens.length
    fresh.push({ tree, node })
    return node
  })
  const values = await value.values(
    fresh.map(({ tree, node }) => Int32Array.from([...tree.prompt, ...node.tokens])),
  )
  for (const [i, { node }] of fresh.entries()) node.value = 1 / (1 + Math.exp(-values[i]!.at(-1)!))
  return drawn
}
