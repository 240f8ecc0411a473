/** What Prometheus is told at /metrics. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** A model's load, read when it is asked for. */
interface Load {
  id: string
  gate: { running: number; waiting: number }
}

export interface ServerMetrics {
  request(route: string, status: number, seconds: number): void
  tokens(model: string, kind: 'prompt' | 'completion', count: number): void
  /** Seconds from a request's arrival, its time in the queue included. */
  firstToken(model: string, seconds: number): void
  readonly contentType: string
  text(): Promise<string>
}

const SECONDS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300]

export function createMetrics(models: readonly Load[]): ServerMetrics {
  const registry = new Registry()
  const registers = [registry]
  // Memory, processor time and the event loop's delay among others.
  collectDefaultMetrics({ register: registry })
  const requests = new Counter({
    name: 'r1_requests_total',
    help: 'Requests answered.',
    labelNames: ['route', 'status'],
    registers,
  })
  const duration = new Histogram({
    name: 'r1_request_seconds',
    help: 'Time from a request to the end of its response.',
    labelNames: ['route'],
    buckets: SECONDS,
    registers,
  })
  const tokens = new Counter({
    name: 'r1_tokens_total',
    help: 'Tokens read and written.',
    labelNames: ['model', 'kind'],
    registers,
  })
  const firstToken = new Histogram({
    name: 'r1_first_token_seconds',
    help: 'Time from a request to its first token.',
    labelNames: ['model'],
    buckets: SECONDS,
    registers,
  })
  for (const [name, help] of [
    ['running', 'Responses being sampled.'],
    ['waiting', 'Requests in the queue.'],
  ] as const)
    new Gauge({
      name: `r1_${name}`,
      help,
      labelNames: ['model'],
      registers,
      collect() {
        for (const { id, gate } of models) this.set({ model: id }, gate[name])
      },
    })
  return {
    request(route, status, seconds) {
      requests.inc({ route, status })
      duration.observe({ route }, seconds)
    },
    tokens: (model, kind, count) => tokens.inc({ model, kind }, count),
    firstToken: (model, seconds) => firstToken.observe({ model }, seconds),
    contentType: registry.contentType,
    text: () => registry.metrics(),
  }
}
