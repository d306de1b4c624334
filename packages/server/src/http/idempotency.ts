// The HTTP side of "same key, one effect" (operations/idempotent.ts): which requests are the same one. Two bodies that
// differ only in spacing or in the order of their keys are one request; anything else under the same key is refused.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { findCardNumber } from '../kernel/card-tripwire.ts'
import { AppError } from '../kernel/errors.ts'
import { sha256 } from '../kernel/hmac.ts'
import type { Answer, Claim } from '../operations/idempotent.ts'

/** @throws AppError idempotency_key_missing, idempotency_key_invalid, card_number_refused */
export function claimOf(request: FastifyRequest, body: unknown): Claim {
  const key = request.headers['idempotency-key']
  if (key === undefined) throw new AppError('idempotency_key_missing')
  if (typeof key !== 'string' || !/^[!-~]([ -~]{0,253}[!-~])?$/.test(key)) throw new AppError('idempotency_key_invalid')
  // It is kept for a month, so it is no place for a card number either.
  if (findCardNumber(key)) throw new AppError('card_number_refused', { field: 'Idempotency-Key' })
  // Each payer has keys of their own: two apps may well count their attempts alike.
  const payer = request.actor?.kind === 'session' ? `#${request.actor.id}` : ''
  const route = `${request.method} ${request.routeOptions.url ?? ''}${payer}`
  return { route, key, fingerprint: sha256(canonical([route, request.params, body])) }
}

/** Sends exactly the bytes that were stored. */
export function sendAnswer(reply: FastifyReply, { status, body, replayed }: Answer): FastifyReply {
  if (replayed) reply.header('idempotency-replayed', 'true')
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}

/** JSON with sorted keys: equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item
    return Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
