import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { closeHubs, startHub } from '../../test/local-hub.ts'
import { loadTask } from '../tasks/load-task.ts'
import { isHubDataset, pullDataset } from './hub-dataset.ts'

afterEach(closeHubs)
const rows = (...values: object[]) =>
  Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''))
const problem = (question: string) => ({ question, answer: 'So it is\n#### 7' })
const root = () => mkdtempSync(join(tmpdir(), 'r1-hub-dataset-'))
const listing = async (...names: string[]) =>
  await startHub({
    type: 'dataset',
    files: Object.fromEntries(names.map((name) => [name, rows(problem(name))])),
  })
const pulled = async (name: string, ...files: string[]) => {
  const { endpoint } = await listing(...files)
  const folder = root()
  return (await pullDataset(name, { endpoint, root: folder })).map((path) => path.slice(folder.length + 1))
}

describe('which files of a data set are its training rows', () => {
  it.each<[string, string[], string[]]>([
    ['o/n', ['README.md', 'train.jsonl', 'test.jsonl'], ['o--n/train.jsonl']],
    [
      'o/n',
      [
        'main/train-00000-of-00002.jsonl',
        'main/train-00001-of-00002.jsonl',
        'main/test.jsonl',
        'other/train.jsonl',
      ],
      ['o--n/main/train-00000-of-00002.jsonl', 'o--n/main/train-00001-of-00002.jsonl'],
    ],
    ['o/n/other', ['main/train.jsonl', 'other/train.jsonl'], ['o--n--other/other/train.jsonl']],
    ['o/n', ['problems.json', 'README.md'], ['o--n/problems.json']],
  ])('%s of %j', async (name, files, expected) => expect(await pulled(name, ...files)).toEqual(expected))

  it.each<[string, string[], RegExp]>([
    [
      'o/n',
      ['a/train.jsonl', 'b/train.jsonl'],
      /^o\/n: has several subsets\. Expected one of o\/n\/a, o\/n\/b\.$/,
    ],
    ['o/n/c', ['a/train.jsonl', 'b/train.jsonl'], /several subsets/],
    ['o/n', ['make.py', 'test.jsonl', 'dev.jsonl'], /no rows for training/],
  ])('%s of %j has none', async (name, files, message) => {
    await expect(pulled(name, ...files)).rejects.toThrow(message)
  })
})

it('is fetched once, and told', async () => {
  const { endpoint, requests } = await listing('train.jsonl')
  const [folder, notes] = [root(), [] as string[]]
  const options = { endpoint, root: folder, note: (text: string) => notes.push(text) }
  const first = await pullDataset('o/n', options)
  const asked = requests()
  expect(await pullDataset('o/n', options)).toEqual(first)
  expect([requests(), notes.length]).toEqual([asked, 1])
})

it('is told from a path on this machine', () => {
  expect(
    ['openai/gsm8k', 'openai/gsm8k/socratic', 'src/disk', 'gsm8k', './a/b', 'a/b/c/d'].filter(isHubDataset),
  ).toEqual(['openai/gsm8k', 'openai/gsm8k/socratic'])
})

it('is a task by its name', async () => {
  const { endpoint } = await startHub({
    type: 'dataset',
    files: {
      'main/train.jsonl': rows(...['a?', 'b?', 'c?'].map(problem)),
      'main/test.jsonl': rows(problem('t?')),
    },
  })
  const before = [process.cwd(), process.env.HF_ENDPOINT] as const
  process.chdir(root())
  process.env.HF_ENDPOINT = endpoint
  try {
    const { question, heldOut } = await loadTask('o/n', 1, 1)
    const first = (prompt: string) => prompt.split('\n')[0]
    expect(heldOut.questions.map(({ prompt, answer }) => [first(prompt), answer])).toEqual([['c?', '7']])
    expect([0, 1, 2].map((i) => first(question(i).question.prompt))).toEqual(['a?', 'b?', 'a?'])
  } finally {
    process.chdir(before[0])
    if (before[1] === undefined) delete process.env.HF_ENDPOINT
    else process.env.HF_ENDPOINT = before[1]
  }
})
