/** On-policy distillation as a stage of a pipeline. */
import { onPolicyDistillation } from '../algorithms/on-policy-distillation.ts'
import type { OnPolicyDistillationConfig } from '../algorithms/on-policy-distillation-config.ts'
import type { JsonObject } from '../disk/jsonl.ts'
import { openModel } from '../loading/local-model.ts'
import { startClock } from '../run/clock.ts'
import { measured } from './evaluations.ts'
import type { StageContext } from './pipeline.ts'
import { evaluationsOf, type StageSettings } from './stage-settings.ts'

export async function onPolicyStage(
  settings: StageSettings,
  {
    student: path,
    teacher: teacherPath,
    config,
  }: {
    student: string
    teacher: string
    config: OnPolicyDistillationConfig
  },
  context: StageContext,
): Promise<JsonObject | undefined> {
  const { run, resume, seed, signal, progress } = context
  const { world, evaluation, microBatchTokens, checkpointEvery } = settings
  const seconds = startClock(resume)
  const student = await openModel(path, { microBatchTokens, minRowLength: 256 })
  const teacher = await openModel(teacherPath)
  try {
    if (resume !== undefined) await student.engine.load(resume.folder, { optimizer: true })
    if ((resume?.step ?? 0) < config.steps) await run.discardEvaluations('trained')
    const { question } = await world.reasoning(seed, evaluation.questions)
    let saved = resume?.step ?? 0
    const save = async (step: number) => {
      await run.saveCheckpoint({
        step,
        state: { seconds: seconds() },
        keep: 1,
        write: (folder) => student.engine.save(folder, { optimizer: true }),
      })
      saved = step
    }
    await onPolicyDistillation({
      student: student.engine,
      teacher: teacher.engine,
      tokenizer: student.tokenizer,
      renderPrompt: ({ prompt }) => student.renderPrompt(prompt),
      renderTeacherPrompt: ({ prompt }) => teacher.renderPrompt(prompt),
      config,
      seed,
      question,
      fromStep: resume?.step ?? 0,
      signal,
      async onStep(step) {
        run.log({ ...step })
        progress(step.step, config.steps, `reverse KL ${step.reverseKl.toFixed(3)}`)
        if (step.step % checkpointEvery !== 0 && step.step < config.steps && !signal?.aborted) return
        await save(step.step)
      },
      onStop: async (step) => {
        if (step > saved) await save(step)
      },
    })
    if (signal?.aborted) return undefined
    await run.saveModel((folder) => student.engine.save(folder))
    const figures = await measured('trained', evaluationsOf(student, settings), context)
    return figures && { figures: { ...figures }, seconds: seconds(), steps: config.steps }
  } finally {
    student.engine.close()
    teacher.engine.close()
  }
}
