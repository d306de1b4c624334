// Refunds: by order, by transaction, and by the older path. The merchant's unique_request_id makes a second call a
// refusal, never a second refund.
import { AppError } from '../../kernel/errors.ts'
import { findOrderByReference } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import { refundPayment } from '../../operations/refund-payment.ts'
import { amountOf } from './amounts.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import { orderObject, refundObject, refundReference, txnIdOf } from './order-object.ts'
import { namedOrder } from './orders.ts'
import type { Call, JuspayRoute } from './route.ts'
import { dateText, REFUND_WORDS, shownAttempt } from './words.ts'

const REFUNDS_MAX = 25

const unsuccessful = () =>
  refusal('payment_state_conflict', {
    http: 400,
    word: 'invalid.order.not_successful',
    code: 'INVALID_ACTION',
    message: 'Cannot process unsuccessful order.',
  })

async function refund(call: Call, view: OrderView, needsReference: boolean): Promise<OrderView> {
  const reference = textIn(call.fields, 'unique_request_id')
  const amount = amountOf(call.fields, 'amount', view.order.amount.currency)
  const missing = [
    needsReference && reference === undefined ? 'unique_request_id' : '',
    amount === undefined ? 'amount' : '',
  ]
  if (amount === undefined || missing[0] !== '') throw missingFields(...missing.filter((name) => name !== ''))
  if (reference !== undefined && !/^[\w.-]{1,64}$/.test(reference)) {
    throw new AppError('field_invalid', { field: 'unique_request_id', reason: 'Invalid value.' })
  }
  const payment = shownAttempt(view)
  if (payment?.status !== 'captured') throw unsuccessful()
  const isReplay = view.refunds.some((one) => one.merchantReference === reference && reference !== undefined)
  if (!isReplay && view.refunds.length >= REFUNDS_MAX) {
    throw refusal('refund_state_conflict', { http: 400, word: 'request.exceeded', code: 'INVALID_ACTION' })
  }
  await refundPayment(call.deps, call.actor, {
    paymentId: payment.id,
    amount,
    reason: 'other',
    ...(reference === undefined ? {} : { reference }),
  })
  return findOrderByReference(call.deps, call.actor, view.order.reference)
}

export async function refundOrder(call: Call): Promise<unknown> {
  return orderObject(await refund(call, await namedOrder(call, call.param('order_id')), true), call.place)
}

async function refundLegacy(call: Call): Promise<unknown> {
  return orderObject(await refund(call, await namedOrder(call), false), call.place)
}

async function refundTxn(call: Call): Promise<unknown> {
  const view = await refund(call, await orderOfTxn(call), true)
  const made = view.refunds.find((one) => one.merchantReference === textIn(call.fields, 'unique_request_id'))
  const payment = shownAttempt(view)
  if (made === undefined || payment === undefined) throw new AppError('refund_not_found')
  const { sent_to_gateway, refund_type, refund_source, initiated_by } = refundObject(made)
  return {
    unique_request_id: refundReference(made),
    txn_id: txnIdOf(view, payment, call.place),
    order_id: view.order.reference,
    status: REFUND_WORDS[made.status],
    sent_to_gateway,
    amount: refundObject(made).amount,
    refund_type,
    refund_source,
    gateway: refund_source,
    initiated_by,
    created: dateText(made.createdAt),
    response_code: null,
    refund_arn: made.arn,
    reference_id: made.gatewayRefundId,
    error_message: null,
    epg_txn_id: payment.gatewayPaymentId,
    authorization_id: null,
  }
}

/** `txn_id` is `<merchant>-<order>-<attempt>`; the order stands between the first and the last dash. */
async function orderOfTxn(call: Call): Promise<OrderView> {
  const txnId = call.param('txn_id') === '' ? textIn(call.fields, 'txn_id') : call.param('txn_id')
  if (txnId === undefined) return namedOrder(call)
  const reference = /^[^-]+-(.+)-\d{1,2}$/.exec(txnId)?.[1]
  if (reference === undefined) throw new AppError('payment_not_found')
  return namedOrder(call, reference)
}

const who = { key: 'refunds' } as const

export const refundRoutes: readonly JuspayRoute[] = [
  { method: 'POST', paths: ['/orders/:order_id/refunds'], who, handle: refundOrder },
  { method: 'POST', paths: ['/order/refund'], who, handle: refundLegacy },
  { method: 'POST', paths: ['/refunds', '/orders/txns/:txn_id/refunds'], who, handle: refundTxn },
]
