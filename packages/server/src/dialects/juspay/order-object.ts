// The order as this API shows it, everywhere the same: status, webhooks, refunds, captures. What a client sent and we
// have no column for is kept in the order's metadata under the name that it was sent with, and comes back from there.
import type { Order } from '../../domain/order/order.ts'
import type { PaymentMethod } from '../../domain/payment/method.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'
import { isGreater, isPositive, subtract, sum } from '../../kernel/money.ts'
import type { OrderView } from '../../operations/queries.ts'
import { amountNumber } from './amounts.ts'
import { cardPart } from './card-part.ts'
import { mandatePart, mandateSource } from './mandate-object.ts'
import { customerNameOf } from './order-customer.ts'
import { dateText, failureOf, orderStatus, REFUND_WORDS, shownAttempt, STATUS_IDS, txnStatus } from './words.ts'

const UDFS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => `udf${number}`)
const GATEWAY = { gateway: 'DUMMY', gateway_id: 100 }
const NO_GATEWAY = { gateway: 'CASH', gateway_id: 700 }

/** Where an answer is made: whose order it is, and what its links begin with. */
export type Place = { readonly merchantId: string; readonly publicUrl: string }

export function txnIdOf(view: OrderView, payment: PaymentRecord, { merchantId }: Place): string {
  const attempt = view.payments.findIndex(({ id }) => id === payment.id) + 1
  return `${merchantId}-${view.order.reference}-${attempt}`
}

export function paymentLinks(order: Order, { publicUrl }: Place) {
  return {
    web: `${publicUrl}/merchant/pay/${order.id}`,
    mobile: `${publicUrl}/merchant/pay/${order.id}?mobile=true`,
    iframe: `${publicUrl}/merchant/ipay/${order.id}`,
  }
}

function refundedOf(view: OrderView) {
  const standing = view.refunds.filter(({ status }) => REFUND_WORDS[status] !== 'FAILURE').map(({ amount }) => amount)
  return sum(standing, view.order.amount.currency)
}

/** What an order has before anyone tried to pay it. */
export function orderHead(view: OrderView, place: Place) {
  const { order } = view
  const status = orderStatus(view)
  const refunded = refundedOf(view)
  return {
    status,
    status_id: STATUS_IDS[status],
    id: order.id,
    order_id: order.reference,
    merchant_id: place.merchantId,
    amount: amountNumber(order.amount),
    currency: order.amount.currency,
    amount_refunded: amountNumber(refunded),
    refunded: isPositive(order.amountCaptured) && !isGreater(order.amountCaptured, refunded),
    customer_id: customerNameOf(view),
    customer_email: order.payer.email,
    customer_phone: order.payer.phone,
    product_id: order.metadata['product_id'] ?? '',
    return_url: order.returnUrl ?? '',
    date_created: dateText(order.createdAt),
    ...Object.fromEntries(UDFS.map((name) => [name, order.metadata[name] ?? ''])),
    payment_links: paymentLinks(order, place),
    ...(order.expiresAt === null ? {} : { order_expiry: dateText(order.expiresAt) }),
  }
}

/** The whole object of order status. */
export function orderObject(view: OrderView, place: Place, options: { readonly fullGatewayResponse?: boolean } = {}) {
  const { order } = view
  const attempt = shownAttempt(view)
  return {
    ...orderHead(view, place),
    last_updated: dateText(order.updatedAt),
    effective_amount: amountNumber(isPositive(order.amountCaptured) ? order.amountCaptured : order.amount),
    ...(attempt === undefined ? {} : attemptPart(view, attempt, place, options.fullGatewayResponse === true)),
    ...(view.refunds.length === 0 ? {} : { refunds: view.refunds.toReversed().map(refundObject) }),
    ...mandatePart(view),
    metadata: metadataOf(order),
    offers: [],
  }
}

function metadataOf(order: Order): Readonly<Record<string, string>> {
  const entries = Object.entries(order.metadata).filter(([name]) => name.startsWith('metadata.'))
  return Object.fromEntries(entries.map(([name, text]) => [name.slice('metadata.'.length), text]))
}

function attemptPart(view: OrderView, payment: PaymentRecord, place: Place, full: boolean) {
  const answered = !['created', 'requires_action', 'processing', 'unknown'].includes(payment.status)
  const refundable = subtract(payment.amountCaptured, refundedOf(view))
  return {
    txn_id: txnIdOf(view, payment, place),
    txn_uuid: payment.id,
    ...instrumentPart(payment),
    gateway_id: gatewayOf(payment).gateway_id,
    gateway_reference_id: null,
    resp_code: null,
    resp_message: null,
    resp_category: null,
    ...bankError(payment),
    bank_pg: null,
    rewards_breakup: null,
    ...(isPositive(payment.amountCaptured)
      ? {
          maximum_eligible_refund_amount: amountNumber(
            isPositive(refundable) ? refundable : subtract(refundable, refundable),
          ),
        }
      : {}),
    ...(txnStatus(payment) === 'PARTIAL_CHARGED' ? partialCapture(view, payment, place) : {}),
    txn_detail: txnDetail(view, payment, place),
    ...(answered ? { payment_gateway_response: gatewayResponse(view, payment, place, full) } : {}),
  }
}

function bankError(payment: PaymentRecord) {
  if (txnStatus(payment) === 'COD_INITIATED') {
    return { bank_error_code: 'INITIATED', bank_error_message: 'COD initiated successfully' }
  }
  const failure = failureOf(payment)
  return { bank_error_code: failure?.code ?? '', bank_error_message: failure?.message ?? '' }
}

// We keep totals, so what was captured in parts is told as one part.
function partialCapture(view: OrderView, payment: PaymentRecord, place: Place) {
  const txnId = txnIdOf(view, payment, place)
  const captured = amountNumber(payment.amountCaptured)
  const part = {
    txn_id: `${txnId}-1`,
    order_id: view.order.reference,
    status: 'CHARGED',
    txn_object_type: 'PARTIAL_CAPTURE',
    source_object: 'TXN_SUB_DETAIL',
    source_object_id: txnId,
    net_amount: captured,
  }
  const refundable = subtract(payment.amountCaptured, refundedOf(view))
  return { captured_amount: captured, refundable_amount: amountNumber(refundable), txn_sub_details: [part] }
}

const gatewayOf = ({ method }: PaymentRecord) => (method === 'cash_on_delivery' ? NO_GATEWAY : GATEWAY)

export function txnDetail(view: OrderView, payment: PaymentRecord, place: Place) {
  const amount = amountNumber(payment.amount)
  const failure = failureOf(payment)
  return {
    txn_id: txnIdOf(view, payment, place),
    order_id: view.order.reference,
    status: txnStatus(payment),
    error_code: failure?.code ?? null,
    error_message: failure?.message ?? '',
    net_amount: amount,
    surcharge_amount: null,
    tax_amount: null,
    txn_amount: amount,
    offer_deduction_amount: null,
    ...gatewayOf(payment),
    currency: payment.amount.currency,
    express_checkout: false,
    redirect: true,
    txn_uuid: payment.id,
    created: dateText(payment.createdAt),
    last_updated: dateText(payment.updatedAt),
    txn_flow_type: flowOf(payment),
    metadata: {},
    txn_amount_breakup: [{ name: 'BASE', amount, sno: 1, method: 'ADD' }],
    ...mandateSource(payment),
  }
}

function gatewayResponse(view: OrderView, payment: PaymentRecord, place: Place, full: boolean) {
  const good = payment.status === 'captured' || payment.status === 'authorized'
  const isCapture = payment.status === 'captured' && payment.capture === 'manual'
  return {
    resp_code: good ? 'SUCCESS' : (payment.decline?.gatewayCode ?? payment.status.toUpperCase()),
    resp_message: isCapture ? 'Capture successful' : good ? 'SUCCESS' : (payment.decline?.code ?? payment.status),
    rrn: payment.facts.rrn ?? null,
    created: dateText(payment.updatedAt),
    epg_txn_id: payment.gatewayPaymentId,
    auth_id_code: payment.facts.authCode ?? null,
    txn_id: txnIdOf(view, payment, place),
    network_error_code: null,
    network_error_message: null,
    ...(full ? { gateway_response: {} } : {}),
  }
}

const FLOWS: Record<PaymentMethod, string> = {
  upi: 'INTENT',
  card: 'CARD_TRANSACTION',
  netbanking: 'NET_BANKING',
  wallet: 'REDIRECT_DEBIT',
  cash_on_delivery: 'CASH_PAY',
  gateway_page: 'REDIRECT',
  cash: 'CASH_PAY',
  cheque: 'CASH_PAY',
  bank_transfer: 'CASH_PAY',
}

function flowOf({ method, instrument }: PaymentRecord): string {
  if (instrument.method === 'upi') return instrument.flow.toUpperCase()
  return FLOWS[method]
}

function instrumentPart(payment: PaymentRecord): object {
  const { instrument, facts } = payment
  switch (instrument.method) {
    case 'card':
      return {
        payment_method_type: 'CARD',
        payment_method: (facts.network ?? '').toUpperCase(),
        auth_type: 'THREE_DS',
        card: cardPart(payment),
      }
    case 'upi': {
      const vpa = facts.vpa ?? instrument.vpa ?? ''
      const flow = flowOf(payment)
      return {
        payment_method_type: 'UPI',
        payment_method: 'UPI',
        auth_type: '',
        payer_vpa: vpa,
        payer_app_name: '',
        upi: { payer_vpa: vpa, txn_flow_type: flow, payer_app: '' },
      }
    }
    case 'netbanking':
      return { payment_method_type: 'NB', payment_method: `NB_${instrument.bank.toUpperCase()}`, auth_type: '' }
    case 'wallet': {
      const wallet = { txn_flow_type: flowOf(payment) }
      return { payment_method_type: 'WALLET', payment_method: instrument.wallet.toUpperCase(), auth_type: '', wallet }
    }
    case 'gateway_page':
      return pagePart(payment)
    case 'cash_on_delivery':
    case 'cash':
    case 'cheque':
    case 'bank_transfer':
      return { payment_method_type: 'CASH', payment_method: 'CASH', auth_type: '' }
  }
}

/** What the payer chose on another gateway's page, as far as it told. */
function pagePart(payment: PaymentRecord): object {
  const { facts } = payment
  if (facts.lastFour !== undefined || facts.network !== undefined) {
    return instrumentPart({ ...payment, method: 'card', instrument: { method: 'card' } })
  }
  if (facts.vpa !== undefined) return instrumentPart({ ...payment, instrument: { method: 'upi', flow: 'intent' } })
  if (facts.bank !== undefined) {
    return instrumentPart({ ...payment, instrument: { method: 'netbanking', bank: facts.bank } })
  }
  return { payment_method_type: '', payment_method: '', auth_type: '' }
}

export function refundObject(refund: RefundRecord) {
  const status = REFUND_WORDS[refund.status]
  return {
    unique_request_id: refundReference(refund),
    status,
    sent_to_gateway: refund.gatewayRefundId !== null,
    refund_type: 'STANDARD',
    refund_source: GATEWAY.gateway,
    ref: refund.gatewayRefundId,
    initiated_by: refund.automatic ? 'AUTO_REFUNDED' : 'API',
    id: status === 'SUCCESS' ? refundReference(refund) : null,
    error_message: status === 'SUCCESS' ? 'Refund Success' : '',
    error_code: refund.gatewayCode,
    created: dateText(refund.createdAt),
    amount: amountNumber(refund.amount),
    ...(refund.succeededAt === null ? {} : { pg_processed_at: dateText(refund.succeededAt) }),
    ...(status === 'FAILURE' ? { pg_declined_at: dateText(refund.updatedAt) } : {}),
    ...(refund.arn === null ? {} : { arn: refund.arn }),
  }
}

/** The merchant's own; what it never named, by ours, marked AR where we gave the money back by ourselves. */
export function refundReference(refund: RefundRecord): string {
  return refund.merchantReference ?? (refund.automatic ? `AR${refund.id.slice(-19)}` : refund.id)
}
