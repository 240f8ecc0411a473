import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { replaceFile } from '../disk/replace-file.ts'
import { createRun, openRun, type Run, readFinished, runStatus } from '../run/folder.ts'
import {
  checkKept,
  chooseStages,
  discardStages,
  type PipelineStage,
  runPipeline,
  type StageContext,
} from './pipeline.ts'

let folder: string
let run: Run
let calls: string[]
beforeEach(async () => {
  folder = join(mkdtempSync(join(tmpdir(), 'r1-pipeline-')), 'run')
  run = await createRun(folder, {
    recipe: 'r1',
    version: '0',
    seed: 3,
    created: '2026-11-30T10:00:00.000Z',
    config: {},
    sources: {},
  })
  calls = []
})
afterEach(() => {
  run.close()
  rmSync(join(folder, '..'), { recursive: true })
})

const stage = (name: string, inputs: string[] = [], given: Partial<PipelineStage> = {}): PipelineStage => ({
  name,
  title: name,
  inputs,
  work: '',
  seconds: 1,
  recipe: 'test',
  config: { of: name, left: undefined },
  run: async (context) => {
    calls.push(name)
    const read = inputs.map((input) => readFileSync(join(context.input(input), 'made.txt'), 'utf8'))
    await replaceFile(join(context.run.folder, 'made.txt'), `${name}(${read.join()})`)
    return { name }
  },
  ...given,
})
const stages = [stage('a'), stage('b', ['a']), stage('c', ['a', 'b'])]

describe('runPipeline', () => {
  it('runs the stages in order, each on what its inputs made, in a run of its own', async () => {
    expect(await runPipeline({ run, stages })).toBe(true)
    expect(calls).toEqual(['a', 'b', 'c'])
    expect(readFileSync(join(folder, 'c/made.txt'), 'utf8')).toBe('c(a(),b(a()))')
    expect(stages.map(({ name }) => runStatus(join(folder, name)))).toEqual(Array(3).fill('finished'))
    expect(readFinished(join(folder, 'b'))).toEqual({ name: 'b' })
  })

  it('keeps what is finished, and continues at the stage that was stopped, from its checkpoint', async () => {
    const seen: (number | undefined)[] = []
    const state: string[] = []
    const stops = stage('b', ['a'], {
      run: async ({ run: own, resume }: StageContext) => {
        seen.push(resume?.step)
        if (resume !== undefined) return { step: resume.step }
        await own.saveCheckpoint({ step: 4, state: {}, keep: 1, write: async () => {} })
        return undefined
      },
    })
    const options = {
      run,
      stages: [stages[0]!, stops],
      onStage: ({ name }: PipelineStage, now: string) => state.push(`${name} ${now}`),
    }
    expect(await runPipeline(options)).toBe(false)
    expect(await runPipeline(options)).toBe(true)
    expect(seen).toEqual([undefined, 4])
    expect(calls).toEqual(['a'])
    expect(state).toEqual(['a begins', 'a done', 'b begins', 'a kept', 'b resumes', 'b done'])
  })

  it('asks for inputs that are not there', async () => {
    await expect(runPipeline({ run, stages: stages.slice(1) })).rejects.toThrow(
      /b reads what a makes.*--only a/,
    )
  })

  it('refuses to continue with other settings', async () => {
    const killed = { ...stages[0]!, run: async () => undefined }
    await runPipeline({ run, stages: [killed] })
    await expect(runPipeline({ run, stages: [{ ...killed, config: { of: 'x' } }] })).rejects.toThrow(
      /a was begun with other settings.*--from a/,
    )
    expect(await runPipeline({ run, stages: [stages[0]!] })).toBe(true)
  })

  it('finished stages keep the settings that they were made with, too', async () => {
    await runPipeline({ run, stages: stages.slice(0, 1) })
    const changed = stages.map((other) => ({ ...other, config: { ...other.config, of: 'x' } }))
    expect(() => checkKept(folder, changed, stages)).toThrow(/a was begun with other settings.*--from a/)
    // Not begun yet, or to be made again.
    expect(() => checkKept(folder, changed.slice(1), stages)).not.toThrow()
    expect(() => checkKept(folder, [stage('a'), ...changed.slice(1)], stages)).not.toThrow()
  })

  it('leaves no lock behind where a stage throws', async () => {
    const fails = stage('a', [], { run: () => Promise.reject(new Error('broke')) })
    await expect(runPipeline({ run, stages: [fails] })).rejects.toThrow('broke')
    const again = await openRun(join(folder, 'a'))
    again.close()
  })
})

describe('chooseStages', () => {
  const names = (given: Parameters<typeof chooseStages>[1]) => {
    const { chosen, rerun } = chooseStages(stages, given)
    return [chosen.map(({ name }) => name).join(), rerun]
  }

  it('takes one, some to the end, or all', () => {
    expect(names({})).toEqual(['a,b,c', false])
    expect(names({ only: 'b' })).toEqual(['b', true])
    expect(names({ from: 'b' })).toEqual(['b,c', true])
    expect(() => names({ from: 'd' })).toThrow(/--from.*there is no such stage.*a, b, c/)
  })

  it('runs discarded stages again', async () => {
    await runPipeline({ run, stages })
    const { chosen } = chooseStages(stages, { from: 'b' })
    await discardStages(folder, chosen)
    await runPipeline({ run, stages: chosen })
    expect(calls).toEqual(['a', 'b', 'c', 'b', 'c'])
  })
})
