// Payments over the native API. A decline, a step for the payer and an unknown outcome are answers, not errors: a
// caller reads `status`, and never takes `unknown` for `failed`.
import {
  CapturePayment,
  CollectPayment,
  ExchangeList,
  ListPayments,
  Payment,
  PaymentPage,
  ResolvePayment,
  StartPayment,
  Timeline,
} from '@purser/protocol'
import { paymentJson } from '../../domain/webhook/objects.ts'
import { AppError, invariant } from '../../kernel/errors.ts'
import { GatewayAccountId, OrderId, PaymentId, SessionId } from '../../kernel/ids.ts'
import { cancelPayment } from '../../operations/cancel-payment.ts'
import { capturePayment } from '../../operations/capture-payment.ts'
import { collectPayment } from '../../operations/collect-payment.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getPayment, getTimeline, listExchanges, listPayments } from '../../operations/queries.ts'
import { resolvePayment } from '../../operations/resolve-operation.ts'
import { startPayment } from '../../operations/start-payment.ts'
import { voidPayment } from '../../operations/void-payment.ts'
import { meansOf } from '../contract/chosen-instrument.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf, periodOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { amountIn } from './amounts.ts'
import { exchangeJson, timelineJson } from './words.ts'

const tag = 'Payments'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'payments' } as const
const params = { id: idParam(PaymentId) }

// A retry after a crash answers the payment as it is now; what became of the call shows there.
function resumePayment(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return getPayment(deps, actor, PaymentId.parse(subjectId))
}

export const paymentRoutes: readonly Route[] = [
  write({
    path: '/v1/orders/:id/payments',
    access: canWrite,
    tag,
    summary: 'Start a payment attempt',
    description: 'Answers once the gateway has, or once it is known that the outcome is not known.',
    params: { id: idParam(OrderId) },
    body: StartPayment,
    reply: Payment,
    status: 201,
    act: (deps, { actor, params, body, idempotency }) =>
      startPayment(deps, actor, {
        orderId: params.id,
        ...meansOf(body),
        ...defined({
          sessionId: body.session_id === undefined ? undefined : SessionId.parse(body.session_id),
          gatewayAccountId:
            body.gateway_account_id === undefined ? undefined : GatewayAccountId.parse(body.gateway_account_id),
        }),
        idempotency,
      }),
    resume: resumePayment,
    answer: paymentJson,
  }),
  read({
    path: '/v1/payments',
    access: canRead,
    tag,
    summary: 'List or search payments, newest first',
    query: ListPayments,
    reply: PaymentPage,
    read: async (deps, { actor, query }) => {
      const { search, cursor: _, limit: __, ...narrowing } = query
      if (search !== undefined && Object.keys(narrowing).length > 0) {
        throw new AppError('field_invalid', { field: 'search', reason: 'cannot be combined with other filters' })
      }
      const filter = {
        ...defined({
          status: query.status,
          method: query.method,
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
          search,
        }),
        ...periodOf(query),
        ...pagingOf(query),
      }
      return pageJson(await listPayments(deps, actor, filter), paymentJson)
    },
  }),
  read({
    path: '/v1/payments/:id',
    access: canRead,
    tag,
    summary: 'Read a payment',
    params,
    reply: Payment,
    read: async (deps, { actor, params }) => paymentJson(await getPayment(deps, actor, params.id)),
  }),
  write({
    path: '/v1/payments/:id/capture',
    access: canWrite,
    tag,
    summary: 'Take all or part of what is held',
    params,
    body: CapturePayment,
    reply: Payment,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const currency = async () => (await getPayment(deps, actor, params.id)).amount.currency
      return capturePayment(deps, actor, {
        paymentId: params.id,
        ...defined({ amount: await amountIn(body, amount, currency), final: body.final }),
        idempotency,
      })
    },
    resume: resumePayment,
    answer: paymentJson,
  }),
  write({
    path: '/v1/payments/:id/collect',
    access: canWrite,
    tag,
    summary: 'Record the cash that was collected on delivery',
    params,
    body: CollectPayment,
    reply: Payment,
    act: async (deps, { actor, params, body, amount, idempotency }) => {
      const currency = async () => (await getPayment(deps, actor, params.id)).amount.currency
      const money = await amountIn(body, amount, currency)
      if (money === undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
      const collectedAt = instantOf(body.collected_at, 'collected_at')
      invariant(collectedAt !== undefined, 'The schema asks for a time.')
      return collectPayment(deps, actor, {
        paymentId: params.id,
        amount: money,
        collectedAt,
        collectedBy: body.collected_by,
        idempotency,
      })
    },
    resume: resumePayment,
    answer: paymentJson,
  }),
  write({
    path: '/v1/payments/:id/void',
    access: canWrite,
    tag,
    summary: 'Release what is held',
    params,
    reply: Payment,
    act: (deps, { actor, params, idempotency }) => voidPayment(deps, actor, { paymentId: params.id, idempotency }),
    resume: resumePayment,
    answer: paymentJson,
  }),
  write({
    path: '/v1/payments/:id/cancel',
    access: canWrite,
    tag,
    summary: 'Stop an attempt that waits for its payer',
    description:
      'The gateway has the word: read `status`. `requires_action` means that it did not say; the attempt may still be paid.',
    params,
    reply: Payment,
    act: (deps, { actor, params, idempotency }) => cancelPayment(deps, actor, { paymentId: params.id, idempotency }),
    resume: resumePayment,
    answer: paymentJson,
  }),
  write({
    path: '/v1/payments/:id/resolve',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Decide an unknown outcome by hand',
    description:
      'The gateway is asked first; where it answers, its answer is recorded and `outcome_known` comes back. What it says against the decision later is followed, and shown as a conflict.',
    params,
    body: ResolvePayment,
    reply: Payment,
    act: (deps, { actor, params, body, idempotency }) =>
      resolvePayment(deps, actor, {
        paymentId: params.id,
        outcome: body.outcome,
        evidence: body.evidence,
        reason: body.reason,
        ...defined({ gatewayPaymentId: body.gateway_payment_id }),
        idempotency,
      }),
    resume: resumePayment,
    answer: paymentJson,
  }),
  read({
    path: '/v1/payments/:id/timeline',
    access: canRead,
    tag,
    summary: 'Everything that is known of a payment',
    params,
    reply: Timeline,
    read: async (deps, { actor, params }) => timelineJson(await getTimeline(deps, actor, params.id)),
  }),
  read({
    path: '/v1/payments/:id/exchanges',
    access: canRead,
    tag,
    summary: 'What was said to and by the gateway',
    params,
    reply: ExchangeList,
    read: async (deps, { actor, params }) => ({
      object: 'list' as const,
      items: (await listExchanges(deps, actor, params.id)).map(exchangeJson),
      next_cursor: null,
    }),
  }),
]
