/** A session at a server of the Tinker API: it lives as long as its heart beats, and models and samplers hang on it. */
import type { TinkerClient } from './client.ts'
import { anything, samplingSession, sessionCreated } from './wire.ts'

export interface Session {
  id: string
  /** The sampling session of published weights. */
  sampler(path: string): Promise<string>
  close(): void
}

/** Servers give up a session after minutes of silence. */
const HEARTBEAT_SECONDS = 10

export async function startSession(client: TinkerClient): Promise<Session> {
  const { session_id } = await client.request(
    'create_session',
    { tags: ['r1-ts'], sdk_version: '0.25.0', type: 'create_session' },
    sessionCreated,
  )
  // A beat that fails says nothing that the next request would not say better.
  const heart = setInterval(() => {
    client
      .request('session_heartbeat', { session_id, type: 'session_heartbeat' }, anything, {
        repeatable: false,
        timeoutSeconds: HEARTBEAT_SECONDS,
      })
      .catch(() => {})
  }, HEARTBEAT_SECONDS * 1000)
  heart.unref()
  let samplers = 0
  return {
    id: session_id,
    async sampler(path) {
      const body = {
        session_id,
        sampling_session_seq_id: samplers++,
        model_path: path,
        type: 'create_sampling_session',
      }
      return (await client.request('create_sampling_session', body, samplingSession)).sampling_session_id
    },
    close: () => clearInterval(heart),
  }
}
