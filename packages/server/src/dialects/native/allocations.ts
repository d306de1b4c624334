// Allocations over the native API: a part of a payment for an order or an invoice, and taken back again.
import { AllocatePayment, Allocation, AllocationPage, ListAllocations, WithdrawAllocation } from '@purser/protocol'
import type { AllocationTarget } from '../../domain/allocation/allocation.ts'
import { allocationJson } from '../../domain/offline/json.ts'
import { AppError } from '../../kernel/errors.ts'
import { AllocationId, OrderId, PaymentId } from '../../kernel/ids.ts'
import { allocatePayment, withdrawAllocation } from '../../operations/allocate-payment.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getAllocation, listAllocations } from '../../operations/offline-queries.ts'
import { getPayment } from '../../operations/queries.ts'
import { defined } from '../contract/defined.ts'
import { pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { amountIn } from './amounts.ts'

const tag = 'Allocations'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canAllocate = { kind: 'merchant', scope: 'payments' } as const

const resume = (deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) =>
  getAllocation(deps, actor, AllocationId.parse(subjectId))

function targetOf({ order_id: orderId, invoice_id: invoiceId, invoice_amount }: AllocatePayment): AllocationTarget {
  if ((orderId === undefined) === (invoiceId === undefined)) {
    throw new AppError('field_invalid', { field: 'order_id', reason: 'give either this or invoice_id' })
  }
  if (invoiceId !== undefined) return { kind: 'invoice', invoiceId }
  if (invoice_amount !== undefined) {
    throw new AppError('field_invalid', { field: 'invoice_amount', reason: 'belongs to invoice_id' })
  }
  return { kind: 'order', orderId: OrderId.parse(orderId ?? '') }
}

export const allocationRoutes: readonly Route[] = [
  write({
    path: '/v1/payments/:id/allocations',
    access: canAllocate,
    tag,
    summary: 'Apply a part of a payment to an order or an invoice',
    description:
      'At most what is left of the payment and at most what is owed. Only offline payments are applied to orders: the others have theirs.',
    params: { id: idParam(PaymentId) },
    body: AllocatePayment,
    reply: Allocation,
    status: 201,
    act: async (deps, { actor, params, body, amount, amountAt, idempotency }) => {
      const currency = async () => (await getPayment(deps, actor, params.id)).amount.currency
      const money = await amountIn(body, amount, currency)
      if (money === undefined) throw new AppError('amount_invalid', { field: 'amount', reason: 'is missing' })
      const asked = body.invoice_amount === undefined ? undefined : amountAt(['invoice_amount'], money.currency)
      return allocatePayment(deps, actor, {
        paymentId: params.id,
        amount: money,
        target: targetOf(body),
        ...defined({ invoiceAmount: asked, note: body.note }),
        idempotency,
      })
    },
    resume,
    answer: allocationJson,
  }),
  read({
    path: '/v1/allocations',
    access: canRead,
    tag,
    summary: 'List allocations, newest first',
    query: ListAllocations,
    reply: AllocationPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
          invoiceId: query.invoice_id,
        }),
        ...pagingOf(query),
      }
      return pageJson(await listAllocations(deps, actor, filter), allocationJson)
    },
  }),
  read({
    path: '/v1/allocations/:id',
    access: canRead,
    tag,
    summary: 'Read an allocation',
    params: { id: idParam(AllocationId) },
    reply: Allocation,
    read: async (deps, { actor, params }) => allocationJson(await getAllocation(deps, actor, params.id)),
  }),
  write({
    path: '/v1/allocations/:id/withdraw',
    access: canAllocate,
    tag,
    summary: 'Take an allocation back',
    description: 'Answers the row that takes it back. The money is credit again, and the order or the invoice is owed.',
    params: { id: idParam(AllocationId) },
    body: WithdrawAllocation,
    reply: Allocation,
    act: (deps, { actor, params, body, idempotency }) =>
      withdrawAllocation(deps, actor, { allocationId: params.id, reason: body.reason, idempotency }),
    resume,
    answer: allocationJson,
  }),
]
