// For load balancers and monitoring. Alive means the process answers; ready means it can do its work. Metrics tell an
// outsider too much, so they are for this machine or for whoever has the operator's token.
import { isIP } from 'node:net'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../kernel/errors.ts'
import { equalInConstantTime } from '../kernel/secret.ts'
import type { Secret } from '../kernel/secret.ts'
import type { HttpMetrics } from './metrics.ts'

export type HealthOptions = { readiness(): Promise<readonly string[]>; readonly metricsToken?: Secret }

export function registerHealth(app: FastifyInstance, options: HealthOptions, metrics: HttpMetrics): void {
  app.get('/health/live', { config: { access: { kind: 'public' } } }, async () => ({ status: 'live' }))

  app.get('/health/ready', { config: { access: { kind: 'public' } } }, async () => {
    const problems = await options.readiness()
    if (problems.length > 0) throw new AppError('not_ready', { problem: problems.join(' ') })
    return { status: 'ready' }
  })

  app.get('/metrics', { config: { access: { kind: 'operator' } } }, async (request, reply) => {
    refuseStrangers(request, options.metricsToken)
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}

/** @throws AppError credentials_missing, credentials_invalid */
function refuseStrangers(request: FastifyRequest, token: Secret | undefined): void {
  const header = request.headers.authorization
  if (header !== undefined) {
    const given = header.replace(/^Bearer +/i, '')
    if (token !== undefined && equalInConstantTime(token.reveal(), given)) return
    throw new AppError('credentials_invalid')
  }
  if (!isLocal(request)) throw new AppError('credentials_missing')
}

// Behind a reverse proxy on the same machine everyone would look local; a proxy says so in these headers.
function isLocal(request: FastifyRequest): boolean {
  if (request.headers['x-forwarded-for'] !== undefined || request.headers['forwarded'] !== undefined) return false
  const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '')
  return isIP(address) !== 0 && (address === '::1' || address.startsWith('127.'))
}
