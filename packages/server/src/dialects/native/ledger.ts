// The ledger over the native API, to read. Nobody posts by hand.
import { BalanceList, ListBalances, ListPostings, PostingPage } from '@purser/protocol'
import { PaymentId, RefundId } from '../../kernel/ids.ts'
import { listBalances, listPostings } from '../../operations/read-ledger.ts'
import { defined } from '../contract/defined.ts'
import { instantOf, pageJson, pagingOf, periodOf } from '../contract/list-query.ts'
import { read } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'
import { balanceJson, postingJson } from './words.ts'

const tag = 'Ledger'
const access = { kind: 'merchant', scope: 'read' } as const

export const ledgerRoutes: readonly Route[] = [
  read({
    path: '/v1/balances',
    access,
    tag,
    summary: 'Balances by account and currency',
    description:
      'Of every account that a posting touched, as sums over the postings; all of one currency add up to zero.',
    query: ListBalances,
    reply: BalanceList,
    read: async (deps, { actor, query }) => ({
      object: 'list' as const,
      items: (
        await listBalances(deps, actor, { ...defined({ currency: query.currency }), at: instantOf(query.at, 'at') })
      ).map(balanceJson),
      next_cursor: null,
    }),
  }),
  read({
    path: '/v1/postings',
    access,
    tag,
    summary: 'List postings, newest first',
    query: ListPostings,
    reply: PostingPage,
    read: async (deps, { actor, query }) => {
      const filter = {
        ...defined({
          account: query.account,
          currency: query.currency,
          paymentId: query.payment_id === undefined ? undefined : PaymentId.parse(query.payment_id),
          refundId: query.refund_id === undefined ? undefined : RefundId.parse(query.refund_id),
        }),
        ...periodOf(query),
        ...pagingOf(query),
      }
      return pageJson(await listPostings(deps, actor, filter), postingJson)
    },
  }),
]
