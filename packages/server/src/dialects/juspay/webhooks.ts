// Webhooks as clients of this API expect them: an event by one of its names, the whole order (or the attempt) as
// content, Basic auth, and nothing but 200 for an answer. Names that no public sample confirms are sent to those who
// ask for them. The content is the order as it is at the first try, like an order status read at that moment; later
// tries repeat it.
import type { EventType } from '../../domain/webhook/event.ts'
import { AppError } from '../../kernel/errors.ts'
import type { FormatEvent, WebhookFormat } from '../../operations/webhook-format.ts'
import { amountNumber } from './amounts.ts'
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
] as const
const BY_REQUEST = ['ORDER_CREATED', 'ORDER_PARTIAL_CHARGED', 'ORDER_VOIDED'] as const
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
  'payment.declined': ['TXN_FAILED'],
  'payment.failed': ['TXN_FAILED'],
  'payment.expired': ['TXN_FAILED'],
  'payment.canceled': ['TXN_FAILED'],
  'refund.pending': ['REFUND_INITIATED', 'AUTO_REFUND_INITIATED'],
  'refund.review': ['REFUND_MANUAL_REVIEW_NEEDED'],
  'refund.succeeded': ['ORDER_REFUNDED', 'AUTO_REFUND_SUCCEEDED'],
  'refund.failed': ['ORDER_REFUND_FAILED', 'AUTO_REFUND_FAILED'],
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

function nameOf(event: FormatEvent): Name | undefined {
  const [plain, automatic] = NAMES[event.type] ?? []
  if (event.type === 'payment.processing') return isFirst(event) ? plain : undefined
  const refund = event.view.refunds.find(({ id }) => id === event.objectId)
  return refund?.automatic === true ? (automatic ?? plain) : plain
}

/** A payment may come back to processing; it is created once. */
function isFirst({ body }: FormatEvent): boolean {
  const { data } = JSON.parse(body) as { readonly data: { readonly payment?: { readonly version: number } } }
  return data.payment?.version === 1
}

function render(event: FormatEvent, names: readonly string[]): string | undefined {
  const name = nameOf(event)
  if (name === undefined || !names.includes(name)) return undefined
  const content = name === 'TXN_CHARGED' || name === 'TXN_FAILED' ? txnContent(event) : undefined
  return JSON.stringify({
    id: event.id.replace(/^evt_/, 'evt_V2_'),
    event_name: name,
    date_created: dateText(event.createdAt),
    content: content ?? { order: orderObject(event.view, event) },
  })
}

function txnContent(event: FormatEvent): object | undefined {
  const payment = event.view.payments.find(({ id }) => id === event.objectId)
  if (payment === undefined) return undefined
  const { payment_method, payment_method_type, card, payment_gateway_response } = orderObject(
    { ...event.view, payments: event.view.payments.filter(({ id }) => id <= payment.id), refunds: [] },
    event,
  ) as Readonly<Record<string, unknown>>
  return {
    txn: {
      ...txnDetail(event.view, payment, event),
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
