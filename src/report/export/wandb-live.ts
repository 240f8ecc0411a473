/**
 * Weights & Biases over the network, by the two addresses that its own client uses: `upsertBucket` of the GraphQL API for the run and
 * its settings, and the file stream for history and summary. Left out: system metrics, console output, files.
 */
import { ConfigError } from '../../errors.ts'
import { hashText } from '../../random.ts'
import { type LiveSink, type LiveSinkOptions, postJson } from './live-sink.ts'

const UPSERT = `mutation UpsertBucket($name: String!, $project: String, $entity: String, $displayName: String, $config: JSONString) {
  upsertBucket(input: { name: $name, modelName: $project, entityName: $entity, displayName: $displayName, config: $config }) {
    bucket { name project { name entity { name } } }
  }
}`

interface Upserted {
  data?: { upsertBucket?: { bucket?: { project: { name: string; entity: { name: string } } } } }
  errors?: { message: string }[]
}

export function wandbLive({
  url,
  key,
  entity,
  ...options
}: LiveSinkOptions & { url: string; key: string; entity: string | undefined }): LiveSink {
  const { name, info, project, signal } = options
  const base = url.replace(/\/+$/, '')
  const headers = { authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` }
  // The same run has the same name there, whenever it is told.
  const id = hashText(`${name}/${info.created}`).toString(36)
  const started = Date.parse(info.created) / 1000
  let stream = ''
  let offset = 0
  let last: Record<string, number> = {}
  return {
    async open() {
      const settings = { ...info.config, recipe: info.recipe, seed: info.seed, r1Version: info.version }
      const config = Object.fromEntries(Object.entries(settings).map(([path, value]) => [path, { value }]))
      const variables = { name: id, project, entity, displayName: name, config: JSON.stringify(config) }
      const answer = (await postJson(`${base}/graphql`, { query: UPSERT, variables }, headers, {
        signal,
      })) as Upserted
      const bucket = answer.data?.upsertBucket?.bucket
      if (bucket === undefined)
        throw new ConfigError(`the run was not accepted: ${answer.errors?.[0]?.message ?? 'no answer'}.`, {
          field: base,
          remedy: 'Check WANDB_API_KEY, WANDB_ENTITY and WANDB_PROJECT.',
        })
      const place = [bucket.project.entity.name, bucket.project.name].map(encodeURIComponent).join('/')
      stream = `${base}/files/${place}/${id}/file_stream`
      return `${base.replace('://api.', '://')}/${place}/runs/${id}`
    },
    async send(rows) {
      const lines = rows.map(({ step, time, values }) => ({
        ...values,
        _step: step,
        _timestamp: time,
        _runtime: time - started,
      }))
      last = Object.assign(last, ...lines)
      const history = { offset, content: lines.map((line) => JSON.stringify(line)) }
      const summary = { offset: 0, content: [JSON.stringify(last)] }
      const files = { 'wandb-history.jsonl': history, 'wandb-summary.json': summary }
      await postJson(stream, { files }, headers, { signal })
      offset += lines.length
    },
    async close(status) {
      await postJson(stream, { complete: true, exitcode: status === 'finished' ? 0 : 1 }, headers, { signal })
    },
  }
}
