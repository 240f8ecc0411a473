/**
 * R1-Zero in a tab: `grpo` on the pocket base model, as `r1 train r1-zero` runs it, one step at a time. Between two steps it
 * takes up new settings, measures the model on held-out problems, and leaves a checkpoint in the browser.
 */
import { type AdvantageGroup, grpo, type RolloutDone } from '../../../src/algorithms/grpo.ts'
import { createEngine } from '../../../src/engine/embedded/embedded-engine.ts'
import type { Snapshot } from '../../../src/engine/engine.ts'
import { joined } from '../../../src/engine/sequences.ts'
import { promptTemplate } from '../../../src/loading/prompt-template.ts'
import { mean } from '../../../src/measures/statistics.ts'
import { decoderConfigFromHuggingFace } from '../../../src/model/config-json.ts'
import { groupAdvantages } from '../../../src/objectives/advantages.ts'
import { type AnyReward, checkRewarded, scoreGroup } from '../../../src/rewards/reward.ts'
import { ruleRewards } from '../../../src/rewards/rule-rewards.ts'
import { rolloutRows } from '../../../src/rollout/rollout-rows.ts'
import { sampleGroups } from '../../../src/rollout/sample-groups.ts'
import { streamResponse } from '../../../src/rollout/stream-response.ts'
import type { Runtime } from '../../../src/runtime/runtime.ts'
import { pocketHeldOut, pocketTask } from '../../../src/tasks/pocket/task.ts'
import { tokenizerFromFiles } from '../../../src/text/tokenizer.ts'
import { filesIn, memoryFiles } from './memory-files.ts'
import type { Measured, Phase, StepFigures, TabEvent, TabGroup } from './messages.ts'
import { type OwnReward, openOwnReward, RewardProblem } from './own-reward.ts'
import { createGate, pausable } from './pausable.ts'
import { modelZip, runZip } from './run-zip.ts'
import { dropOldest, type SavedRun, savedBytes } from './saved-run.ts'
import { grpoSettings, type TabSettings } from './settings.ts'
import { watched } from './watched-engine.ts'

export interface TrainerParts {
  runtime: Runtime
  /** The base's folder: configuration, tokenizer, weights. */
  base: Readonly<Record<string, Uint8Array<ArrayBuffer>>>
  settings: TabSettings
  /** Where a former tab stopped. */
  saved: SavedRun | undefined
  tell: (event: TabEvent) => void
  /** Keeps a step in the browser. */
  save: (run: SavedRun) => Promise<void>
}

export interface Trainer {
  readonly step: number
  train(one: boolean): Promise<void>
  pause(): void
  change(settings: TabSettings): void
  reward(code: string | undefined): Promise<void>
  ask(id: number, question: string): Promise<void>
  keep(what: 'model' | 'run'): Promise<void>
}

/** Steps between two measurements, and at least so many milliseconds between two checkpoints. */
const MEASURE_EVERY = 5
const SAVE_EVERY = 10_000
/** As the paper evaluates (R1 §3). */
const EVALUATION = { temperature: 0.6, topP: 0.95 }
const HELD_OUT_SAMPLES = 2

export async function openTrainer({
  runtime,
  base,
  settings: given,
  saved,
  tell,
  save,
}: TrainerParts): Promise<Trainer> {
  const gate = createGate()
  const files = new Map([
    ...Object.entries(base).map(([name, bytes]) => [`base/${name}`, bytes] as const),
    ...(saved?.files ?? []),
  ])
  const place = memoryFiles(files)
  const texts = Object.fromEntries(
    ['tokenizer.json', 'tokenizer_config.json', 'generation_config.json'].map((name) => [
      name,
      new TextDecoder().decode(base[name]),
    ]),
  )
  const tokenizer = tokenizerFromFiles(texts)
  const { renderPrompt, answerForm } = promptTemplate(tokenizer)
  const config = decoderConfigFromHuggingFace(await place.readJson('base/config.json'))
  const engine = createEngine({
    config,
    runtime: () => pausable(runtime, gate),
    files: place,
    companionFiles: tokenizer.files,
    minRowLength: 256,
    seed: given.seed,
  })
  await engine.load(saved === undefined ? 'base' : 'checkpoint', { optimizer: saved !== undefined })
  // The base, whatever has been trained since.
  const reference = await engine.loadSnapshot('base')

  let settings = given
  let own: OwnReward | undefined
  let running: Promise<void> | undefined
  let stopsAfterStep = false
  let lastSave = performance.now()
  const rollouts = new Map(saved?.rollouts)
  const record = saved?.record ?? {
    created: new Date().toISOString(),
    step: 0,
    settings,
    reward: undefined,
    steps: [] as StepFigures[],
    measured: [] as Measured[],
    group: undefined as TabGroup | undefined,
  }
  if (saved !== undefined) settings = { ...given, ...saved.record.settings }

  const task = pocketTask('countdown')
  const sampler = {
    tokenizer,
    renderPrompt: ({ prompt }: { prompt: string }) => renderPrompt(prompt),
    maxPositions: config.maxPositions,
  }
  const rewardsWith = (opened: OwnReward | undefined): AnyReward[] => {
    const { maxTokens, accuracy, format } = settings
    const rules = ruleRewards({ answerForm, maxTokens, weights: { accuracy, format } })
    return opened === undefined ? rules : [...rules, opened.reward]
  }
  /** What it is doing; a paused one says so again when it continues. */
  let present: Phase = 'measuring'
  let paused = false
  const phase = (name: Phase) => {
    present = name
    if (!paused) tell({ is: 'phase', phase: name, step: record.step })
  }

  async function measure(): Promise<void> {
    if (record.measured.some(({ step }) => step === record.step)) return
    phase('measuring')
    const set = pocketHeldOut('countdown', settings.heldOut)
    const groups = await sampleGroups(
      {
        ...sampler,
        policy: engine,
        rewards: ruleRewards({ answerForm, maxTokens: settings.maxTokens }),
        sampling: { ...EVALUATION, maxTokens: settings.maxTokens },
      },
      set.questions.map((question) => ({ question, task: set })),
      HELD_OUT_SAMPLES,
      `${settings.seed}/held-out`,
    )
    const all = groups.flatMap((group) => group.rollouts)
    const average = (figure: (rollout: (typeof all)[number]) => number) => mean(all.map(figure))
    const measured: Measured = {
      step: record.step,
      pass1: average(({ rewards: parts }) => parts.accuracy ?? 0),
      meanTokens: average(({ tokens }) => tokens.length),
      formatShare: average(({ rewards: parts }) => parts.format ?? 0),
      problems: groups.map(({ question: { prompt, answer }, rollouts: [first] }) => ({
        ...{ prompt, answer, text: first!.text, right: first!.rewards.accuracy === 1 },
      })),
    }
    record.measured.push(measured)
    tell({ is: 'measured', measured })
  }

  async function oneStep(): Promise<void> {
    const step = new AbortController()
    await grpo({
      ...sampler,
      engine: watched(engine, {
        phase,
        tokenizer,
        writing: (writing) => tell({ is: 'writing', ...writing }),
      }),
      config: grpoSettings(settings),
      seed: settings.seed,
      rewards: rewardsWith(own),
      question: (index) => ({ task, question: task.question(settings.seed, index) }),
      fromStep: record.step,
      reference: kept(reference),
      signal: step.signal,
      onStep: ({ step: done, metrics, timing }) => {
        record.step = done
        const figures = { step: done, metrics: { ...metrics }, timing }
        record.steps.push(figures)
        tell({ is: 'step', figures })
      },
      async onRollout(done) {
        await keepRollout(done)
        step.abort()
      },
    })
  }

  async function keepRollout({ step, groups }: RolloutDone): Promise<void> {
    const lines = [...rolloutRows(groups)].map((row) => `${JSON.stringify(row)}\n`).join('')
    rollouts.set(step, lines)
    dropOldest(rollouts)
    const [group] = groups
    const after = await engine.logprobs(group!.rollouts.map(({ prompt, tokens }) => joined(prompt, tokens)))
    record.group = shown(step, group!, after)
    tell({ is: 'group', group: record.group })
  }

  function shown(step: number, group: AdvantageGroup, after: readonly Float32Array[]): TabGroup {
    return {
      step,
      question: group.question,
      rendered: renderPrompt(group.question.prompt),
      responses: group.rollouts.map((rollout, i) => ({
        text: rollout.text,
        right: rollout.rewards.accuracy === 1,
        truncated: rollout.stopReason === 'length',
        rewards: rollout.rewards,
        reward: rollout.reward,
        advantage: group.advantages[i]!,
        ...piecesOf(rollout.tokens),
        before: Array.from(rollout.logprobs),
        after: Array.from(after[i]!.subarray(rollout.prompt.length - 1)),
      })),
    }
  }

  function piecesOf(tokens: Int32Array): { pieces: string[] } {
    const decoder = tokenizer.decoder()
    return { pieces: Array.from(tokens, (token) => decoder.push(token)) }
  }

  async function saveNow(): Promise<void> {
    phase('saving')
    await engine.save('checkpoint', { optimizer: true })
    const checkpoint = new Map(
      [...filesIn(files, 'checkpoint')].map(([name, bytes]) => [`checkpoint/${name}`, bytes] as const),
    )
    Object.assign(record, { settings, reward: own?.code })
    lastSave = performance.now()
    const run = { record, files: checkpoint, rollouts }
    try {
      await save(run)
      tell({ is: 'saved', step: record.step, bytes: savedBytes(run) })
    } catch (error) {
      // It trains as well without, as in a private window.
      tell({ is: 'problem', message: `This browser keeps no checkpoint: ${(error as Error).message}` })
    }
  }

  async function loop(): Promise<void> {
    checkRewarded(rewardsWith(own))
    await measure()
    while (record.step < settings.steps) {
      await oneStep()
      const last = record.step >= settings.steps
      if (last || record.step % MEASURE_EVERY === 0) await measure()
      const stops = last || stopsAfterStep
      if (stops || performance.now() - lastSave > SAVE_EVERY) await saveNow()
      if (stops) break
    }
    tell({ is: record.step >= settings.steps ? 'finished' : 'paused', step: record.step })
  }

  const trainer: Trainer = {
    get step() {
      return record.step
    },
    async train(one) {
      stopsAfterStep = one
      paused = false
      gate.open()
      if (running !== undefined) return phase(present)
      running = loop()
      try {
        await running
      } catch (error) {
        const problem = error as Error
        if (problem instanceof RewardProblem)
          tell({ is: 'rewardProblem', message: problem.message, line: problem.line })
        else tell({ is: 'problem', message: problem.message })
        tell({ is: 'paused', step: record.step })
      } finally {
        running = undefined
      }
    },
    pause() {
      paused = true
      gate.close()
      tell({ is: 'paused', step: record.step })
    },
    change(next) {
      // Another seed or other problems would be another run.
      const { seed, heldOut } = settings
      settings = { ...next, seed, heldOut }
    },
    async reward(code) {
      try {
        const opened = code === undefined ? undefined : await openOwnReward(code)
        const scored = record.group && (await rescored(record.group, opened))
        own?.close()
        own = opened
        tell({ is: 'reward', name: own?.reward.name, group: scored })
      } catch (error) {
        const { message, line } = error as RewardProblem
        tell({ is: 'rewardProblem', message, line })
      }
    },
    async ask(id, question) {
      let text = ''
      await gate.passWhile(async () => {
        const frozen = await engine.snapshot()
        try {
          await streamResponse(frozen, tokenizer, {
            prompt: tokenizer.encode(renderPrompt(question)),
            seed: id,
            sampling: { ...EVALUATION, maxTokens: settings.maxTokens },
            onText(piece) {
              text += piece
              tell({ is: 'answer', id, text, done: false })
            },
          })
        } finally {
          frozen.close()
        }
      })
      tell({ is: 'answer', id, text, done: true })
    },
    async keep(what) {
      await engine.save('model')
      const model = filesIn(files, 'model')
      const zip = what === 'model' ? modelZip(model) : runZip(record, rollouts, model)
      tell({ is: 'kept', ...zip })
    },
  }

  /** The last group by the rewards as they are now: what they would teach, before a step is spent. */
  async function rescored(group: TabGroup, opened: OwnReward | undefined): Promise<TabGroup> {
    const { question, responses } = group
    const scored = await scoreGroup(
      rewardsWith(opened),
      responses.map(({ text, pieces, truncated }) => ({
        ...{ question, task, text },
        numTokens: pieces.length,
        stopReason: truncated ? 'length' : 'stop',
      })),
      record.step,
    )
    const scale = grpoSettings(settings).advantageScale
    const [advantages] = groupAdvantages([scored.map(({ reward }) => reward)], { scale })
    return {
      ...group,
      responses: responses.map((response, i) => ({
        ...response,
        ...scored[i]!,
        advantage: advantages![i]!,
      })),
    }
  }

  return trainer
}

/** `grpo` closes its reference at its end; this one serves the next step, too. */
const kept = (snapshot: Snapshot): Snapshot => ({ ...snapshot, close() {} })
