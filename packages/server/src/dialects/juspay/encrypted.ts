// The encrypted twins under /v4: the same calls, in an envelope that proves who sent it. No Authorization header comes
// with them; the key that the envelope names says whose they are. Errors are answered in plain JSON.
import type { FastifyInstance } from 'fastify'
import { rawBodyOf } from '../../http/raw-body.ts'
import { AppError } from '../../kernel/errors.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { openMerchantKey } from '../../operations/signing-keys.ts'
import { fieldsOfJson, refuseCards } from './fields.ts'
import { openEnvelope, readEnvelope, sealAnswer } from './jwe.ts'
import { showOrder } from './orders.ts'
import { refundOrder } from './refunds.ts'
import { callOf, isOfMerchant } from './route.ts'
import type { Call } from './route.ts'
import { createSession } from './session.ts'
import { CARD_FIELDS, createTxn } from './txns.ts'

type Twin = { readonly method: 'GET' | 'POST'; readonly path: string; handle(call: Call): Promise<unknown> }

const TWINS: readonly (Twin & { readonly cards?: readonly string[] })[] = [
  { method: 'POST', path: '/v4/order-status', handle: showOrder },
  { method: 'GET', path: '/v4/order-status', handle: showOrder },
  { method: 'POST', path: '/v4/orders/:order_id/refunds', handle: refundOrder },
  { method: 'POST', path: '/v4/session', handle: createSession },
  { method: 'POST', path: '/v4/txns', cards: CARD_FIELDS, handle: createTxn },
]

const SCOPES: Actor['scopes'] = ['read', 'orders', 'payments', 'refunds']

export function registerEncrypted(app: FastifyInstance, deps: Deps): void {
  for (const { method, path, cards, ...twin } of TWINS) {
    app.route({
      method,
      url: path,
      config: { access: { kind: 'dialect' } },
      handler: async (request, reply) => {
        await app.limiters.address(request)
        const envelope = readEnvelope(rawBodyOf(request))
        const key = await openMerchantKey(deps, envelope.keyId)
        if (!isOfMerchant(request, key.tenant.merchantId)) throw new AppError('credentials_invalid')
        const keys = { keyId: envelope.keyId, theirPublicKey: key.publicKey, ownPrivateKey: key.ownPrivateKey }
        const fields = fieldsOfJson(await openEnvelope(envelope, keys))
        refuseCards(fields, cards)
        const { tenant } = key
        const actor: Actor = { tenant, kind: 'key', id: envelope.keyId, requestId: request.id, scopes: SCOPES }
        request.actor = actor
        const answer = await twin.handle(callOf(deps, request, reply, fields, { actor, session: null }))
        const sealed = await sealAnswer(JSON.stringify(answer), keys, envelope.isCompact)
        return reply.header('content-type', 'application/json').send(Buffer.from(sealed))
      },
    })
  }
}
