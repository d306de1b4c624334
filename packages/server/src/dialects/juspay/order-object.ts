// The order as this API shows it, everywhere the same: status, webhooks, refunds, captures. What a client sent and we
// have no column for is kept in the order's metadata under the name that it was sent with, and comes back from there.
import type { Order } from '../../domain/order/order.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'
import { isGreater, isPositive, subtract, sum } from '../../kernel/money.ts'
import type { OrderView } from '../../operations/queries.ts'
import { amountNumber } from './amounts.ts'
import { dateText, orderStatus, REFUND_WORDS, shownAttempt, STATUS_IDS, txnStatus } from './words.ts'

const UDFS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((number) => `udf${number}`)
const GATEWAY = { gateway: 'DUMMY', gateway_id: 100 }

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
    customer_id: order.metadata['customer_id'] ?? order.customerId,
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
    metadata: metadataOf(order),
    offers: [],
  }
}

function metadataOf(order: Order): Readonly<Record<string, string>> {
  const entries = Object.entries(order.metadata).filter(([name]) => name.startsWith('metadata.'))
  return Object.fromEntries(entries.map(([name, text]) => [name.slice('metadata.'.length), text]))
}

function attemptPart(view: OrderView, payment: PaymentRecord, place: Place, full: boolean) {
  const failure = payment.decline
  const answered = !['created', 'requires_action', 'processing', 'unknown'].includes(payment.status)
  const refundable = subtract(payment.amountCaptured, refundedOf(view))
  return {
    txn_id: txnIdOf(view, payment, place),
    txn_uuid: payment.id,
    ...instrumentPart(payment),
    gateway_id: GATEWAY.gateway_id,
    gateway_reference_id: null,
    resp_code: null,
    resp_message: null,
    resp_category: null,
    bank_error_code: failure?.gatewayCode ?? '',
    bank_error_message: failure === null ? '' : failure.code.replaceAll('_', ' '),
    bank_pg: null,
    ...(isPositive(payment.amountCaptured)
      ? {
          maximum_eligible_refund_amount: amountNumber(
            isPositive(refundable) ? refundable : subtract(refundable, refundable),
          ),
        }
      : {}),
    ...(txnStatus(payment) === 'PARTIAL_CHARGED' ? { captured_amount: amountNumber(payment.amountCaptured) } : {}),
    txn_detail: txnDetail(view, payment, place),
    ...(answered ? { payment_gateway_response: gatewayResponse(view, payment, place, full) } : {}),
  }
}

export function txnDetail(view: OrderView, payment: PaymentRecord, place: Place) {
  const amount = amountNumber(payment.amount)
  return {
    txn_id: txnIdOf(view, payment, place),
    order_id: view.order.reference,
    status: txnStatus(payment),
    error_code: payment.decline?.gatewayCode ?? null,
    error_message: payment.decline === null ? '' : payment.decline.code.replaceAll('_', ' '),
    net_amount: amount,
    surcharge_amount: null,
    tax_amount: null,
    txn_amount: amount,
    offer_deduction_amount: null,
    ...GATEWAY,
    currency: payment.amount.currency,
    express_checkout: false,
    redirect: true,
    txn_uuid: payment.id,
    created: dateText(payment.createdAt),
    last_updated: dateText(payment.updatedAt),
    txn_flow_type: flowOf(payment),
  }
}

function gatewayResponse(view: OrderView, payment: PaymentRecord, place: Place, full: boolean) {
  const good = payment.status === 'captured' || payment.status === 'authorized'
  return {
    resp_code: good ? 'SUCCESS' : (payment.decline?.gatewayCode ?? payment.status.toUpperCase()),
    resp_message: good ? 'SUCCESS' : (payment.decline?.code ?? payment.status),
    rrn: payment.facts.rrn ?? null,
    created: dateText(payment.updatedAt),
    epg_txn_id: payment.gatewayPaymentId,
    auth_id_code: payment.facts.authCode ?? null,
    txn_id: txnIdOf(view, payment, place),
    ...(full ? { gateway_response: {} } : {}),
  }
}

function flowOf({ method, instrument }: PaymentRecord): string {
  if (instrument.method === 'upi') return instrument.flow.toUpperCase()
  const flows = { upi: 'INTENT', card: 'CARD_TRANSACTION', netbanking: 'NET_BANKING', wallet: 'REDIRECT_DEBIT' }
  return method === 'cash_on_delivery' ? 'CASH_PAY' : flows[method]
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
        upi: { payer_vpa: vpa, txn_flow_type: flow },
      }
    }
    case 'netbanking':
      return { payment_method_type: 'NB', payment_method: `NB_${instrument.bank.toUpperCase()}`, auth_type: '' }
    case 'wallet': {
      const wallet = { txn_flow_type: flowOf(payment) }
      return { payment_method_type: 'WALLET', payment_method: instrument.wallet.toUpperCase(), auth_type: '', wallet }
    }
    case 'cash_on_delivery':
      return { payment_method_type: 'CASH', payment_method: 'CASH', auth_type: '' }
  }
}

function cardPart({ facts }: PaymentRecord) {
  return {
    last_four_digits: facts.lastFour ?? '',
    card_isin: facts.bin ?? '',
    card_brand: (facts.network ?? '').toUpperCase(),
    card_type: (facts.funding ?? '').toUpperCase(),
    card_issuer: facts.issuer ?? '',
    name_on_card: '',
    saved_to_locker: false,
    using_saved_card: false,
    using_token: true,
    card_issuer_country: '',
  }
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
    ...(refund.arn === null ? {} : { arn: refund.arn }),
  }
}

/** The merchant's own; what it never named, by ours, marked AR where we gave the money back by ourselves. */
export function refundReference(refund: RefundRecord): string {
  return refund.merchantReference ?? (refund.automatic ? `AR${refund.id.slice(-19)}` : refund.id)
}
