// The encrypted twins under /v4: the same calls, in an envelope that proves who sent it. No Authorization header comes
// with them; the key that the envelope names says whose they are. Errors are answered in plain JSON.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { rawBodyOf } from '../../http/raw-body.ts'
import { AppError } from '../../kernel/errors.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { openMerchantKey } from '../../operations/signing-keys.ts'
import { fieldsOfJson, refuseCards } from './fields.ts'
import { openEnvelope, readEnvelope, sealAnswer } from './jwe.ts'
import { showOrder } from './orders.ts'
import { refundOrder } from './refunds.ts'
import { callOf, countingRefusals, isOfMerchant } from './route.ts'
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
        const { actor, keys, fields, isCompact } = await countingRefusals(app, request, () => open(deps, request))
        refuseCards(fields, cards)
        request.actor = actor
        await app.limiters.credential(request)
        const answer = await twin.handle(callOf(deps, request, reply, fields, { actor, session: null }))
        const sealed = await sealAnswer(JSON.stringify(answer), keys, isCompact)
        return reply.header('content-type', 'application/json').send(Buffer.from(sealed))
      },
    })
  }
}

async function open(deps: Deps, request: FastifyRequest) {
  const envelope = readEnvelope(rawBodyOf(request))
  const key = await openMerchantKey(deps, envelope.keyId)
  if (!isOfMerchant(request, key.tenant.merchantId)) throw new AppError('credentials_invalid')
  const keys = { keyId: envelope.keyId, theirPublicKey: key.publicKey, ownPrivateKey: key.ownPrivateKey }
  const fields = fieldsOfJson(await openEnvelope(envelope, keys))
  const about = { kind: 'key', id: envelope.keyId, requestId: request.id, scopes: SCOPES } as const
  const actor: Actor = { tenant: key.tenant, ...about }
  return { actor, keys, fields, isCompact: envelope.isCompact }
}
