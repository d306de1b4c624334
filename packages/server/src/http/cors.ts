// Cross-origin calls: only an app in a browser needs them, so only the SDK's API and the assets allow them, and never
// with credentials. In test mode any origin may call; in live mode none may until origins can be registered.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { pathOf } from './surfaces.ts'

const OPEN_PATHS = /^\/(?:sdk\/v1|assets)(?:\/|$)/

/**
 * Called before anyone is known and again after: a preflight and a refusal carry no secret and may always be read
 * while no live keys exist; with live keys, an answer to a live session may not.
 */
export function allowOrigins(request: FastifyRequest, reply: FastifyReply, live: boolean): void {
  if (request.headers.origin === undefined || !OPEN_PATHS.test(pathOf(request.raw.url ?? '/'))) return
  if (request.actor?.tenant.mode === 'live') {
    reply.removeHeader('access-control-allow-origin')
    return
  }
  if (live && request.actor === null && request.method !== 'OPTIONS') return
  reply.header('access-control-allow-origin', '*')
  reply.header('access-control-expose-headers', 'x-request-id, retry-after, idempotency-replayed')
  reply.header('cross-origin-resource-policy', 'cross-origin')
}

/** The answer to a browser that asks before it sends. */
export function answerPreflight(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply
    .headers({
      'access-control-allow-methods': 'GET, POST, DELETE',
      'access-control-allow-headers': 'authorization, content-type, idempotency-key',
      'access-control-max-age': '600',
    })
    .code(204)
    .send()
}
