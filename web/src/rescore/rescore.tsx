/** What another reward would have said of a run's stored responses, while it is being written. */
import { useState } from 'preact/hooks'
import type {
  RescoredResponses,
  RewardFile,
  RunDetails,
  ServerAbilities,
} from '../../../src/server/dashboard/api.ts'
import { useJson, usePoll } from '../fetch.ts'
import { href, navigate } from '../router.ts'
import { Command, Empty, Loading, Problem, Select } from '../ui.tsx'
import { RescoredTables } from './rescored-tables.tsx'
import { RewardFileEditor } from './reward-file-editor.tsx'

/** Milliseconds between looks at the file. */
const LOOK = 1000

export function Rescore({ run, step: asked }: { run: RunDetails; step: string | undefined }) {
  const { value: abilities, error } = useJson<ServerAbilities>('/abilities')
  const { steps } = run.sources
  const step = steps.find((kept) => String(kept) === asked) ?? steps.at(-1)
  if (step === undefined) return <Empty title="No responses are kept yet" />
  if (abilities === undefined) return error === undefined ? <Loading /> : <Problem text={error} />
  if (!abilities.reward)
    return (
      <Empty title="What would another reward have said?">
        <p>
          Start the page with a reward of yours. It scores these responses again each time you save the file.
        </p>
        <Command text="npx r1 dashboard --reward ./my.ts" />
      </Empty>
    )
  return <Scored run={run.id} steps={steps} step={step} />
}

function Scored({ run, steps, step }: { run: string; steps: readonly number[]; step: number }) {
  const [alone, setAlone] = useState(false)
  const file = usePoll<RewardFile>(
    '/reward',
    () => LOOK,
    (shown) => `?known=${shown?.version ?? ''}`,
  )
  const { value, error } = usePoll<RescoredResponses>(
    `/runs/${encodeURIComponent(run)}/rescored/${step}?alone=${alone}`,
    () => LOOK,
    (shown) => `&known=${shown?.version ?? ''}`,
  )
  const scored = value?.step === step && value.alone === alone ? value : undefined
  return (
    <div class="rescore">
      <div class="stack">
        {file.value === undefined ? null : (
          <RewardFileEditor
            file={file.value}
            problem={scored?.version === file.value.version ? scored.problem : undefined}
          />
        )}
        <Problem text={file.error} />
      </div>
      <div class="stack">
        <div class="actions">
          <Select
            label="Responses of"
            options={steps.map((kept) => ({ value: String(kept), label: `step ${kept}` }))}
            value={String(step)}
            onChange={(chosen) => navigate(href(['runs', run, 'rescore', chosen]))}
          />
          <label class="toggle">
            <input type="checkbox" checked={alone} onChange={() => setAlone(!alone)} />
            Without the run's own rewards
          </label>
        </div>
        {file.error === undefined ? <Problem text={error} /> : null}
        {scored === undefined && error === undefined ? <Loading /> : null}
        {scored?.rescored === undefined ? null : <RescoredTables run={run} rescored={scored.rescored} />}
      </div>
    </div>
  )
}
