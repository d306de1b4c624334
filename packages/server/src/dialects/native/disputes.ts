// Disputes over the native API. A gateway opens and decides them; here they are read and answered.
import {
  AcceptDispute,
  Dispute,
  DisputeDetails,
  DisputePage,
  ListDisputes,
  ResolveDispute,
  SubmitEvidence,
} from '@purser/protocol'
import { disputeDetailsJson, disputeJson } from '../../domain/dispute/json.ts'
import { DisputeId, OrderId, PaymentId } from '../../kernel/ids.ts'
import { acceptDispute, submitEvidence } from '../../operations/answer-dispute.ts'
import type { Actor, Deps } from '../../operations/deps.ts'
import { getDispute, listDisputes } from '../../operations/dispute-queries.ts'
import { resolveDispute } from '../../operations/resolve-dispute.ts'
import { defined } from '../contract/defined.ts'
import { pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

const tag = 'Disputes'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canAnswer = { kind: 'merchant', scope: 'refunds' } as const
const params = { id: idParam(DisputeId) }

// A retry after a crash answers the dispute as it is now.
async function resume(deps: Deps, { actor, subjectId }: { actor: Actor; subjectId: string }) {
  return (await getDispute(deps, actor, DisputeId.parse(subjectId))).dispute
}

export const disputeRoutes: readonly Route[] = [
  read({
    path: '/v1/disputes',
    access: canRead,
    tag,
    summary: 'List disputes, newest first',
    query: ListDisputes,
    reply: DisputePage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          status: query.status,
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
          orderId: query.order_id === undefined ? undefined : OrderId.parse(query.order_id),
        }),
        ...pagingOf(query),
      }
      return pageJson(await listDisputes(deps, actor, filter), disputeJson)
    },
  }),
  read({
    path: '/v1/disputes/:id',
    access: canRead,
    tag,
    summary: 'Read a dispute with what was said against it and its history',
    params,
    reply: DisputeDetails,
    read: async (deps, { actor, params }) => disputeDetailsJson(await getDispute(deps, actor, params.id)),
  }),
  write({
    path: '/v1/disputes/:id/accept',
    access: canAnswer,
    tag,
    summary: 'Let a disputed amount go',
    description:
      'For good. The gateway is told; the money is gone once it says so. Beyond the refund threshold of its currency it takes ' +
      'a key with `settings` as well.',
    params,
    body: AcceptDispute,
    reply: Dispute,
    act: (deps, { actor, params, idempotency }) => acceptDispute(deps, actor, { disputeId: params.id, idempotency }),
    resume,
    answer: disputeJson,
  }),
  write({
    path: '/v1/disputes/:id/evidence',
    access: canAnswer,
    tag,
    summary: 'Say what speaks against a dispute',
    description: 'Until `evidence_due_at`, as often as there is something to add. It is kept as it is and passed on.',
    params,
    body: SubmitEvidence,
    reply: Dispute,
    act: (deps, { actor, params, body, idempotency }) =>
      submitEvidence(deps, actor, {
        disputeId: params.id,
        statement: body.statement,
        references: body.references ?? [],
        idempotency,
      }),
    resume,
    answer: disputeJson,
  }),
  write({
    path: '/v1/disputes/:id/resolve',
    access: { kind: 'merchant', scope: 'settings' },
    tag,
    summary: 'Decide a dispute by hand',
    description:
      'For gateways that tell nothing. A gateway that can be asked is asked first; where it answers, its answer is recorded and `outcome_known` comes back. What it says against the decision later is followed, and shown as a conflict.',
    params,
    body: ResolveDispute,
    reply: Dispute,
    act: (deps, { actor, params, body: { outcome, evidence, reason }, idempotency }) =>
      resolveDispute(deps, actor, { disputeId: params.id, outcome, evidence, reason, idempotency }),
    resume,
    answer: disputeJson,
  }),
]
