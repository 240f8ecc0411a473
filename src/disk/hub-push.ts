/** Puts files into a model's repository on the Hugging Face hub, as one commit; the repository is made where there is none. */
import { openAsBlob } from 'node:fs'
import { createRepo, HubApiError, uploadFiles } from '@huggingface/hub'
import { ConfigError } from '../errors.ts'
import { hubOf, type PullOptions } from './hub.ts'

export interface PushOptions extends Pick<PullOptions, 'repo' | 'endpoint' | 'token' | 'signal'> {
  /** By their paths in the repository: a text, or the path of a file, which is read as it is sent. */
  files: Readonly<Record<string, { text: string } | { file: string }>>
  /** The commit's. */
  title: string
  /** Of a repository that is made. */
  visibility: 'public' | 'private'
}

export interface Pushed {
  repo: string
  /** The commit. */
  revision: string
  url: string
  files: string[]
}

export async function pushModel({
  repo,
  files,
  title,
  visibility,
  ...options
}: PushOptions): Promise<Pushed> {
  const { access, ask } = hubOf({ repo, ...options })
  if (options.token === undefined)
    throw new ConfigError('nobody may write without a token.', {
      field: 'HF_TOKEN',
      remedy: 'Make one that may write at https://huggingface.co/settings/tokens.',
    })
  const asked = { ...access, accessToken: options.token, repo: { type: 'model' as const, name: repo } }
  await ask(async () => {
    try {
      await createRepo({ ...asked, visibility })
    } catch (error) {
      // It is there already.
      if (!(error instanceof HubApiError && error.statusCode === 409)) throw error
    }
  })
  const contents = await Promise.all(
    Object.entries(files).map(async ([path, from]) => ({
      path,
      content: 'text' in from ? new Blob([from.text]) : await openAsBlob(from.file),
    })),
  )
  const done = await ask(() =>
    uploadFiles({
      ...asked,
      files: contents,
      commitTitle: title,
      ...(options.signal && { abortSignal: options.signal }),
    }),
  )
  return {
    repo,
    revision: done?.commit.oid ?? '',
    url: `${access.hubUrl}/${repo}`,
    files: contents.map(({ path }) => path),
  }
}
