// The second person over the native API: who approves, who rejects, and from which amount on somebody has to.
import {
  DecideRefund,
  DeletedRefundApprovalThreshold,
  Refund,
  RefundApprovalThreshold,
  RefundApprovalThresholds,
  SetRefundApprovalThreshold,
} from '@purser/protocol'
import Type from 'typebox'
import { refundJson } from '../../domain/webhook/objects.ts'
import { parseCurrency } from '../../kernel/currencies.ts'
import { invariant } from '../../kernel/errors.ts'
import { RefundId } from '../../kernel/ids.ts'
import { approveRefund, rejectRefund } from '../../operations/approve-refund.ts'
import { getRefund } from '../../operations/queries.ts'
import {
  getRefundApprovalThresholds,
  removeRefundApprovalThreshold,
  setRefundApprovalThreshold,
} from '../../operations/refund-approval-thresholds.ts'
import { defined } from '../contract/defined.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { thresholdJson } from './words.ts'

const tag = 'Refunds'
const canDecide = { kind: 'merchant', scope: 'refunds' } as const
const canSet = { kind: 'merchant', scope: 'settings' } as const
const params = { id: idParam(RefundId) }
const currency = { schema: Type.String({ pattern: '^[A-Z]{3}$' }), parse: parseCurrency }

const decisions = (
  [
    ['approve', 'Approve a refund that waits for a second person', approveRefund],
    ['reject', 'Reject a refund that waits for a second person', rejectRefund],
  ] as const
).map(([verb, summary, decide]) =>
  write({
    path: `/v1/refunds/:id/${verb}`,
    access: canDecide,
    tag,
    summary,
    description: 'By somebody else than who asked for it: another user or another key.',
    params,
    body: DecideRefund,
    reply: Refund,
    act: (deps, { actor, params, body, idempotency }) =>
      decide(deps, actor, { refundId: params.id, ...defined({ note: body.note }), idempotency }),
    resume: (deps, { actor, subjectId }) => getRefund(deps, actor, RefundId.parse(subjectId)),
    answer: refundJson,
  }),
)

export const refundApprovalRoutes: readonly Route[] = [
  ...decisions,
  read({
    path: '/v1/refund-approval-thresholds',
    access: { kind: 'merchant', scope: 'read' },
    tag,
    summary: 'From which amounts on refunds need a second person',
    reply: RefundApprovalThresholds,
    read: async (deps, { actor }) => ({
      object: 'list' as const,
      items: (await getRefundApprovalThresholds(deps, actor)).map(thresholdJson),
      next_cursor: null,
    }),
  }),
  write({
    path: '/v1/refund-approval-thresholds',
    access: canSet,
    tag,
    summary: 'Set from which amount on refunds need a second person',
    description: 'One threshold per currency; it replaces the one before.',
    body: SetRefundApprovalThreshold,
    reply: RefundApprovalThreshold,
    act: (deps, { actor, body, amount, idempotency }) =>
      setRefundApprovalThreshold(deps, actor, { amount: amount(parseCurrency(body.currency)), idempotency }),
    resume: async (deps, { actor, subjectId }) => {
      const found = (await getRefundApprovalThresholds(deps, actor)).find((one) => one.amount.currency === subjectId)
      invariant(found !== undefined, 'The threshold was set.')
      return found
    },
    answer: thresholdJson,
  }),
  write({
    method: 'DELETE',
    path: '/v1/refund-approval-thresholds/:currency',
    access: canSet,
    tag,
    summary: 'Let refunds in a currency go without a second person',
    params: { currency },
    reply: DeletedRefundApprovalThreshold,
    act: (deps, { actor, params, idempotency }) =>
      removeRefundApprovalThreshold(deps, actor, { currency: params.currency, idempotency }),
    resume: async (_deps, { subjectId }) => parseCurrency(subjectId),
    answer: (code) => ({ object: 'refund_approval_threshold' as const, currency: code, deleted: true as const }),
  }),
]
