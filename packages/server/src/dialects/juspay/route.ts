// One way to register a route of this API: it reads the fields, finds who asks, and hands both over. Every path is
// there twice, at the root and under /juspay. Access is checked here and not by http/auth.ts, because a client token
// may come in the body; so a body is read before its sender is known, up to the limit that holds for everybody.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../kernel/errors.ts'
import { CustomerId } from '../../kernel/ids.ts'
import { authenticate } from '../../operations/authenticate.ts'
import type { Actor, Deps, Scope } from '../../operations/deps.ts'
import { readSession } from '../../operations/read-session.ts'
import type { SessionView } from '../../operations/read-session.ts'
import { readFields, refuseCards, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import type { Place } from './order-object.ts'

export type Call = {
  readonly deps: Deps
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly actor: Actor
  /** Set when the caller is an app with a client token: it may see this order and no other. */
  readonly session: SessionView | null
  /** Set when the caller is an app with a customer's own token: it may see this customer and no other. */
  readonly customerId: CustomerId | null
  readonly fields: Fields
  readonly place: Place
  /** A piece of the path, decoded. */
  param(name: string): string
}

export type Who = {
  readonly key: Scope
  /** Whether an app with a client token of the order may call it, too. */
  readonly token?: true
  /** Whether an app with a customer's own token may call it, too. */
  readonly customer?: true
}

export type JuspayRoute = {
  readonly method: 'GET' | 'POST'
  readonly paths: readonly string[]
  readonly who: Who
  /** Fields that may hold a card number; the route deals with them. */
  readonly cards?: readonly string[]
  /** Answers 200 with this, unless it sent something itself. */
  handle(call: Call): Promise<unknown>
}

export function registerJuspayRoutes(app: FastifyInstance, deps: Deps, routes: readonly JuspayRoute[]): void {
  for (const route of routes) {
    for (const path of route.paths) {
      app.route({
        method: route.method,
        url: path,
        config: { access: { kind: 'dialect' } },
        handler: async (request, reply) => {
          const fields = readFields(request)
          refuseCards(fields, route.cards)
          const caller = await callerOf(app, deps, request, fields, route.who)
          const call = callOf(deps, request, reply, fields, caller)
          const answer = await route.handle(call)
          return reply.sent ? reply : sendJson(reply, answer)
        },
      })
    }
  }
}

export function sendJson(reply: FastifyReply, answer: unknown): FastifyReply {
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(answer)))
}

type Caller = {
  readonly actor: Actor
  readonly session: SessionView | null
  readonly customerId?: CustomerId | null
}

export function callOf(
  deps: Deps,
  request: FastifyRequest,
  reply: FastifyReply,
  fields: Fields,
  { actor, session, customerId = null }: Caller,
): Call {
  return {
    deps,
    request,
    reply,
    actor,
    session,
    customerId,
    fields,
    place: { merchantId: actor.tenant.merchantId, publicUrl: deps.publicUrl() },
    param: (name) => (request.params as Readonly<Record<string, string>>)[name] ?? '',
  }
}

async function callerOf(
  app: FastifyInstance,
  deps: Deps,
  request: FastifyRequest,
  fields: Fields,
  who: Who,
): Promise<Caller> {
  const token = request.headers.authorization === undefined ? textIn(fields, 'client_auth_token') : undefined
  const takesToken = who.token === true || who.customer === true
  const credential = token !== undefined && takesToken ? token : basicKey(request.headers.authorization)
  if (credential === undefined) throw new AppError('credentials_missing')
  const identity = await authenticate(deps, credential)
  const isExpected =
    token === undefined || !takesToken
      ? identity?.credential === 'secret_key'
      : (who.token === true && identity?.credential === 'client_token') ||
        (who.customer === true && identity?.credential === 'customer_token')
  if (identity === undefined || !isExpected || !isOfMerchant(request, identity.tenant.merchantId)) {
    await app.limiters.refused(request)
    throw new AppError('credentials_invalid')
  }
  const { credential: kind, ...rest } = identity
  const actor: Actor = { ...rest, requestId: request.id }
  request.actor = actor
  await app.limiters.credential(request)
  if (kind === 'customer_token') return { actor, session: null, customerId: CustomerId.parse(actor.id) }
  if (kind === 'secret_key') {
    if (!actor.scopes.includes(who.key)) throw new AppError('scope_missing', { scope: who.key })
    return { actor, session: null }
  }
  const session = await readSession(deps, actor)
  // Our tokens can be read with for a while after that; here their life is part of the API.
  if (session.session.status === 'expired') throw new AppError('session_not_open', { status: 'expired' })
  return { actor, session }
}

/** Whoever signs wrongly again and again is slowed down, like whoever guesses keys. */
export async function countingRefusals<T>(
  app: FastifyInstance,
  request: FastifyRequest,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const isRefusal = error instanceof AppError && REFUSALS.includes(error.code)
    if (isRefusal) await app.limiters.refused(request)
    throw error
  }
}

const REFUSALS: readonly string[] = ['signature_invalid', 'credentials_invalid']

/** `base64(key:)`, and also `base64(key)`: a published client leaves the colon out. */
export function basicKey(header: string | undefined): string | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/_=-]{1,1024})$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return undefined
  return Buffer.from(encoded, 'base64').toString('utf8').split(':')[0]
}

/** Both spellings of the header are in use; none at all is fine, the key says it. */
export function isOfMerchant(request: FastifyRequest, merchantId: string): boolean {
  const named = [request.headers['x-merchantid'], request.headers['x-merchant-id']]
  return named.every((name) => name === undefined || name === merchantId)
}

/** The response contract that was asked for: a header, or a query of the same name. */
export function versionOf({ request, fields }: Call): string {
  const header = request.headers['version']
  return (typeof header === 'string' ? header : textIn(fields, 'version')) ?? ''
}
