// Who may call which route, decided before a byte of the body is read. Every route declares its access; one without
// does not start. A secret key comes in the Authorization header, a signed-in user of the dashboard by cookie, and a
// cookie is sent by the browser whoever asked for it: writes by cookie also need proof that our own page asked.
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import { AppError, invariant } from '../kernel/errors.ts'
import { authenticate } from '../operations/authenticate.ts'
import type { Identity } from '../operations/authenticate.ts'
import type { Actor, Deps, Scope } from '../operations/deps.ts'
import type { Limiters } from './rate-limits.ts'

export type Access =
  /** Nobody in particular: health, public keys, sign-in. Limited by address. */
  | { readonly kind: 'public' }
  /** A secret key with this scope, or a signed-in user with it. */
  | { readonly kind: 'merchant'; readonly scope: Scope }
  /** A signed-in user, whatever the role. */
  | { readonly kind: 'user' }
  /** The app or page that holds a session's client token. `attempt` routes are limited per session. */
  | { readonly kind: 'session'; readonly attempt?: true }
  /** A gateway: its connector checks the signature over the raw bytes. */
  | { readonly kind: 'gateway' }
  /** Local, or with the operator's token; the route checks. */
  | { readonly kind: 'operator' }
  /** A dialect that has an authentication of its own, in a hook of its own. */
  | { readonly kind: 'dialect' }

declare module 'fastify' {
  interface FastifyContextConfig {
    access?: Access
  }
  interface FastifyRequest {
    actor: Actor | null
  }
}

export const SIGN_IN_COOKIE = 'purser_sign_in'

/** The actor of a request whose route is not public. */
export function actorOf(request: FastifyRequest): Actor {
  invariant(request.actor !== null, 'A route that needs an actor has one.')
  return request.actor
}

/** Default deny: a route without declared access ends the start. Looked at last: surfaces may declare for theirs. */
export function requireDeclaredAccess(app: FastifyInstance): void {
  const routes: RouteOptions[] = []
  app.addHook('onRoute', (route) => void routes.push(route))
  app.addHook('onReady', async () => {
    for (const route of routes) {
      invariant(route.config?.access !== undefined, `${String(route.method)} ${route.url} declares its access.`)
    }
  })
}

/** Sets `request.actor`. @throws AppError credentials_missing, credentials_invalid, scope_missing, origin_refused */
export async function authorize(deps: Deps, limiters: Limiters, request: FastifyRequest): Promise<void> {
  const access = request.routeOptions.config.access
  invariant(access !== undefined, 'The route declares its access.')
  switch (access.kind) {
    case 'public':
      return limiters.address(request)
    case 'gateway':
      return limiters.notification(request)
    case 'operator':
    case 'dialect':
      return
    case 'merchant':
      await identify(deps, limiters, request, merchantCredential(request))
      requireScope(actorOf(request), access.scope)
      break
    case 'user':
      await identify(deps, limiters, request, cookieCredential(request))
      break
    case 'session':
      await identify(deps, limiters, request, { token: bearerToken(request), accepts: ['client_token'] })
      requireScope(actorOf(request), 'session')
      if (access.attempt === true) await limiters.attempt(request)
      break
  }
  await limiters.credential(request)
}

type Presented = { readonly token: string | undefined; readonly accepts: readonly Identity['credential'][] }

async function identify(
  deps: Deps,
  limiters: Limiters,
  request: FastifyRequest,
  { token, accepts }: Presented,
): Promise<void> {
  if (token === undefined) throw new AppError('credentials_missing')
  const identity = await authenticate(deps, token)
  if (identity === undefined || !accepts.includes(identity.credential)) {
    await limiters.refused(request)
    throw new AppError('credentials_invalid')
  }
  const { credential: _, ...actor } = identity
  request.actor = { ...actor, requestId: request.id }
}

function requireScope(actor: Actor, scope: Scope): void {
  if (!actor.scopes.includes(scope)) throw new AppError('scope_missing', { scope })
}

function merchantCredential(request: FastifyRequest): Presented {
  if (request.headers.authorization === undefined && request.cookies[SIGN_IN_COOKIE] !== undefined) {
    return cookieCredential(request)
  }
  // A publishable key is known, and lacks every scope that a merchant's route asks for.
  return { token: bearerToken(request), accepts: ['secret_key', 'publishable_key'] }
}

function cookieCredential(request: FastifyRequest): Presented {
  const isWrite = request.method !== 'GET'
  if (isWrite && (request.headers['x-purser-csrf'] !== '1' || !isSameOrigin(request))) {
    throw new AppError('origin_refused')
  }
  return { token: request.cookies[SIGN_IN_COOKIE], accepts: ['sign_in'] }
}

/** Undefined when there is no Authorization header; empty, and so nobody's, when it is of another scheme. */
function bearerToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization
  if (header === undefined) return undefined
  return /^Bearer +([!-~]{1,512})$/i.exec(header)?.[1] ?? ''
}

/**
 * Whether a browser says that our own page sent this. Browsers leave Sec-Fetch-Site out over plain http to another
 * machine; there the Origin, which they send with every write, has to be our own.
 */
export function isSameOrigin(request: FastifyRequest): boolean {
  const site = request.headers['sec-fetch-site']
  if (site !== undefined) return site === 'same-origin'
  const { origin, host } = request.headers
  return origin !== undefined && host !== undefined && origin.replace(/^https?:\/\//, '') === host
}
