// How much one caller may ask for. Counted in this process over one minute: generous for keys, because a merchant's
// whole shop is one key; strict where guessing or card testing is what a limit is for.
import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../kernel/errors.ts'

/** Requests per minute. */
export type RateLimits = {
  /** Of one key, user or session. */
  readonly perCredential: number
  /** Of one address, on routes that need no credentials. */
  readonly perAddress: number
  /** Notifications from one address: a gateway sends one or more for every payment. */
  readonly notificationsPerAddress: number
  /** Refused credentials from one address. */
  readonly refusedPerAddress: number
  readonly signInPerAddress: number
  /** Payment attempts of one session. */
  readonly attemptsPerSession: number
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  perCredential: 120_000,
  perAddress: 6_000,
  notificationsPerAddress: 120_000,
  refusedPerAddress: 120,
  signInPerAddress: 10,
  attemptsPerSession: 20,
}

/** Each counts one request. @throws AppError rate_limited with `retry_after_seconds` */
export type Limiters = Readonly<
  Record<
    'credential' | 'address' | 'notification' | 'refused' | 'signIn' | 'attempt',
    (request: FastifyRequest) => Promise<void>
  >
>

declare module 'fastify' {
  interface FastifyInstance {
    /** For surfaces that check credentials in a hook of their own. */
    limiters: Limiters
  }
}

export async function createLimiters(app: FastifyInstance, limits: RateLimits): Promise<Limiters> {
  await app.register(rateLimit, { global: false, cache: 20_000 })
  const byCredential = (request: FastifyRequest) => `${request.actor?.tenant.mode}:${request.actor?.id}`
  return {
    credential: limiter(app, limits.perCredential, byCredential),
    attempt: limiter(app, limits.attemptsPerSession, byCredential),
    address: limiter(app, limits.perAddress),
    notification: limiter(app, limits.notificationsPerAddress),
    refused: limiter(app, limits.refusedPerAddress),
    signIn: limiter(app, limits.signInPerAddress),
  }
}

function limiter(app: FastifyInstance, max: number, keyGenerator?: (request: FastifyRequest) => string) {
  const count = app.createRateLimit({
    max,
    timeWindow: 60_000,
    ...(keyGenerator === undefined ? {} : { keyGenerator }),
  })
  return async (request: FastifyRequest): Promise<void> => {
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    throw new AppError('rate_limited', { retry_after_seconds: Math.max(1, counted.ttlInSeconds) })
  }
}
