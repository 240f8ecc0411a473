/**
 * The training rows of a data set of the Hugging Face hub: fetched once into `data/`, and read from there ever after, so that a run
 * that resumes needs no network and finds the same rows. Left out: data sets that are a program, and those that need no files.
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ListFileEntry } from '@huggingface/hub'
import { ConfigError } from '../errors.ts'
import { type PullOptions, pullFiles, readRecord } from './hub.ts'
import { isHubName } from './hub-name.ts'

/** Rows are held in memory as a whole. */
const LARGEST = 2e9
const ROWS = /\.(parquet|jsonl|ndjson|json|csv)(\.gz)?$/
const TRAINING = /(^|[/_.-])train([/_.-]|$)/i
/** The subset that is meant where none is named. */
const USUAL = ['main', 'default', 'data', '.', 'all']

/** `owner/name`, or `owner/name/subset`, of what is not a path on this machine. */
export const isHubDataset = (name: string): boolean => {
  const [owner, repo = '', ...subset] = name.split('/')
  return subset.length <= 1 && isHubName(`${owner}/${repo}`) && !existsSync(name)
}

/** The files of its training rows. `note` is told when they have to be fetched. */
export async function pullDataset(
  name: string,
  { note, root = 'data', ...options }: DatasetOptions = {},
): Promise<string[]> {
  const output = join(root, name.replaceAll('/', '--'))
  const [owner, repo, subset] = name.split('/')
  const known = await readRecord(output)
  if (known === undefined) note?.(`Fetching the data set ${name} into ${output} …`)
  const pulled =
    known ??
    (await pullFiles({ ...options, repo: `${owner}/${repo}`, type: 'dataset', output }, (entries) =>
      trainingFiles(name, subset, entries),
    ))
  return pulled.files.map((path) => join(output, path))
}

interface DatasetOptions extends Omit<PullOptions, 'repo' | 'type' | 'output' | 'files'> {
  /** The folder of all data sets. */
  root?: string
  note?: ((text: string) => void) | undefined
}

/** The shards of the training split, of the subset that is named or usual. */
function trainingFiles(
  name: string,
  subset: string | undefined,
  entries: readonly ListFileEntry[],
): ListFileEntry[] {
  const rows = entries.filter(({ path }) => ROWS.test(path))
  const training = rows.filter(({ path }) => TRAINING.test(path))
  const candidates = training.length > 0 ? training : rows.length === 1 ? rows : []
  const subsets = [...new Set(candidates.map(({ path }) => dirname(path)))]
  const own = subset ?? (subsets.length === 1 ? subsets[0] : USUAL.find((usual) => subsets.includes(usual)))
  const chosen = candidates.filter(({ path }) => dirname(path) === own)
  if (chosen.length === 0)
    throw new ConfigError(
      candidates.length === 0 ? 'has no rows for training that can be read.' : 'has several subsets.',
      {
        field: name,
        expected:
          candidates.length === 0
            ? 'files such as train.parquet or train.jsonl'
            : `one of ${subsets.map((folder) => `${name.split('/').slice(0, 2).join('/')}/${folder}`).join(', ')}`,
      },
    )
  const parquet = chosen.filter(({ path }) => path.endsWith('.parquet'))
  const files = parquet.length > 0 ? parquet : chosen
  const size = files.reduce((sum, file) => sum + file.size, 0)
  if (size > LARGEST)
    throw new ConfigError(`has ${(size / 1e9).toFixed(1)} GB of rows, more than are read at once.`, {
      field: name,
      remedy: 'Download one of its files, and name that.',
    })
  return files
}
