// The routes that a payer's browser meets: payment links, the way to a bank's page, and the way back to the merchant.
// They need no credentials: each names something of ours that nobody can guess, and none of them changes an outcome.
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../kernel/errors.ts'
import { MerchantId, MODES, OrderId, PaymentId } from '../../kernel/ids.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { openOrderLink, visitorOf } from '../../operations/open-order-link.ts'
import { getOrder, getPayment } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { readResponseKey } from '../../operations/response-key.ts'
import { mandateReturn } from './mandate-object.ts'
import { returnAddress } from './return-url.ts'
import { orderStatus, STATUS_IDS } from './words.ts'

const PUBLIC = { config: { access: { kind: 'public' } } } as const
const LINKS = ['/merchant/pay/:id', '/merchant/ipay/:id', '/orders/:id/payment-page', '/payment-page/order/:id']

type Names = { readonly id: string; readonly merchant_id: string; readonly txn_uuid: string }

const namesOf = (request: FastifyRequest) => request.params as Names

export function registerBrowserRoutes(app: FastifyInstance, deps: Deps): void {
  for (const path of LINKS) {
    app.get(path, PUBLIC, async (request, reply) => {
      const { url } = await openOrderLink(deps, namesOf(request).id, request.id)
      return reply.redirect(url)
    })
  }

  app.get('/v2/pay/start/:merchant_id/:txn_uuid', PUBLIC, async (request, reply) => {
    const { payment } = await paymentNamed(deps, request)
    if (payment.action?.type !== 'redirect' || payment.status !== 'requires_action') {
      throw new AppError('payment_state_conflict', { status: payment.status })
    }
    return reply.redirect(payment.action.url)
  })

  app.get('/v2/pay/finish/:merchant_id/:txn_uuid/:order', PUBLIC, async (request, reply) => {
    const { actor, orderId } = await orderOfReturn(deps, request)
    const view = await getOrder(deps, actor, orderId)
    const key = await readResponseKey(deps, actor.tenant)
    return reply.redirect(addressAfter(deps, view, key))
  })
}

function addressAfter(deps: Deps, view: OrderView, key: string | undefined): string {
  const { order } = view
  const status = orderStatus(view)
  const outcome = { order_id: order.reference, status, status_id: String(STATUS_IDS[status]), ...mandateReturn(view) }
  return returnAddress(order.returnUrl ?? `${deps.publicUrl()}/merchant/pay/${order.id}`, outcome, key)
}

/** `/order/<our id>` for a session, which has no attempt yet; an attempt otherwise. */
async function orderOfReturn(deps: Deps, request: FastifyRequest): Promise<{ actor: Actor; orderId: OrderId }> {
  const { txn_uuid: attempt, order } = request.params as { txn_uuid: string; order: string }
  if (attempt === 'order') return { actor: await visitorOf(deps, order, request.id), orderId: OrderId.parse(order) }
  const { actor, payment } = await paymentNamed(deps, request)
  if (payment.orderId === null) throw new AppError('payment_not_found')
  return { actor, orderId: payment.orderId }
}

async function paymentNamed(deps: Deps, request: FastifyRequest) {
  const { merchant_id: merchantId, txn_uuid: id } = namesOf(request)
  if (!MerchantId.is(merchantId) || !PaymentId.is(id)) throw new AppError('payment_not_found')
  for (const mode of MODES) {
    const about = { kind: 'job', id: 'payment-link', requestId: request.id, scopes: [] } as const
    const actor: Actor = { tenant: { merchantId, mode }, ...about }
    const payment = await getPayment(deps, actor, id).catch(noneIfUnknown)
    if (payment !== undefined) return { actor, payment }
  }
  throw new AppError('payment_not_found')
}

function noneIfUnknown(error: unknown): undefined {
  const codes = ['payment_not_found', 'credentials_invalid']
  if (error instanceof AppError && codes.includes(error.code)) return undefined
  throw error
}
