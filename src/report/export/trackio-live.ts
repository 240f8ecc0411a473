/** A Trackio server, local or a Space: its HTTP API's `bulk_log`. */
import { type LiveSink, type LiveSinkOptions, postJson } from './live-sink.ts'

/** `token` is the server's write token; `hubToken` is for Spaces. */
export function trackioLive({
  url,
  token,
  hubToken,
  ...options
}: LiveSinkOptions & { url: string; token: string | undefined; hubToken: string | undefined }): LiveSink {
  const { name, info, project, signal } = options
  const base = url.replace(/\/+$/, '')
  const headers = {
    ...(token !== undefined && { 'x-trackio-write-token': token }),
    ...(hubToken !== undefined && { authorization: `Bearer ${hubToken}` }),
  }
  const settings = { ...info.config, recipe: info.recipe, seed: info.seed, r1Version: info.version }
  let told = false
  return {
    open: async () => `${base}/?project=${encodeURIComponent(project)}`,
    async send(rows) {
      const logs = rows.map(({ step, time, values }, i) => ({
        ...{ project, run: name, step, metrics: values },
        timestamp: new Date(time * 1000).toISOString(),
        // A row that is sent twice is kept once.
        log_id: `${name}/${info.created}/${step}`,
        config: i === 0 && !told ? settings : null,
      }))
      await postJson(
        `${base}/api/bulk_log`,
        { args: [], kwargs: { logs, hf_token: hubToken ?? null } },
        headers,
        { signal },
      )
      told = true
    },
    close: async () => {},
  }
}
