// Offline payments over the native API: recorded, then cleared, bounced or reversed. Recording is for whoever may move
// payments; what un-pays is for whoever may refund, because it takes money off the books.
import {
  ClearCheque,
  EndOfflinePayment,
  ListOfflinePayments,
  OfflinePayment,
  OfflinePaymentPage,
} from '@purser/protocol'
import { RecordOfflinePayment } from '@purser/protocol'
import { offlinePaymentJson } from '../../domain/offline/json.ts'
import type { OfflineInstrument } from '../../domain/offline/offline-payment.ts'
import { isDay } from '../../domain/mandate/calendar.ts'
import { parseCurrency } from '../../kernel/currencies.ts'
import { AppError, invariant } from '../../kernel/errors.ts'
import { CustomerId, PaymentId } from '../../kernel/ids.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getOfflinePayment, listOfflinePayments } from '../../operations/offline-queries.ts'
import { recordOfflinePayment } from '../../operations/record-offline-payment.ts'
import { bounceCheque, clearCheque, reverseOfflinePayment } from '../../operations/settle-offline-payment.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf, periodOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Offline payments'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canRecord = { kind: 'merchant', scope: 'payments' } as const
const canReverse = { kind: 'merchant', scope: 'refunds' } as const
const params = { id: idParam(PaymentId) }

// A retry after a crash answers the payment as it is now.
const resume = (deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) =>
  getOfflinePayment(deps, actor, PaymentId.parse(subjectId))

/** What the method needs must be there, what belongs to another must not. */
function instrumentOf(body: RecordOfflinePayment): OfflineInstrument {
  const { method, bank, cheque_number: number, cheque_date: date, utr } = body
  const belongs: Record<typeof method, readonly string[]> = {
    cash: [],
    cheque: ['bank', 'cheque_number', 'cheque_date'],
    bank_transfer: ['bank', 'utr'],
  }
  for (const field of ['bank', 'cheque_number', 'cheque_date', 'utr'] as const) {
    const isStranger = body[field] !== undefined && !belongs[method].includes(field)
    if (isStranger) throw new AppError('field_invalid', { field, reason: `does not belong to ${method}` })
  }
  if (method === 'cash') return { method }
  if (method === 'bank_transfer') return { method, utr: needed(utr, 'utr'), bank: bank?.trim() ?? null }
  const day = needed(date, 'cheque_date')
  if (!isDay(day)) throw new AppError('field_invalid', { field: 'cheque_date', reason: 'is not a day' })
  return { method, bank: needed(bank, 'bank'), number: needed(number, 'cheque_number'), date: day }
}

function needed(text: string | undefined, field: string): string {
  const told = text?.trim() ?? ''
  if (told === '') throw new AppError('field_invalid', { field, reason: 'is missing' })
  return told.replaceAll(/\s+/g, ' ')
}

function timeIn(text: string, field: string): Date {
  const at = instantOf(text, field)
  invariant(at !== undefined, 'The schema asks for a time.')
  return at
}

const ends: readonly Route[] = (['bounce', 'reverse'] as const).map((verb) =>
  write({
    path: `/v1/offline-payments/:id/${verb}`,
    access: canReverse,
    tag,
    summary: verb === 'bounce' ? 'The bank returned the cheque' : 'It was recorded in error',
    description:
      'What it had paid is taken back by rows of its own: orders and invoices say again what is owed. Refused once a part was refunded.',
    params,
    body: EndOfflinePayment,
    reply: OfflinePayment,
    act: (deps, { actor, params, body, idempotency }) => {
      const command = { paymentId: params.id, reason: body.reason, idempotency }
      return verb === 'bounce' ? bounceCheque(deps, actor, command) : reverseOfflinePayment(deps, actor, command)
    },
    resume,
    answer: offlinePaymentJson,
  }),
)

export const offlinePaymentRoutes: readonly Route[] = [
  write({
    path: '/v1/offline-payments',
    access: canRecord,
    tag,
    summary: 'Record cash, a cheque or a bank transfer',
    description:
      'It becomes credit; apply it with /v1/payments/:id/allocations. A cheque pays at once and is taken back if it bounces; it is not refunded before it has cleared.',
    body: RecordOfflinePayment,
    reply: OfflinePayment,
    status: 201,
    act: (deps, { actor, body, amount, idempotency }) =>
      recordOfflinePayment(deps, actor, {
        amount: amount(parseCurrency(body.currency)),
        instrument: instrumentOf(body),
        receivedAt: timeIn(body.received_at, 'received_at'),
        ...defined({
          customerId: body.customer_id === undefined ? undefined : CustomerId.parse(body.customer_id),
          receivedBy: body.received_by,
          note: body.note,
        }),
        idempotency,
      }),
    resume,
    answer: offlinePaymentJson,
  }),
  read({
    path: '/v1/offline-payments',
    access: canRead,
    tag,
    summary: 'List offline payments, newest first',
    description: '`from` and `to` are about when the money was received.',
    query: ListOfflinePayments,
    reply: OfflinePaymentPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          status: query.status,
          method: query.method,
          customerId: query.customer_id === undefined ? undefined : CustomerId.parse(query.customer_id),
        }),
        ...periodOf(query),
        ...pagingOf(query),
      }
      return pageJson(await listOfflinePayments(deps, actor, filter), offlinePaymentJson)
    },
  }),
  read({
    path: '/v1/offline-payments/:id',
    access: canRead,
    tag,
    summary: 'Read an offline payment',
    params,
    reply: OfflinePayment,
    read: async (deps, { actor, params }) => offlinePaymentJson(await getOfflinePayment(deps, actor, params.id)),
  }),
  write({
    path: '/v1/offline-payments/:id/clear',
    access: canRecord,
    tag,
    summary: 'The bank honoured the cheque',
    params,
    body: ClearCheque,
    reply: OfflinePayment,
    act: (deps, { actor, params, body, idempotency }) =>
      clearCheque(deps, actor, {
        paymentId: params.id,
        clearedAt: timeIn(body.cleared_at, 'cleared_at'),
        idempotency,
      }),
    resume,
    answer: offlinePaymentJson,
  }),
  ...ends,
]
