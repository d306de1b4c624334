// What an operator's monitoring reads at /metrics. Routes are labelled by their pattern, never by what a client sent,
// so a scanner cannot grow the number of series.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

export type HttpMetrics = {
  readonly registry: Registry
  observe(labels: { surface: string; route: string; method: string; status: number }, seconds: number): void
  /** Every 500 is our bug: a suite that sees this above zero fails. */
  countInternalError(route: string): void
  countDenied(code: string): void
}

/** `oldestUnlinkedSeconds` is asked each time that somebody reads the metrics. */
export function createHttpMetrics(oldestUnlinkedSeconds: () => Promise<number>): HttpMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const duration = new Histogram({
    name: 'purser_http_request_seconds',
    help: 'Time from the first byte of a request to the last of its answer.',
    labelNames: ['surface', 'route', 'method', 'status'],
    buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    registers: [registry],
  })
  const internalErrors = new Counter({
    name: 'purser_internal_errors_total',
    help: 'Answers that were our own bug.',
    labelNames: ['route'],
    registers: [registry],
  })
  registry.registerMetric(
    new Gauge({
      name: 'purser_audit_unlinked_seconds',
      help: 'Age of the oldest audit row that the chain does not hold yet. Over 60 is an alarm.',
      registers: [],
      async collect() {
        this.set(await oldestUnlinkedSeconds())
      },
    }),
  )
  const denied = new Counter({
    name: 'purser_denied_total',
    help: 'Requests refused for who sent them, or for how many.',
    labelNames: ['code'],
    registers: [registry],
  })
  return {
    registry,
    observe: ({ surface, route, method, status }, seconds) =>
      duration.labels(surface, route, method, String(status)).observe(seconds),
    countInternalError: (route) => internalErrors.labels(route).inc(),
    countDenied: (code) => denied.labels(code).inc(),
  }
}
