/** One step of GRPO in six stops, on the reader's own data. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { compact, duration, percent } from '../format.ts'
import { Scrollable } from '../ui.tsx'
import { ShownText, spreadOf } from './group-panel.tsx'
import type { TabGroup, TabResponse } from './messages.ts'
import type { TrainingState } from './training-state.ts'

interface Stop {
  title: string
  show: (group: TabGroup, state: TrainingState) => ComponentChildren
}

const STOPS: readonly Stop[] = [
  {
    title: 'The question',
    show: ({ rendered, question: { answer } }) => (
      <>
        <p>
          The model reads a question in the paper’s template. Nobody shows it a solution. A rule knows whether
          an answer is right; one right answer is <code>{answer}</code>.
        </p>
        <Scrollable class="response-text" label="The prompt">
          {rendered}
        </Scrollable>
      </>
    ),
  },
  {
    title: 'Its answers',
    show: ({ responses }) => {
      const lengths = responses.map(({ pieces }) => pieces.length)
      return (
        <>
          <p>
            It answers the question {responses.length} times. Each token is drawn at random by its
            probability, so the answers differ: the shortest has {Math.min(...lengths)} tokens, the longest{' '}
            {Math.max(...lengths)}.
          </p>
          <Samples responses={[responses[0]!, responses.at(-1)!]} />
        </>
      )
    },
  },
  {
    title: 'Their rewards',
    show: ({ responses }) => {
      const parts = Object.keys(responses[0]!.rewards)
      return (
        <>
          <p>
            Rules score each answer: {parts.join(', ')}. {responses.filter(({ right }) => right).length} of{' '}
            {responses.length} are right.
          </p>
          <Bars responses={responses} value={({ reward }) => reward} />
        </>
      )
    },
  },
  {
    title: 'Advantages',
    show: (group) => {
      const { mean, deviation } = spreadOf(group)
      const best = group.responses.reduce((a, b) => (b.advantage > a.advantage ? b : a))
      return (
        <>
          <p>
            Each reward is compared with its group: the mean is {compact(mean)}, the standard deviation{' '}
            {compact(deviation)}.{' '}
            {deviation === 0
              ? 'All are equal, so this group teaches nothing.'
              : `The best has (${compact(best.reward)} − ${compact(mean)}) / ${compact(deviation)} = ${best.advantage.toFixed(2)}.`}
          </p>
          <Bars responses={group.responses} value={({ advantage }) => advantage} />
        </>
      )
    },
  },
  {
    title: 'Likelier tokens',
    show: ({ responses }) => {
      const most = responses.reduce((a, b) => (Math.abs(b.advantage) > Math.abs(a.advantage) ? b : a))
      return (
        <>
          <p>
            The update makes tokens of good answers likelier (warm) and tokens of bad answers rarer (cold).
            This answer has an advantage of {most.advantage.toFixed(2)}.
          </p>
          <div class="response-text">
            <ShownText response={most} shading="ratio" />
          </div>
        </>
      )
    },
  },
  {
    title: 'The update',
    show: ({ step }, { figures }) => {
      const figure = figures.find((one) => one.step === step)
      if (figure === undefined) return <p>The figures of this step are not here.</p>
      const { metrics, timing } = figure
      return (
        <>
          <p>
            AdamW moves all 1.9 million weights a little, once for the whole step. A KL term holds the model
            near the base.
          </p>
          <dl class="facts">
            <Fact name="learning rate" value={(metrics.learningRate ?? 0).toExponential(2)} />
            <Fact name="gradient norm" value={compact(metrics.gradientNorm)} />
            <Fact name="KL to the base" value={compact(metrics.kl)} />
            <Fact name="groups that teach" value={percent(metrics.groupsWithSignal, 0)} />
            <Fact name="sampling" value={duration(timing.sampleSeconds)} />
            <Fact name="scoring" value={duration(timing.scoreSeconds)} />
            <Fact name="training" value={duration(timing.trainSeconds)} />
          </dl>
          <p>Then the next questions are asked. That is all.</p>
        </>
      )
    },
  },
]

export function Tour({ state }: { state: TrainingState }) {
  const [at, setAt] = useState(0)
  const { group } = state
  const stop = STOPS[at]!
  return (
    <section class="card panel tour" aria-label="One step of GRPO in six stops">
      <div class="heading small">
        <div>
          <h2>One step of GRPO in six stops</h2>
          <p class="muted">
            {group === undefined
              ? 'It shows your own data after the first step.'
              : `On step ${group.step} of this run.`}
          </p>
        </div>
        <div class="button-group">
          <button type="button" disabled={at === 0} onClick={() => setAt(at - 1)}>
            Back
          </button>
          <button type="button" disabled={at === STOPS.length - 1} onClick={() => setAt(at + 1)}>
            Next
          </button>
        </div>
      </div>
      <ol class="stops">
        {STOPS.map(({ title }, i) => (
          <li key={title}>
            <button type="button" class="ghost" aria-pressed={i === at} onClick={() => setAt(i)}>
              {i + 1}. {title}
            </button>
          </li>
        ))}
      </ol>
      {group === undefined ? null : (
        <div class="stop" aria-live="polite">
          {stop.show(group, state)}
        </div>
      )}
    </section>
  )
}

const Fact = ({ name, value }: { name: string; value: string }) => (
  <div>
    <dt>{name}</dt>
    <dd class="number">{value}</dd>
  </div>
)

function Samples({ responses }: { responses: readonly TabResponse[] }) {
  return (
    <>
      {responses.map((response, i) => (
        <Scrollable key={i} class="response-text" label={`An answer, ${i + 1}`}>
          <ShownText response={response} shading="none" />
        </Scrollable>
      ))}
    </>
  )
}

function Bars({
  responses,
  value,
}: {
  responses: readonly TabResponse[]
  value: (response: TabResponse) => number
}) {
  const most = Math.max(1e-9, ...responses.map((response) => Math.abs(value(response))))
  return (
    <ol class="bars">
      {responses.map((response, i) => (
        <li key={i}>
          <span class={`verdict ${response.right ? 'right' : 'wrong'}`}>
            {response.right ? 'right' : 'wrong'}
          </span>
          <span class="diverging" aria-hidden="true">
            <i
              class={value(response) < 0 ? 'negative' : 'positive'}
              style={{ width: `${(50 * Math.abs(value(response))) / most}%` }}
            />
          </span>
          <b class="number">{value(response).toFixed(2)}</b>
        </li>
      ))}
    </ol>
  )
}
