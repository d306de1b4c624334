// The HTTP application, apart from listening: what holds for every surface. It stamps each response with a request id
// and security headers, decides access before a body is read, and words every error by the surface of its path. The
// root has no body parsers and no routes of its own but health; surfaces bring theirs.
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../kernel/errors.ts'
import type { Secret } from '../kernel/secret.ts'
import type { Deps } from '../operations/deps.ts'
import { authorize, requireDeclaredAccess } from './auth.ts'
import { allowOrigins } from './cors.ts'
import { registerDashboardSignIn } from './dashboard-sign-in.ts'
import { registerErrorPages } from './error-pages.ts'
import { registerHealth } from './health.ts'
import { logError } from './log.ts'
import { oldestUnlinkedSeconds } from '../operations/link-audit.ts'
import { createHttpMetrics } from './metrics.ts'
import type { HttpMetrics } from './metrics.ts'
import { registerNotifications } from './notifications.ts'
import { toAppError, wordProblem } from './problem.ts'
import { createLimiters, DEFAULT_RATE_LIMITS } from './rate-limits.ts'
import type { RateLimits } from './rate-limits.ts'
import { createRouteTable } from './route-table.ts'
import type { RouteTable } from './route-table.ts'
import { securityHeaders } from './security-headers.ts'
import { HEADER_LIMIT_BYTES, HEADERS_TIMEOUT_MS, hardenServer, REQUEST_TIMEOUT_MS } from './socket-errors.ts'
import { pathOf, surfaceOf } from './surfaces.ts'
import type { Surface } from './surfaces.ts'

export type HttpOptions = {
  /** Every surface but health, notifications and sign-in. main.ts takes them from dialects/registry.ts. */
  readonly surfaces: readonly Surface[]
  /** What keeps the server from taking requests now, in plain words; nothing when it is ready. */
  readiness(): Promise<readonly string[]>
  /** Opens /metrics to whoever has it; without, only this machine may read them. */
  readonly metricsToken?: Secret
  /** Live keys may exist: apps may then only be called from origins that are registered. */
  readonly live?: boolean
  readonly rateLimits?: Partial<RateLimits>
  /** Addresses (CIDR) whose X-Forwarded-For is believed. */
  readonly trustedProxies?: readonly string[]
}

export const BODY_LIMIT_BYTES = 64 * 1024

/** Not listening yet; `listen` is the caller's. `close` stops accepting, lets requests finish, then resolves. */
export async function buildApp(deps: Deps, options: HttpOptions): Promise<FastifyInstance> {
  const metrics = createHttpMetrics(() => oldestUnlinkedSeconds(deps))
  const surfaces = new Map(options.surfaces.map((surface) => [surface.name, surface]))
  const routes = createRouteTable()
  const answerError = errorAnswerer(deps, metrics, surfaces)
  const app = createInstance(deps, options, answerError)

  app.decorateRequest('actor', null)
  app.removeAllContentTypeParsers()
  requireDeclaredAccess(app)
  app.addHook('onRoute', (route) => routes.add(route.method, route.url))
  await app.register(cookie)
  const limiters = await createLimiters(app, { ...DEFAULT_RATE_LIMITS, ...options.rateLimits })
  app.decorate('limiters', limiters)

  app.addHook('onRequest', async (request, reply) => {
    stamp(deps, request, reply)
    allowOrigins(request, reply, options.live === true)
    // Node would answer this one by itself, without any of the above.
    if (request.headers.host === undefined) throw new AppError('http_malformed')
    if (request.is404) throw notFound(surfaces, routes, request)
    await authorize(deps, limiters, request)
    allowOrigins(request, reply, options.live === true)
  })
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', (_request, reply, payload, done) => {
    // Otherwise a client that keeps its connection would keep us from ending.
    if (closing) reply.header('connection', 'close')
    done(null, payload)
  })
  app.addHook('onResponse', async (request, reply) => {
    const route = request.is404 ? 'none' : (request.routeOptions.url ?? 'none')
    const labels = { surface: surfaceOf(route), route, method: request.method, status: reply.statusCode }
    metrics.observe(labels, reply.elapsedTime / 1_000)
  })
  app.setErrorHandler(answerError)
  app.setNotFoundHandler((request, reply) => answerError(notFound(surfaces, routes, request), request, reply))

  await app.register(async (scope) => registerHealth(scope, options, metrics))
  await app.register(async (scope) => registerErrorPages(scope, deps))
  await app.register(async (scope) => registerNotifications(scope, deps))
  await app.register(async (scope) => registerDashboardSignIn(scope, deps, limiters))
  for (const surface of options.surfaces) await app.register(async (scope) => surface.register(scope, deps))
  await app.ready()
  return app
}

type ErrorAnswerer = (error: unknown, request: FastifyRequest, reply: FastifyReply) => void

function createInstance(deps: Deps, options: HttpOptions, answerError: ErrorAnswerer): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // Longer than the idle time-out of common load balancers, so that they close first.
    keepAliveTimeout: 75_000,
    // Silence on a socket, a slow answer of ours included: above every deadline that a request may use up.
    connectionTimeout: 120_000,
    forceCloseConnections: 'idle',
    // A request that was accepted is answered, also while we shut down.
    return503OnClosing: false,
    requestIdHeader: false,
    genReqId: () => `req_${deps.randomness.bytes(16).toString('hex')}`,
    exposeHeadRoutes: false,
    trustProxy: options.trustedProxies === undefined ? false : [...options.trustedProxies],
    routerOptions: { maxParamLength: 512, caseSensitive: true, ignoreTrailingSlash: false },
    ajv: {
      customOptions: {
        coerceTypes: false,
        removeAdditional: false,
        useDefaults: false,
        allErrors: false,
        keywords: ['x-parameter'],
      },
    },
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      maxHeaderSize: HEADER_LIMIT_BYTES,
      connectionsCheckingInterval: 5_000,
      requireHostHeader: false,
    },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      stamp(deps, request, reply)
      answerError(error, request, reply)
    },
    clientErrorHandler: () => {},
  })
  hardenServer(app.server, deps)
  return app
}

function stamp(deps: Deps, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-request-id', request.id)
  reply.headers(securityHeaders(deps.publicUrl()))
}

function notFound(
  surfaces: ReadonlyMap<string, Surface>,
  routes: RouteTable,
  request: FastifyRequest,
): AppError & { allow?: string } {
  const path = pathOf(request.raw.url ?? '/')
  const surface = surfaces.get(surfaceOf(path))
  const allowed = routes.methodsOf(path)
  if (allowed.length === 0 || surface?.wrongMethod === 'route_not_found') return new AppError('route_not_found')
  return Object.assign(new AppError('method_not_allowed'), { allow: allowed.join(', ') })
}

function errorAnswerer(deps: Deps, metrics: HttpMetrics, surfaces: ReadonlyMap<string, Surface>): ErrorAnswerer {
  return (thrown, request, reply) => {
    const error = toAppError(thrown)
    const path = pathOf(request.raw.url ?? '/')
    logError(deps.log, metrics, error, request)
    const surface = surfaces.get(surfaceOf(path))
    const context = { requestId: request.id, method: request.method, path }
    const worded = surface?.wordError(error, context) ?? wordProblem(error, context)
    const wait = error.details['retry_after_seconds']
    if (typeof wait === 'number') reply.header('retry-after', String(wait))
    else if (error.status === 503) reply.header('retry-after', '1')
    if ('allow' in error && typeof error.allow === 'string') reply.header('allow', error.allow)
    if (worded.headers !== undefined) reply.headers(worded.headers)
    // As bytes: to text the framework would add a charset, and some clients compare the whole content type.
    reply.code(worded.status).header('content-type', worded.contentType).send(Buffer.from(worded.body))
  }
}
