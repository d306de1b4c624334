// Signed payloads for an app: what it initiates its SDK with, and what it pays an order with. Everything in them comes
// from the server. Who may have which: a secret key any; a customer's token that customer and no other; a client token
// its own order; a publishable key alone a guest's, and with a client token that token's order.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../kernel/errors.ts'
import { CustomerId, OrderId } from '../../kernel/ids.ts'
import { formatDecimal } from '../../kernel/money.ts'
import { authenticate } from '../../operations/authenticate.ts'
import type { Identity } from '../../operations/authenticate.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { findOrderByReference, getOrder } from '../../operations/queries.ts'
import { readSession } from '../../operations/read-session.ts'
import { signPayload } from '../../operations/sign-payload.ts'
import type { SignedText } from '../../operations/sign-payload.ts'
import { getCustomer, upsertCustomer } from '../../operations/upsert-customer.ts'
import type { Customer } from '../../domain/customer/customer.ts'
import type { Order } from '../../domain/order/order.ts'
import { defined } from '../contract/defined.ts'
import { customerDetails, customerName } from './customers.ts'
import { readFields, refuseCards, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { customerNameOf } from './order-customer.ts'
import { orderReference } from './order-fields.ts'
import { basicKey, sendJson } from './route.ts'

const SERVICE = 'in.juspay.hyperpay'
const CREDENTIALS: readonly Identity['credential'][] = [
  'secret_key',
  'publishable_key',
  'client_token',
  'customer_token',
]

type Asked = {
  readonly deps: Deps
  readonly actor: Actor
  readonly credential: Identity['credential']
  readonly fields: Fields
}

export function registerPayloads(app: FastifyInstance, deps: Deps): void {
  for (const prefix of ['/sdk/v1', '/v1']) {
    for (const [name, make] of [
      ['initiate-payloads', initiate],
      ['process-payloads', processPayload],
    ] as const) {
      app.post(`${prefix}/${name}`, { config: { access: { kind: 'dialect' } } }, async (request, reply) => {
        const fields = readFields(request)
        refuseCards(fields)
        return sendJson(reply.code(201), await make(await askedOf(app, deps, request, fields)))
      })
    }
  }
}

async function askedOf(app: FastifyInstance, deps: Deps, request: FastifyRequest, fields: Fields): Promise<Asked> {
  const header = request.headers.authorization
  const token = /^Bearer +([!-~]{1,512})$/i.exec(header ?? '')?.[1] ?? basicKey(header)
  if (token === undefined) throw new AppError('credentials_missing')
  const identity = await authenticate(deps, token)
  if (identity === undefined || !CREDENTIALS.includes(identity.credential)) {
    await app.limiters.refused(request)
    throw new AppError('credentials_invalid')
  }
  const { credential, ...rest } = identity
  const actor = { ...rest, requestId: request.id }
  request.actor = actor
  await app.limiters.credential(request)
  return { deps, actor, credential, fields }
}

async function initiate(asked: Asked): Promise<unknown> {
  const customer = await customerFor(asked)
  const signed = await signPayload(asked.deps, asked.actor, {
    customerId: customer?.id ?? null,
    compose: ({ id, at, expiresAt }) =>
      JSON.stringify(
        defined({
          merchant_id: asked.actor.tenant.merchantId,
          customer_id: referenceOf(customer),
          mobile_number: customer?.phone ?? undefined,
          email_address: customer?.email ?? undefined,
          first_name: customer?.givenName ?? undefined,
          last_name: customer?.familyName ?? undefined,
          ...lifeOf(id, at, expiresAt),
        }),
      ),
  })
  return envelope(asked, signed, {
    action: 'initiate',
    ...(customer === undefined ? {} : { customerId: referenceOf(customer) }),
    signaturePayload: signed.text,
  })
}

async function processPayload(asked: Asked): Promise<unknown> {
  const order = await orderFor(asked)
  const amount = formatDecimal(order.amount)
  const owner = order.customerId
  const customer = owner === null ? {} : { customer: await getCustomer(asked.deps, asked.actor, { id: owner }) }
  const customerId = customerNameOf({ order, ...customer }) ?? undefined
  const contact = defined({ email: order.payer.email ?? undefined, phone: order.payer.phone ?? undefined })
  const signed = await signPayload(asked.deps, asked.actor, {
    customerId: order.customerId,
    order,
    compose: ({ id, at, expiresAt }) =>
      JSON.stringify(
        defined({
          order_id: order.reference,
          amount,
          currency: order.amount.currency,
          merchant_id: asked.actor.tenant.merchantId,
          customer_id: customerId,
          customer_email: contact.email,
          customer_phone: contact.phone,
          description: order.description === '' ? undefined : order.description,
          return_url: order.returnUrl ?? undefined,
          ...lifeOf(id, at, expiresAt),
        }),
      ),
  })
  return envelope(asked, signed, {
    action: 'paymentPage',
    orderId: order.reference,
    amount,
    ...defined({ customerId, customerEmail: contact.email, customerMobile: contact.phone }),
    orderDetails: signed.text,
  })
}

const lifeOf = (id: string, at: Date, expiresAt: Date) => ({
  timestamp: String(at.getTime()),
  payload_id: id,
  expires_at: expiresAt.toISOString(),
})

function envelope({ deps, actor, fields }: Asked, signed: SignedText, payload: object): unknown {
  return {
    requestId: deps.randomness.bytes(16).toString('hex'),
    service: SERVICE,
    payload: {
      ...payload,
      merchantId: actor.tenant.merchantId,
      clientId: textIn(fields, 'client_id') ?? actor.tenant.merchantId,
      environment: actor.tenant.mode === 'test' ? 'sandbox' : 'production',
      merchantKeyId: signed.keyId,
      signature: signed.signature,
    },
  }
}

const referenceOf = (customer: Customer | undefined) => customer?.reference ?? customer?.id

async function customerFor({ deps, actor, credential, fields }: Asked): Promise<Customer | undefined> {
  const named = textIn(fields, 'customer_id')
  const own = credential === 'customer_token' ? CustomerId.parse(actor.id) : await ownCustomer(deps, fields, actor)
  if (own !== undefined) {
    const customer = await getCustomer(deps, actor, { id: own })
    const name = named === undefined ? undefined : customerName(named)
    const isOther = name !== undefined && ('id' in name ? name.id !== own : name.reference !== customer.reference)
    if (isOther) throw new AppError('customer_not_found')
    return customer
  }
  if (named === undefined) return undefined
  if (credential !== 'secret_key') throw new AppError('scope_missing', { scope: 'orders' })
  const name = customerName(named)
  if ('id' in name) return getCustomer(deps, actor, name)
  return upsertCustomer(deps, actor, { ...name, details: customerDetails(fields), whenThere: 'keep' })
}

/** A publishable key together with a customer's token. */
async function ownCustomer(deps: Deps, fields: Fields, actor: Actor): Promise<CustomerId | undefined> {
  const token = textIn(fields, 'customer_token')
  if (token === undefined) return undefined
  const identity = await authenticate(deps, token)
  const same = identity?.tenant.merchantId === actor.tenant.merchantId && identity.tenant.mode === actor.tenant.mode
  if (identity?.credential !== 'customer_token' || !same) throw new AppError('credentials_invalid')
  return CustomerId.parse(identity.id)
}

async function orderFor({ deps, actor, credential, fields }: Asked): Promise<Order> {
  const named = textIn(fields, 'order_id')
  if (credential === 'secret_key') {
    if (named === undefined) throw new AppError('request_malformed', { field: 'order_id', reason: 'is missing' })
    if (OrderId.is(named)) return (await getOrder(deps, actor, named)).order
    return (await findOrderByReference(deps, actor, orderReference(named))).order
  }
  const holder = credential === 'client_token' ? actor : await tokenHolder(deps, fields, actor)
  const { order, session } = await readSession(deps, holder)
  if (session.status === 'expired') throw new AppError('session_not_open', { status: 'expired' })
  const isOwn = named === undefined || named === order.id || named.toLowerCase() === order.reference.toLowerCase()
  if (!isOwn) throw new AppError('order_not_found')
  return order
}

async function tokenHolder(deps: Deps, fields: Fields, actor: Actor): Promise<Actor> {
  const token = textIn(fields, 'client_token')
  if (token === undefined) throw new AppError('scope_missing', { scope: 'session' })
  const identity = await authenticate(deps, token)
  const same = identity?.tenant.merchantId === actor.tenant.merchantId && identity.tenant.mode === actor.tenant.mode
  if (identity?.credential !== 'client_token' || !same) throw new AppError('order_not_found')
  const { credential: _, ...holder } = identity
  return { ...holder, requestId: actor.requestId }
}
