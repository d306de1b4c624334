// Orders over the native API. What may be changed or canceled when is decided by the operations.
import { CreateOrder, ListOrders, Order, OrderDetails, OrderPage, OrderReference, UpdateOrder } from '@purser/protocol'
import { orderJson, paymentJson, refundJson } from '../../domain/webhook/objects.ts'
import { parseCurrency } from '../../kernel/currencies.ts'
import { AppError } from '../../kernel/errors.ts'
import { CustomerId, OrderId } from '../../kernel/ids.ts'
import { cancelOrder } from '../../operations/cancel-order.ts'
import { createOrder } from '../../operations/create-order.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { findOrderByReference, getOrder, listOrders } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { updateOrder } from '../../operations/update-order.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf, periodOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Param, Route } from '../contract/route.ts'
import { amountIn } from './amounts.ts'
import { mandateIn } from './mandate-input.ts'

const tag = 'Orders'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'orders' } as const

const referenceParam: Param<string> = {
  schema: OrderReference,
  parse: (text, field) => {
    // What could not have been stored is not there.
    if (text.length > 64 || !/^[!-~]([ -~]*[!-~])?$/.test(text)) throw new AppError('order_not_found', { field })
    return text
  },
}

function detailsJson({ order, payments, refunds }: OrderView) {
  return { ...orderJson(order), payments: payments.map(paymentJson), refunds: refunds.map(refundJson) }
}

// A retry after a crash answers the order as it is now: nothing else of the first request was lost.
async function resumeOrder(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return (await getOrder(deps, actor, OrderId.parse(subjectId))).order
}

export const orderRoutes: readonly Route[] = [
  write({
    path: '/v1/orders',
    access: canWrite,
    tag,
    summary: 'Create an order',
    body: CreateOrder,
    reply: Order,
    status: 201,
    act: (deps, { actor, body, amount, amountAt, idempotency }) =>
      createOrder(deps, actor, {
        reference: body.reference,
        amount: amount(parseCurrency(body.currency)),
        ...defined({
          description: body.description,
          payer: body.payer === undefined ? undefined : defined(body.payer),
          metadata: body.metadata,
          returnUrl: body.return_url,
          capture: body.capture,
          lateSuccess: body.late_success,
          expiresAt: instantOf(body.expires_at, 'expires_at'),
          mandate:
            body.mandate === undefined
              ? undefined
              : mandateIn(body.mandate, amountAt(['mandate', 'max_amount'], parseCurrency(body.currency))),
          customerId: body.customer_id === undefined ? undefined : CustomerId.parse(body.customer_id),
        }),
        idempotency,
      }),
    resume: resumeOrder,
    answer: orderJson,
  }),
  read({
    path: '/v1/orders',
    access: canRead,
    tag,
    summary: 'List orders, newest first',
    query: ListOrders,
    reply: OrderPage,
    read: async (deps, { actor, query }) => {
      const filter = { ...defined({ status: query.status }), ...periodOf(query), ...pagingOf(query) }
      return pageJson(await listOrders(deps, actor, filter), orderJson)
    },
  }),
  read({
    path: '/v1/orders/:id',
    access: canRead,
    tag,
    summary: 'Read an order with its payments and refunds',
    params: { id: idParam(OrderId) },
    reply: OrderDetails,
    read: async (deps, { actor, params }) => detailsJson(await getOrder(deps, actor, params.id)),
  }),
  read({
    path: '/v1/orders/by-reference/:reference',
    access: canRead,
    tag,
    summary: 'Look an order up by your own reference',
    params: { reference: referenceParam },
    reply: OrderDetails,
    read: async (deps, { actor, params }) => detailsJson(await findOrderByReference(deps, actor, params.reference)),
  }),
  write({
    path: '/v1/orders/:id',
    access: canWrite,
    tag,
    summary: 'Change an order',
    description: 'Only what is named changes. The amount changes only while no payment attempt is alive or unknown.',
    params: { id: idParam(OrderId) },
    body: UpdateOrder,
    reply: Order,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const currency = async () => (await getOrder(deps, actor, params.id)).order.amount.currency
      return updateOrder(deps, actor, {
        orderId: params.id,
        ...defined({
          amount: await amountIn(body, amount, currency),
          description: body.description,
          payer: body.payer === undefined ? undefined : defined(body.payer),
          metadata: body.metadata,
          returnUrl: body.return_url,
          expiresAt: instantOf(body.expires_at, 'expires_at'),
        }),
        idempotency,
      })
    },
    resume: resumeOrder,
    answer: orderJson,
  }),
  write({
    path: '/v1/orders/:id/cancel',
    access: canWrite,
    tag,
    summary: 'Cancel an order that nobody is paying',
    params: { id: idParam(OrderId) },
    reply: Order,
    act: (deps, { actor, params, idempotency }) => cancelOrder(deps, actor, { orderId: params.id, idempotency }),
    resume: resumeOrder,
    answer: orderJson,
  }),
]
