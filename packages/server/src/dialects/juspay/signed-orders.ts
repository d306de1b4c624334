// An order made or taken up by a signature: what an app's SDK sends on behalf of the merchant. Signed by us, the order
// is there already and nothing is made. Signed by the merchant with a key that it registered, the first use makes the
// order and every later one finds it.
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../kernel/errors.ts'
import { MerchantId, MODES } from '../../kernel/ids.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { openSession } from '../../operations/open-session.ts'
import { getOrder } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { isSignedBy, takePayload } from '../../operations/sign-payload.ts'
import { openMerchantKey } from '../../operations/signing-keys.ts'
import { fieldsOfJson, readFields, refuseCards, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { missingFields } from './errors.ts'
import { orderHead } from './order-object.ts'
import { callOf, countingRefusals, sendJson } from './route.ts'
import type { Call } from './route.ts'
import { makeOrTakeUp } from './same-order.ts'
import { dateText, orderStatus } from './words.ts'

type Signed = { readonly text: string; readonly signature: string; readonly keyId: string }

const DAY_MS = 86_400_000

export function registerSignedOrders(app: FastifyInstance, deps: Deps): void {
  app.post('/v2/orders', { config: { access: { kind: 'public' } } }, async (request, reply) => {
    await app.limiters.address(request)
    const signed = signedPart(readFields(request))
    const inside = fieldsOfJson(signed.text)
    refuseCards(inside)
    const about = { kind: 'job', id: 'signed-order', requestId: request.id, scopes: [] } as const
    const actorOf = (tenant: Actor['tenant']): Actor => ({ tenant, ...about })
    const call = (actor: Actor) => callOf(deps, request, reply, inside, { actor, session: null })
    const found = await countingRefusals(app, request, () =>
      signed.keyId.startsWith('sgk_')
        ? takeOurs(deps, inside, signed, actorOf)
        : takeTheirs(deps, signed, (tenant) => call(actorOf(tenant))),
    )
    return sendJson(reply, await answer(call(found.actor), found.view))
  })
}

function signedPart(fields: Fields): Signed {
  const first = (...names: readonly string[]) => names.map((name) => textIn(fields, name)).find((text) => text)
  const text = first('signature_payload', 'order_details', 'signaturePayload', 'orderDetails')
  const signature = first('signature')
  const keyId = first('merchant_key_id', 'merchantKeyId')
  if (text === undefined || signature === undefined || keyId === undefined) {
    throw missingFields('signature_payload', 'signature', 'merchant_key_id')
  }
  return { text, signature, keyId }
}

type Found = { readonly actor: Actor; readonly view: OrderView }

async function takeOurs(
  deps: Deps,
  inside: Fields,
  { keyId, ...signed }: Signed,
  actorOf: (tenant: Actor['tenant']) => Actor,
): Promise<Found> {
  const merchantId = textIn(inside, 'merchant_id') ?? ''
  if (!MerchantId.is(merchantId)) throw new AppError('signature_invalid')
  const given = { ...signed, keyId, id: textIn(inside, 'payload_id') ?? '' }
  for (const mode of MODES) {
    const actor = actorOf({ merchantId, mode })
    const payload = await takePayload(deps, actor, given).catch(noneIfUnknown)
    if (payload === undefined) continue
    if (payload.order === null) throw new AppError('signature_invalid')
    return { actor, view: await getOrder(deps, actor, payload.order.id) }
  }
  throw new AppError('signature_invalid')
}

// The key is of one mode; in the other nobody knows it.
function noneIfUnknown(error: unknown): undefined {
  if (error instanceof AppError && ['signature_invalid', 'credentials_invalid'].includes(error.code)) return undefined
  throw error
}

async function takeTheirs(deps: Deps, signed: Signed, callOfTenant: (tenant: Actor['tenant']) => Call): Promise<Found> {
  const key = await openMerchantKey(deps, signed.keyId)
  if (!(await isSignedBy(signed.text, signed.signature, key.publicKey))) throw new AppError('signature_invalid')
  const call = callOfTenant(key.tenant)
  if (textIn(call.fields, 'merchant_id') !== key.tenant.merchantId) throw new AppError('signature_invalid')
  assertRecent(deps, textIn(call.fields, 'timestamp') ?? '')
  // The same signature again finds its order; another amount under its name is another order, and refused.
  const { view } = await makeOrTakeUp(call, call.fields, { amount: false })
  return { actor: call.actor, view }
}

/** Seconds or milliseconds, within a day of now. */
function assertRecent(deps: Deps, text: string): void {
  const digits = /^(?:\d{10}|\d{13})$/.exec(text)?.[0]
  const at = Number.parseInt(digits ?? '0', 10) * (text.length === 10 ? 1_000 : 1)
  const isRecent = Math.abs(deps.clock.now().getTime() - at) <= DAY_MS
  if (!isRecent) throw new AppError('signature_invalid', { field: 'timestamp', reason: 'is not of today' })
}

async function answer(call: Call, view: OrderView): Promise<unknown> {
  const head = orderHead(view, call.place)
  if (orderStatus(view) !== 'NEW') return head
  const { clientToken, session } = await openSession(call.deps, call.actor, { orderId: view.order.id })
  const juspay = { client_auth_token: clientToken, client_auth_token_expiry: dateText(session.expiresAt) }
  return { ...head, juspay }
}
