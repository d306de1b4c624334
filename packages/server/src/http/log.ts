// What the log may hold about an error: who was refused and why, and the inside of our own bugs. Fields are named one
// by one, because whole error and request objects carry headers, bodies and credentials.
import type { FastifyRequest } from 'fastify'
import type { AppError } from '../kernel/errors.ts'
import { actorName } from '../operations/deps.ts'
import type { Log } from '../operations/deps.ts'
import type { HttpMetrics } from './metrics.ts'

export function logError(log: Log, metrics: HttpMetrics, error: AppError, request: FastifyRequest): void {
  const route = request.routeOptions.url ?? 'none'
  // A request that never reached the router has no decorations.
  const actor = (request.actor as FastifyRequest['actor'] | undefined) ?? null
  const about = {
    request_id: request.id,
    method: request.method,
    route,
    code: error.code,
    actor: actor === null ? null : actorName(actor),
  }
  if (error.status >= 500) {
    if (error.code === 'internal_error') metrics.countInternalError(route)
    log.error({ ...about, internal: error.internal, stack: error.stack, cause: causeOf(error) }, 'The request failed.')
  } else if (error.status === 401 || error.status === 403 || error.status === 429) {
    metrics.countDenied(error.code)
    log.warn({ ...about, address: request.ip, details: error.details }, 'The request was denied.')
  }
}

function causeOf({ cause }: Error): object | undefined {
  if (!(cause instanceof Error)) return cause === undefined ? undefined : { value: typeof cause }
  const code = 'code' in cause ? String(cause.code) : undefined
  return { name: cause.name, message: cause.message, code, stack: cause.stack }
}
