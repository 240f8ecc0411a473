import { expect, it } from 'vitest'
import { checkDistill, distillConfig, distillPresets } from './distill.ts'

it('without students is refused with what to do about it', async () => {
  const config = distillConfig.parse(distillConfig.parse({ teacher: 'pocket-base' }))
  await expect(checkDistill(config)).rejects.toThrow(
    /^students: there are none\. Expected at least one.*--preset pocket/,
  )
})

it("the paper's students have its learning rates, lower ones the larger they are (R1 v2 SB.4.3)", () => {
  const { students } = distillConfig.parse(distillPresets.paper)
  expect(students.map(({ name, sft }) => [name, sft.learningRate])).toEqual([
    ['qwen-1.5b', 1e-4],
    ['qwen-7b', 8e-5],
    ['qwen-14b', 7e-5],
    ['qwen-32b', 6e-5],
    ['llama-8b', 5e-5],
    ['llama-70b', 2e-5],
  ])
  for (const { sft } of students)
    expect(sft).toMatchObject({ batchSize: 64, decay: 'cosine', finalShare: 0.1, maxTokens: 32_768 })
})

it('without anything to learn is refused, and so is a file that is not there', async () => {
  const { students } = distillPresets.pocket
  const config = (given: object) => distillConfig.parse({ ...given, students })
  await expect(checkDistill(config({}))).rejects.toThrow(
    /^examples: whose responses are they to learn\? .*runs\/r1\/data\/data\.jsonl/,
  )
  await expect(checkDistill(config({ examples: 'none.jsonl' }))).rejects.toThrow(/none\.jsonl/)
  await expect(
    checkDistill(config({ examples: 'test/data/none.jsonl', onPolicy: { enabled: true } })),
  ).rejects.toThrow(/none\.jsonl/)
})
