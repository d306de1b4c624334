// Transactions: an attempt to pay an order, alone or together with the order; captures and voids of what is held. A
// card is a token (test-cards.ts).
import type { Instrument } from '../../domain/payment/method.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import { AppError } from '../../kernel/errors.ts'
import { PaymentId } from '../../kernel/ids.ts'
import type { OrderId } from '../../kernel/ids.ts'
import { capturePayment } from '../../operations/capture-payment.ts'
import { getOrder, getPayment } from '../../operations/queries.ts'
import type { OrderView } from '../../operations/queries.ts'
import type { StartCommand } from '../../operations/start-command.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { voidPayment } from '../../operations/void-payment.ts'
import { SessionId } from '../../kernel/ids.ts'
import { amountOf } from './amounts.ts'
import { missingFields, refusal } from './errors.ts'
import { isTrue, textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import { executeMandate, namesMandate } from './mandate-execute.ts'
import { below } from './order-fields.ts'
import { orderObject, txnIdOf } from './order-object.ts'
import { namedOrder } from './orders.ts'
import type { Call, JuspayRoute } from './route.ts'
import { makeOrTakeUp, sameOrder } from './same-order.ts'
import { cardIn, isTest } from './test-cards.ts'
import { orderStatus, txnStatus } from './words.ts'

/** What may hold a card number here; looked at by `cardIn` alone. */
export const CARD_FIELDS = ['card_number'] as const

export async function createTxn(call: Call): Promise<unknown> {
  const { fields } = call
  refuseForeignMerchant(call)
  if (namesMandate(fields)) {
    const { view, payment } = await executeMandate(call)
    return answer(call, view, payment)
  }
  if (textIn(fields, 'payment_method_type') === undefined) throw missingFields('payment_method_type')
  if (call.session !== null) await call.request.server.limiters.attempt(call.request)
  // What cannot be paid with is refused before an order is made for it.
  const instrument = instrumentOf(call)
  const view = await orderOfTxn(call)
  if (orderStatus(view) === 'CHARGED') throw new AppError('order_not_payable', { status: 'paid' })
  const { order } = view
  const base = `${call.place.publicUrl}/v2/pay/finish/${call.place.merchantId}`
  const payment = await startPayment(call.deps, call.actor, {
    orderId: order.id,
    instrument,
    returnUrlOf: (id) => `${base}/${id}/${encodeURIComponent(order.reference)}`,
    // The terms are the merchant's: whoever holds the payer's token only pays.
    ...(call.session === null && isTrue(fields, 'pre_auth_enabled') ? { capture: 'manual' } : {}),
    ...(call.session === null ? {} : { sessionId: SessionId.parse(call.session.session.id) }),
    ...(isTrue(fields, 'save_to_locker') && order.customerId !== null ? { save: true } : {}),
    registersMandate: isTrue(fields, 'should_create_mandate'),
  })
  return answer(call, await getOrder(call.deps, call.actor, order.id), payment)
}

function answer(call: Call, after: OrderView, payment: PaymentRecord): unknown {
  if (textIn(call.fields, 'format') !== 'json' && !isJson(call))
    return call.reply.redirect(stepUrl(call, after, payment).url)
  return txnObject(call, after, payment)
}

function isJson({ request }: Call): boolean {
  return /\bjson\b/i.test(request.headers['content-type'] ?? '')
}

function refuseForeignMerchant({ fields, place }: Call): void {
  const named = textIn(fields, 'merchant_id')
  if (named !== undefined && named !== place.merchantId) throw new AppError('credentials_invalid')
}

async function orderOfTxn(call: Call): Promise<OrderView> {
  const own = below(call.fields, 'order.')
  const reference = textIn(own, 'order_id')
  if (reference === undefined) return namedOrder(call)
  if (call.session === null) return (await makeOrTakeUp(call, own, { amount: false })).view
  // Whoever holds the payer's token makes no order, and pays the one that is there as it is.
  const view = await namedOrder(call, reference)
  if (!sameOrder(view, own, { amount: false })) throw new AppError('order_reference_taken')
  return view
}

function txnObject(call: Call, view: OrderView, payment: PaymentRecord) {
  const { action } = payment
  const sdkParams = action?.type === 'upi_intent' ? { sdk_params: sdkParamsOf(action.uri, payment) } : {}
  return {
    order_id: view.order.reference,
    txn_id: txnIdOf(view, payment, call.place),
    txn_uuid: payment.id,
    status: txnStatus(payment),
    payment: { authentication: stepUrl(call, view, payment), ...sdkParams },
    offer_details: { offers: [] },
  }
}

/** Where the payer goes next: to the step that is asked for, or to the end. */
function stepUrl({ place }: Call, view: OrderView, payment: PaymentRecord) {
  const waits = payment.status === 'requires_action' && payment.action?.type === 'redirect'
  const named = `${place.merchantId}/${payment.id}`
  const start = `${place.publicUrl}/v2/pay/start/${named}`
  const finish = `${place.publicUrl}/v2/pay/finish/${named}/${encodeURIComponent(view.order.reference)}`
  return { method: 'GET', url: waits ? start : finish }
}

function sdkParamsOf(uri: string, payment: PaymentRecord) {
  const given = new URL(uri).searchParams
  const at = (name: string) => given.get(name) ?? ''
  return {
    tr: at('tr'),
    tid: payment.id,
    merchant_vpa: at('pa'),
    merchant_name: at('pn'),
    mcc: at('mc'),
    amount: at('am'),
  }
}

function instrumentOf(call: Call): StartCommand['instrument'] {
  const { fields } = call
  const method = (textIn(fields, 'payment_method') ?? '').toLowerCase()
  switch ((textIn(fields, 'payment_method_type') ?? '').toUpperCase()) {
    case 'CARD':
      return cardIn(call)
    case 'NB': {
      const bank = method.replace(/^(?:nb|jp)_/, '')
      return { method: 'netbanking', bank: bank === 'dummy' && isTest(call) ? 'sandbox_bank' : bank }
    }
    case 'WALLET':
      return { method: 'wallet', wallet: method === 'dummy' && isTest(call) ? 'sandbox_wallet' : method }
    case 'UPI':
      return upi(fields)
    case 'CASH':
      return { method: 'cash_on_delivery' }
    default:
      throw new AppError('method_not_available', { field: 'payment_method_type' })
  }
}

function upi(fields: Fields): Instrument {
  const vpa = textIn(fields, 'upi_vpa')
  const isIntent = textIn(fields, 'txn_type') === 'UPI_PAY' || (vpa === undefined && isTrue(fields, 'sdk_params'))
  if (isIntent) return { method: 'upi', flow: 'intent' }
  if (vpa === undefined) throw missingFields('upi_vpa')
  if (!isVpa(vpa)) throw new AppError('field_invalid', { field: 'upi_vpa', reason: 'Invalid value.' })
  return { method: 'upi', flow: 'collect', vpa }
}

export function isVpa(text: string): boolean {
  return /^[A-Za-z0-9._-]{2,256}@[A-Za-z][A-Za-z0-9.-]{1,64}$/.test(text)
}

async function heldPayment(call: Call): Promise<PaymentRecord & { readonly orderId: OrderId }> {
  const id = call.param('txn_uuid')
  if (!PaymentId.is(id)) throw new AppError('payment_not_found')
  const payment = await getPayment(call.deps, call.actor, id)
  const { orderId } = payment
  if (orderId === null) throw new AppError('payment_not_found')
  return { ...payment, orderId }
}

async function capture(call: Call): Promise<unknown> {
  const payment = await heldPayment(call)
  const amount = amountOf(call.fields, 'amount', payment.amount.currency)
  await capturePayment(call.deps, call.actor, { paymentId: payment.id, ...(amount === undefined ? {} : { amount }) })
  return orderObject(await getOrder(call.deps, call.actor, payment.orderId), call.place)
}

async function release(call: Call): Promise<unknown> {
  const payment = await heldPayment(call)
  if (payment.status !== 'authorized') {
    const message = `Cannot Void ${txnStatus(payment)} Transaction`
    const userMessage = 'Invalid request params. Please verify your input.'
    const words = { http: 400, status: 'Bad Request', word: 'Invalid', code: 'INVALID_INPUT', message, userMessage }
    throw refusal('payment_state_conflict', words)
  }
  await voidPayment(call.deps, call.actor, { paymentId: payment.id })
  return orderObject(await getOrder(call.deps, call.actor, payment.orderId), call.place)
}

export const txnRoutes: readonly JuspayRoute[] = [
  {
    method: 'POST',
    paths: ['/txns'],
    who: { key: 'payments', token: true },
    cards: CARD_FIELDS,
    handle: createTxn,
  },
  { method: 'POST', paths: ['/v2/txns/:txn_uuid/capture'], who: { key: 'payments' }, handle: capture },
  { method: 'POST', paths: ['/v2/txns/:txn_uuid/void'], who: { key: 'payments' }, handle: release },
]
