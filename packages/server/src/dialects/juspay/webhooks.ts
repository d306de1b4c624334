// Webhooks as clients of this API expect them: an event by one of its names, the whole order (or the attempt) as
// content, Basic auth, and nothing but 200 for an answer. Names that no public sample confirms are sent to those who
// ask for them. The attempt, the refund or the mandate that an event tells of is shown as it was then; the order around
// it as it is at the first try, like an order status read at that moment; later tries repeat it.
import type { MandateJson } from '../../domain/mandate/json.ts'
import type { EventType } from '../../domain/webhook/event.ts'
import type { PaymentRecord } from '../../domain/payment/record.ts'
import type { RefundRecord } from '../../domain/refund/refund.ts'
import type { PaymentJson, RefundJson } from '../../domain/webhook/objects.ts'
import { parseInstant } from '../../kernel/clock.ts'
import { AppError } from '../../kernel/errors.ts'
import { money } from '../../kernel/money.ts'
import type { OrderView } from '../../operations/queries.ts'
import type { FormatEvent, WebhookFormat } from '../../operations/webhook-format.ts'
import { amountNumber } from './amounts.ts'
import { noticeObject } from './mandate-notices.ts'
import { mandateAsTold, mandateObject } from './mandate-object.ts'
import { orderObject, txnDetail } from './order-object.ts'
import { dateText, STATUS_IDS, txnStatus } from './words.ts'

const CONFIRMED = [
  'ORDER_SUCCEEDED',
  'ORDER_FAILED',
  'ORDER_AUTHORIZED',
  'TXN_CREATED',
  'TXN_CHARGED',
  'TXN_FAILED',
  'REFUND_INITIATED',
  'AUTO_REFUND_INITIATED',
  'ORDER_REFUNDED',
  'ORDER_REFUND_FAILED',
  'REFUND_MANUAL_REVIEW_NEEDED',
  'AUTO_REFUND_SUCCEEDED',
  'AUTO_REFUND_FAILED',
  'MANDATE_CREATED',
  'MANDATE_ACTIVATED',
  'MANDATE_FAILED',
  'MANDATE_REVOKED',
  'MANDATE_PAUSED',
  'MANDATE_EXPIRED',
  'NOTIFICATION_SUCCEEDED',
  'NOTIFICATION_FAILED',
] as const
const BY_REQUEST = [
  'ORDER_CREATED',
  'ORDER_PARTIAL_CHARGED',
  'ORDER_VOIDED',
  'ORDER_VOID_FAILED',
  'ORDER_CAPTURE_FAILED',
] as const
type Name = (typeof CONFIRMED)[number] | (typeof BY_REQUEST)[number]

const NAMES: Partial<Record<EventType, readonly Name[]>> = {
  'order.created': ['ORDER_CREATED'],
  'order.paid': ['ORDER_SUCCEEDED'],
  'order.reopened': ['ORDER_FAILED'],
  'order.authorized': ['ORDER_AUTHORIZED'],
  'order.partially_paid': ['ORDER_PARTIAL_CHARGED'],
  'payment.processing': ['TXN_CREATED'],
  'payment.captured': ['TXN_CHARGED'],
  'payment.voided': ['ORDER_VOIDED'],
  'payment.void_failed': ['ORDER_VOID_FAILED'],
  'payment.capture_failed': ['ORDER_CAPTURE_FAILED'],
  'payment.declined': ['TXN_FAILED'],
  'payment.failed': ['TXN_FAILED'],
  'payment.expired': ['TXN_FAILED'],
  'payment.canceled': ['TXN_FAILED'],
  'refund.pending': ['REFUND_INITIATED', 'AUTO_REFUND_INITIATED'],
  'refund.review': ['REFUND_MANUAL_REVIEW_NEEDED'],
  'refund.succeeded': ['ORDER_REFUNDED', 'AUTO_REFUND_SUCCEEDED'],
  'refund.failed': ['ORDER_REFUND_FAILED', 'AUTO_REFUND_FAILED'],
  'mandate.registering': ['MANDATE_CREATED'],
  'mandate.activated': ['MANDATE_ACTIVATED'],
  'mandate.resumed': ['MANDATE_ACTIVATED'],
  'mandate.failed': ['MANDATE_FAILED'],
  'mandate.revoked': ['MANDATE_REVOKED'],
  'mandate.paused': ['MANDATE_PAUSED'],
  'mandate.expired': ['MANDATE_EXPIRED'],
  'pre_debit_notice.succeeded': ['NOTIFICATION_SUCCEEDED'],
  'pre_debit_notice.failed': ['NOTIFICATION_FAILED'],
}

/** The names that were asked for; every confirmed one when none was. @throws AppError field_invalid */
export function parseNames(names: readonly string[]): readonly Name[] {
  if (names.length === 0) return CONFIRMED
  const known: readonly Name[] = [...CONFIRMED, ...BY_REQUEST]
  return [...new Set(names)].map((name) => {
    const found = known.find((one) => one === name)
    if (found === undefined) throw new AppError('field_invalid', { field: 'events', reason: 'unknown' })
    return found
  })
}

type Told = {
  readonly data: { readonly payment?: PaymentJson; readonly refund?: RefundJson; readonly mandate?: MandateJson }
}

function nameOf({ about, objectId, type }: FormatEvent, { data }: Told): Name | undefined {
  const [plain, automatic] = NAMES[type] ?? []
  // Before somebody begins to register it there is no mandate in this API's sense, and none that could end.
  if (about.kind === 'mandate') return isRegistered(data.mandate) ? plain : undefined
  if (about.kind === 'notice') return plain
  if (type === 'payment.processing') return isFirst(about.view, data.payment) ? plain : undefined
  const refund = about.view.refunds.find(({ id }) => id === objectId)
  return refund?.automatic === true ? (automatic ?? plain) : plain
}

const isRegistered = (mandate: MandateJson | undefined) => mandate !== undefined && mandate.payment_id !== null

/** A payment may come back to processing; it is created once. A charge of a mandate may have waited before. */
function isFirst({ payments }: OrderView, told: PaymentJson | undefined): boolean {
  const payment = payments.find(({ id }) => id === told?.id)
  return told?.version === 1 || (payment?.mandateRole === 'charge' && told?.version === 2)
}

function render(event: FormatEvent, names: readonly string[]): string | undefined {
  const told = JSON.parse(event.body) as Told
  const name = nameOf(event, told)
  if (name === undefined || !names.includes(name)) return undefined
  return JSON.stringify({
    id: event.id.replace(/^evt_/, 'evt_V2_'),
    event_name: name,
    date_created: dateText(event.createdAt),
    content: contentOf(event, name, told),
  })
}

function contentOf(event: FormatEvent, name: Name, { data }: Told): object {
  const { about } = event
  switch (about.kind) {
    case 'mandate':
      return {
        mandate: mandateObject(data.mandate === undefined ? about.facts : mandateAsTold(about.facts, data.mandate)),
      }
    case 'notice':
      return { notification: noticeObject(about.notice) }
    case 'order': {
      const view = asTold(about.view, data)
      const txn = name === 'TXN_CHARGED' || name === 'TXN_FAILED' ? txnContent(event, view) : undefined
      return txn ?? { order: orderObject(view, event) }
    }
  }
}

/** The attempt or the refund that an event tells of as it was told; the order around it as it is now. */
function asTold(view: OrderView, { payment, refund }: Told['data']): OrderView {
  const payments = view.payments.map((one) => (one.id === payment?.id ? attemptAsTold(one, payment) : one))
  const refunds = view.refunds.map((one) => (one.id === refund?.id ? refundAsTold(one, refund) : one))
  return { ...view, payments, refunds }
}

// What has just begun is PENDING_VBV here, whether a step of the payer comes of it or not (wire 6.3 TXN_CREATED).
function attemptAsTold(payment: PaymentRecord, told: PaymentJson): PaymentRecord {
  const amountCaptured = money(BigInt(told.amount_captured), payment.amount.currency)
  return { ...payment, status: told.status === 'processing' ? 'requires_action' : told.status, amountCaptured }
}

function refundAsTold(
  refund: RefundRecord,
  { arn, gateway_refund_id, status, succeeded_at }: RefundJson,
): RefundRecord {
  const succeededAt = succeeded_at === null ? null : (parseInstant(succeeded_at) ?? null)
  return { ...refund, status, arn, gatewayRefundId: gateway_refund_id, succeededAt }
}

function txnContent(event: FormatEvent, view: OrderView): object | undefined {
  const payment = view.payments.find(({ id }) => id === event.objectId)
  if (payment === undefined) return undefined
  const { payment_method, payment_method_type, card, payment_gateway_response } = orderObject(
    { ...view, payments: view.payments.filter(({ id }) => id <= payment.id), refunds: [] },
    event,
  ) as Readonly<Record<string, unknown>>
  return {
    txn: {
      ...txnDetail(view, payment, event),
      status_id: STATUS_IDS[txnStatus(payment)],
      net_amount: amountNumber(payment.amount),
      payment_method,
      payment_method_type,
      payment_gateway_response,
      ...(card === undefined ? {} : { card }),
    },
  }
}

const MINUTE_MS = 60_000
const times = (count: number, minutes: number): readonly number[] =>
  Array.from({ length: count }, () => minutes * MINUTE_MS)
/** 16 more tries over 24 hours. */
export const DELAYS_MS = [...times(1, 1), ...times(2, 5), ...times(5, 10), ...times(5, 60), ...times(3, 360)]

export const webhookFormat: WebhookFormat = {
  typesOf: (names) =>
    (Object.keys(NAMES) as EventType[]).filter((type) => NAMES[type]?.some((name) => names.includes(name)) === true),
  render,
  headers: ({ username, password, headers }) => ({
    ...headers,
    'content-type': 'application/json',
    authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
  }),
  isAccepted: (httpStatus) => httpStatus === 200,
  nextDelayMs: (tries) => DELAYS_MS[tries - 1],
}
