// Signing in to the dashboard. The token travels only in a cookie that scripts cannot read and that no other site's
// page can make the browser send; the answer says who signed in and until when.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { SignIn } from '@purser/protocol'
import { AppError } from '../kernel/errors.ts'
import { signIn, signOut } from '../operations/authenticate.ts'
import type { Deps } from '../operations/deps.ts'
import { actorOf, isSameOrigin, SIGN_IN_COOKIE } from './auth.ts'
import { readJsonBody } from './json-body.ts'
import { useRawBodies } from './raw-body.ts'
import type { Limiters } from './rate-limits.ts'
import { checkShape } from './request-schema.ts'

const BODY_LIMIT_BYTES = 4 * 1024

export function registerDashboardSignIn(app: FastifyInstance, deps: Deps, limiters: Limiters): void {
  useRawBodies(app, BODY_LIMIT_BYTES)
  const cookieOptions = () => ({
    path: '/',
    httpOnly: true,
    sameSite: 'strict' as const,
    secure: deps.publicUrl().startsWith('https:'),
  })

  app.post('/dashboard/sign-in', { config: { access: { kind: 'public' } } }, async (request, reply) => {
    await limiters.signIn(request)
    refuseOtherSites(request)
    const body = checkShape(request, SignIn, readJsonBody(request)?.value)
    const { token, expiresAt, user } = await signIn(deps, body.email, body.password)
    return reply
      .setCookie(SIGN_IN_COOKIE, token, { ...cookieOptions(), expires: expiresAt })
      .send({ object: 'sign_in', user, expires_at: expiresAt.toISOString() })
  })

  app.post('/dashboard/sign-out', { config: { access: { kind: 'user' } } }, async (request, reply) => {
    const token = request.cookies[SIGN_IN_COOKIE]
    if (token !== undefined) await signOut(deps, actorOf(request), token)
    return reply.clearCookie(SIGN_IN_COOKIE, cookieOptions()).send({ object: 'sign_out' })
  })
}

// Another site could otherwise sign a visitor in as somebody else. Programs without a browser send none of this.
function refuseOtherSites(request: FastifyRequest): void {
  const isBrowser = request.headers['sec-fetch-site'] !== undefined || request.headers.origin !== undefined
  if (isBrowser && !isSameOrigin(request)) throw new AppError('origin_refused')
}
