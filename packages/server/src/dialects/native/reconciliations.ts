// Reconciliation over the native API: look now, see what was found, close what was looked into.
import {
  Break,
  BreakPage,
  CreateReconciliation,
  ListBreaks,
  ListReconciliations,
  Reconciliation,
  ReconciliationPage,
  ResolveBreak,
} from '@purser/protocol'
import { breakJson } from '../../domain/settlement/json.ts'
import { BreakId, GatewayAccountId, PaymentId, ReconciliationId } from '../../kernel/ids.ts'
import { getBreak, getReconciliation, listBreaks, listReconciliations, resolveBreak } from '../../operations/breaks.ts'
import { reconcile, resumeReconciliation } from '../../operations/reconcile.ts'
import { defined } from '../contract/defined.ts'
import { pageJson, pagingOf } from '../contract/list-query.ts'
import { idParam, read, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { reconciliationJson } from './words.ts'

const tag = 'Reconciliation'
const canRead = { kind: 'merchant', scope: 'read' } as const
const canWrite = { kind: 'merchant', scope: 'payments' } as const

export const reconciliationRoutes: readonly Route[] = [
  write({
    path: '/v1/reconciliations',
    access: canWrite,
    tag,
    summary: 'Fetch, import and match the settlement files now',
    description: 'A job does the same every day. What was imported before is not imported again.',
    body: CreateReconciliation,
    reply: Reconciliation,
    status: 201,
    act: (deps, { actor, body, idempotency }) =>
      reconcile(deps, actor, {
        trigger: 'request',
        ...defined({
          gatewayAccountId:
            body.gateway_account_id === undefined ? undefined : GatewayAccountId.parse(body.gateway_account_id),
        }),
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => resumeReconciliation(deps, actor, ReconciliationId.parse(subjectId)),
    answer: reconciliationJson,
  }),
  read({
    path: '/v1/reconciliations',
    access: canRead,
    tag,
    summary: 'List reconciliations, newest first',
    query: ListReconciliations,
    reply: ReconciliationPage,
    read: async (deps, { actor, query }) => {
      const account = query.gateway_account_id
      const filter = {
        ...defined({ gatewayAccountId: account === undefined ? undefined : GatewayAccountId.parse(account) }),
        ...pagingOf(query),
      }
      return pageJson(await listReconciliations(deps, actor, filter), reconciliationJson)
    },
  }),
  read({
    path: '/v1/reconciliations/:id',
    access: canRead,
    tag,
    summary: 'Read a reconciliation',
    params: { id: idParam(ReconciliationId) },
    reply: Reconciliation,
    read: async (deps, { actor, params }) => reconciliationJson(await getReconciliation(deps, actor, params.id)),
  }),
  read({
    path: '/v1/breaks',
    access: canRead,
    tag,
    summary: 'List breaks, newest first',
    query: ListBreaks,
    reply: BreakPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          status: query.status,
          reason: query.reason,
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
        }),
        ...pagingOf(query),
      }
      return pageJson(await listBreaks(deps, actor, filter), breakJson)
    },
  }),
  read({
    path: '/v1/breaks/:id',
    access: canRead,
    tag,
    summary: 'Read a break',
    params: { id: idParam(BreakId) },
    reply: Break,
    read: async (deps, { actor, params }) => breakJson(await getBreak(deps, actor, params.id)),
  }),
  write({
    path: '/v1/breaks/:id/resolve',
    access: canWrite,
    tag,
    summary: 'Resolve a break',
    description: 'Says what was found. It moves no money and changes no posting.',
    params: { id: idParam(BreakId) },
    body: ResolveBreak,
    reply: Break,
    act: (deps, { actor, params, body, idempotency }) =>
      resolveBreak(deps, actor, { breakId: params.id, note: body.note, idempotency }),
    resume: (deps, { actor, subjectId }) => getBreak(deps, actor, BreakId.parse(subjectId)),
    answer: breakJson,
  }),
]
