// Refunds over the native API. The amount is never optional: an absent one is an error, not a full refund.
import { CreateRefund, ListRefunds, Refund, RefundPage, ResolveRefund } from '@purser/protocol'
import { refundJson } from '../../domain/webhook/objects.ts'
import { AppError, invariant } from '../../kernel/errors.ts'
import { OrderId, PaymentId, RefundId } from '../../kernel/ids.ts'
import { getPayment, getRefund, listRefunds } from '../../operations/queries.ts'
import { refundPayment } from '../../operations/refund-payment.ts'
import { resolveRefund } from '../../operations/resolve-operation.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { amountIn } from './amounts.ts'

const tag = 'Refunds'
const canRead = { kind: 'merchant', scope: 'read' } as const

function givenBackOf({ given_back: told }: CreateRefund) {
  if (told === undefined) return undefined
  const at = instantOf(told.at, 'given_back.at')
  invariant(at !== undefined, 'The schema asks for a time.')
  return { way: told.way, reference: told.reference ?? null, at, by: told.by }
}

export const refundRoutes: readonly Route[] = [
  write({
    path: '/v1/payments/:id/refunds',
    access: { kind: 'merchant', scope: 'refunds' },
    tag,
    summary: 'Give captured money back',
    description:
      'By the gateway that took it. Cash on delivery and offline payments have none: a person pays the money out, and `given_back` says how.',
    params: { id: idParam(PaymentId) },
    body: CreateRefund,
    reply: Refund,
    status: 201,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const currency = async () => (await getPayment(deps, actor, params.id)).amount.currency
      const money = await amountIn(body, amount, currency)
      if (money === undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
      return refundPayment(deps, actor, {
        paymentId: params.id,
        amount: money,
        reason: body.reason,
        ...defined({ note: body.note, givenBack: givenBackOf(body) }),
        idempotency,
      })
    },
    resume: (deps, { actor, subjectId }) => getRefund(deps, actor, RefundId.parse(subjectId)),
    answer: refundJson,
  }),
  write({
    path: '/v1/refunds/:id/resolve',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Decide an unknown outcome by hand',
    description:
      'The gateway is asked first; where it answers, its answer is recorded and `outcome_known` comes back. What it says against the decision later is shown as a conflict.',
    params: { id: idParam(RefundId) },
    body: ResolveRefund,
    reply: Refund,
    act: (deps, { actor, params, body, idempotency }) =>
      resolveRefund(deps, actor, {
        refundId: params.id,
        outcome: body.outcome,
        evidence: body.evidence,
        reason: body.reason,
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => getRefund(deps, actor, RefundId.parse(subjectId)),
    answer: refundJson,
  }),
  read({
    path: '/v1/refunds',
    access: canRead,
    tag,
    summary: 'List refunds, newest first',
    query: ListRefunds,
    reply: RefundPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          status: query.status,
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
        }),
        ...pagingOf(query),
      }
      return pageJson(await listRefunds(deps, actor, filter), refundJson)
    },
  }),
  read({
    path: '/v1/refunds/:id',
    access: canRead,
    tag,
    summary: 'Read a refund',
    params: { id: idParam(RefundId) },
    reply: Refund,
    read: async (deps, { actor, params }) => refundJson(await getRefund(deps, actor, params.id)),
  }),
]
