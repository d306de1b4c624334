// Mandates over the native API. They are registered by paying an order that was created with `mandate`; what happens to
// them afterwards is here. A charge answers the payment it made: `created` while it waits for its notice or its day.
import {
  ChargeMandate,
  ListMandates,
  Mandate,
  MandateDetails,
  MandatePage,
  PauseMandate,
  Payment,
  PreDebitNotice,
  SendPreDebitNotice,
} from '@purser/protocol'
import { isDay } from '../../domain/mandate/calendar.ts'
import { executionJson, mandateJson, noticeJson } from '../../domain/mandate/json.ts'
import { paymentJson } from '../../domain/webhook/objects.ts'
import { AppError } from '../../kernel/errors.ts'
import { CustomerId, MandateId, OrderId, PaymentId, PreDebitNoticeId } from '../../kernel/ids.ts'
import { pauseMandate, resumeMandate, revokeMandate } from '../../operations/change-mandate.ts'
import { chargeMandate } from '../../operations/charge-mandate.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getMandate, getNotice, listMandates } from '../../operations/mandate-queries.ts'
import type { MandateView } from '../../operations/mandate-queries.ts'
import { getPayment } from '../../operations/queries.ts'
import { notifyDebit } from '../../operations/send-notice.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { amountIn } from './amounts.ts'

const tag = 'Mandates'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'payments' } as const
const params = { id: idParam(MandateId) }

function detailsJson({ mandate, executions, notices, transitions }: MandateView) {
  return {
    ...mandateJson(mandate),
    executions: executions.map(executionJson),
    pre_debit_notices: notices.map(noticeJson),
    transitions: transitions.map(({ version, from, to, event, cause, actor, at }) => ({
      version,
      from,
      to,
      event,
      cause,
      actor,
      at: at.toISOString(),
    })),
  }
}

// A retry after a crash answers the mandate as it is now.
async function resume(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return (await getMandate(deps, actor, MandateId.parse(subjectId))).mandate
}

const currencyOf = (deps: Deps, actor: Actor, id: MandateId) => async () =>
  (await getMandate(deps, actor, id)).mandate.maxAmount.currency

function dayIn(text: string): string {
  if (!isDay(text)) throw new AppError('field_invalid', { field: 'debit_day', reason: 'is not a day' })
  return text
}

const changes: readonly Route[] = [
  write({
    path: '/v1/mandates/:id/pause',
    access: canWrite,
    tag,
    summary: 'Pause a mandate',
    description:
      'From now on, or from `starts_at` on, no charge starts. With `ends_at` the pause ends itself. A pause that has not begun is taken back by resuming.',
    params,
    body: PauseMandate,
    reply: Mandate,
    act: (deps, { actor, params, body, idempotency }) =>
      pauseMandate(deps, actor, {
        mandateId: params.id,
        ...defined({
          startsAt: instantOf(body.starts_at, 'starts_at'),
          endsAt: instantOf(body.ends_at, 'ends_at'),
        }),
        idempotency,
      }),
    resume,
    answer: mandateJson,
  }),
  write({
    path: '/v1/mandates/:id/resume',
    access: canWrite,
    tag,
    summary: 'Resume a paused mandate',
    params,
    reply: Mandate,
    act: (deps, { actor, params, idempotency }) => resumeMandate(deps, actor, { mandateId: params.id, idempotency }),
    resume,
    answer: mandateJson,
  }),
  write({
    path: '/v1/mandates/:id/revoke',
    access: canWrite,
    tag,
    summary: 'Revoke a mandate, for good',
    description: 'From now on no charge starts. One that had started before may still be captured.',
    params,
    reply: Mandate,
    act: (deps, { actor, params, idempotency }) => revokeMandate(deps, actor, { mandateId: params.id, idempotency }),
    resume,
    answer: mandateJson,
  }),
]

export const mandateRoutes: readonly Route[] = [
  read({
    path: '/v1/mandates',
    access: canRead,
    tag,
    summary: 'List mandates, newest first',
    query: ListMandates,
    reply: MandatePage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          status: query.status,
          customerId: query.customer_id === undefined ? undefined : CustomerId.parse(query.customer_id),
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
        }),
        ...pagingOf(query),
      }
      return pageJson(await listMandates(deps, actor, filter), mandateJson)
    },
  }),
  read({
    path: '/v1/mandates/:id',
    access: canRead,
    tag,
    summary: 'Read a mandate with its uses, notices and history',
    params,
    reply: MandateDetails,
    read: async (deps, { actor, params }) => detailsJson(await getMandate(deps, actor, params.id)),
  }),
  write({
    path: '/v1/mandates/:id/charges',
    access: canWrite,
    tag,
    summary: 'Charge a mandate',
    description:
      'Makes an order and a payment. Where the payer has to be told ahead, that is done and the charge waits.',
    params,
    body: ChargeMandate,
    reply: Payment,
    status: 201,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const money = await amountIn(body, amount, currencyOf(deps, actor, params.id))
      if (money === undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
      return chargeMandate(deps, actor, {
        mandateId: params.id,
        reference: body.reference,
        amount: money,
        ...defined({
          debitDay: body.debit_day === undefined ? undefined : dayIn(body.debit_day),
          noticeId:
            body.pre_debit_notice_id === undefined ? undefined : PreDebitNoticeId.parse(body.pre_debit_notice_id),
          description: body.description,
          metadata: body.metadata,
          retries: body.retries,
        }),
        idempotency,
      })
    },
    resume: (deps, { actor, subjectId }) => getPayment(deps, actor, PaymentId.parse(subjectId)),
    answer: paymentJson,
  }),
  write({
    path: '/v1/mandates/:id/pre-debit-notices',
    access: canWrite,
    tag,
    summary: 'Tell the payer of a charge to come',
    description:
      'Sent at once when the day is near, else 36 hours before it begins. A charge sends its own where it must.',
    params,
    body: SendPreDebitNotice,
    reply: PreDebitNotice,
    status: 201,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const money = await amountIn(body, amount, currencyOf(deps, actor, params.id))
      if (money === undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
      return notifyDebit(deps, actor, {
        mandateId: params.id,
        amount: money,
        debitDay: dayIn(body.debit_day),
        ...defined({ reference: body.reference, description: body.description }),
        idempotency,
      })
    },
    resume: (deps, { actor, subjectId }) => getNotice(deps, actor, PreDebitNoticeId.parse(subjectId)),
    answer: noticeJson,
  }),
  ...changes,
]
