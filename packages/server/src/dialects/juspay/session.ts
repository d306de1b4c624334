// The session flow: one call makes the order, or takes up the one that is there, and answers what an app starts with.
// Nothing in sdk_payload is signed; its client token is what grants.
import { AppError } from '../../kernel/errors.ts'
import { equals } from '../../kernel/money.ts'
import { openSession } from '../../operations/open-session.ts'
import { updateOrder } from '../../operations/update-order.ts'
import type { Order } from '../../domain/order/order.ts'
import { defined } from '../contract/defined.ts'
import { amountOf, amountText } from './amounts.ts'
import { missingFields } from './errors.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { detailsIn } from './order-fields.ts'
import type { Call, JuspayRoute } from './route.ts'
import { makeOrTakeUp } from './same-order.ts'
import { dateText, orderStatus } from './words.ts'

const SERVICE = 'in.juspay.hyperpay'

export async function createSession(call: Call): Promise<unknown> {
  const { deps, actor, fields } = call
  if (textIn(fields, 'payment_page_client_id') === undefined) throw missingFields('payment_page_client_id')
  const order = await orderOfSession(call)
  const opened = await openSession(deps, actor, { orderId: order.id, ...returnAddress(call, order) })
  const expiry = dateText(opened.session.expiresAt)
  const { payload, requestId } = {
    payload: payloadOf(call, order, opened.clientToken, expiry),
    requestId: deps.randomness.bytes(16).toString('hex'),
  }
  return {
    status: 'NEW',
    id: order.id,
    order_id: order.reference,
    payment_links: { web: opened.url, expiry, deep_link: null },
    sdk_payload: { requestId, service: SERVICE, payload, expiry, currTime: dateText(deps.clock.now()) },
    ...(order.expiresAt === null ? {} : { order_expiry: dateText(order.expiresAt) }),
  }
}

// The page sends the payer to us first, so that what the merchant gets is signed.
function returnAddress({ actor, place }: Call, order: Order): { returnUrl?: string } {
  if (order.returnUrl === null) return {}
  return { returnUrl: `${place.publicUrl}/v2/pay/finish/${actor.tenant.merchantId}/order/${order.id}` }
}

async function orderOfSession(call: Call): Promise<Order> {
  const { isMade, view } = await makeOrTakeUp(call, call.fields, { amount: true })
  if (isMade) return view.order
  if (orderStatus(view) === 'CHARGED') throw new AppError('order_not_payable', { status: view.order.status })
  const details = detailsIn(call.fields)
  const amount = amountOf(call.fields, 'amount', view.order.amount.currency)
  const changes = defined({
    ...details,
    amount: amount === undefined || equals(view.order.amount, amount) ? undefined : amount,
    metadata: details.metadata === undefined ? undefined : { ...view.order.metadata, ...details.metadata },
  })
  if (Object.keys(changes).length === 0) return view.order
  return updateOrder(call.deps, call.actor, { orderId: view.order.id, ...changes })
}

const NOT_ECHOED = new Set(['payment_page_client_id', 'amount', 'currency', 'action', 'service', 'client_auth_token'])

function payloadOf(call: Call, order: Order, clientToken: string, expiry: string) {
  return {
    clientId: textIn(call.fields, 'payment_page_client_id'),
    merchantId: call.actor.tenant.merchantId,
    amount: amountText(order.amount),
    currency: order.amount.currency,
    clientAuthToken: clientToken,
    clientAuthTokenExpiry: expiry,
    environment: call.actor.tenant.mode === 'test' ? 'sandbox' : 'production',
    action: textIn(call.fields, 'action') ?? 'paymentPage',
    ...echo(call.fields),
    service: SERVICE,
    collectAvsInfo: false,
  }
}

/** Every field of the request under its camel-cased name, with its value as it came. */
function echo(fields: Fields): Readonly<Record<string, unknown>> {
  const kept = [...fields].filter(([name]) => !NOT_ECHOED.has(name))
  return Object.fromEntries(kept.map(([name, { as = name, value }]) => [camelCase(as), value]))
}

/** Segment by segment: `mandate.max_amount` is `mandate.maxAmount`; what has no underscore stays. */
export function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}

export const sessionRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/session'], who: { key: 'orders' }, handle: createSession },
]
