// The payments, newest first. What was searched for stands in the address, so that a search can be shared and the back
// button undoes it.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { ApiError, listPayments } from '../api.ts'
import type { Payment } from '../api.ts'
import { formatAmount } from '../amount.ts'
import { ErrorNote } from '../error-note.tsx'
import { follow, paymentAddress, useAddress } from '../router.ts'
import { formatInstant } from '../time.ts'
import { PaymentFilters } from './payment-filters.tsx'
import { StatusBadge } from './status-badge.tsx'
import { instrumentOf } from './words.ts'

export function PaymentList({ onRefused }: { readonly onRefused: () => void }) {
  const { query } = useAddress()
  const search = query.get('search') ?? ''
  const status = query.get('status') ?? ''
  const payments = useInfiniteQuery({
    queryKey: ['payments', search, status],
    queryFn: ({ pageParam, signal }) => listPayments({ search, status }, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next_cursor ?? undefined,
  })
  const refused = payments.error instanceof ApiError && payments.error.status === 401
  useEffect(() => {
    document.title = 'Payments · Purser'
  }, [])
  useEffect(() => {
    if (refused) onRefused()
  }, [refused, onRefused])
  if (refused) return null

  const items = payments.data?.pages.flatMap((page) => page.items) ?? []
  const narrowed = search !== '' || status !== ''
  return (
    <>
      <div className="headline">
        <h1>Payments</h1>
        <button type="button" className="plain" onClick={() => void payments.refetch()} disabled={payments.isFetching}>
          Refresh
        </button>
      </div>
      <PaymentFilters search={search} status={status} />
      <p className="visually-hidden" role="status">
        {payments.isPending ? 'Loading payments' : `${items.length} payments shown`}
      </p>
      {payments.error !== null && <ErrorNote error={payments.error} onRetry={() => void payments.refetch()} />}
      {payments.isPending && <Skeleton />}
      {payments.isSuccess && items.length === 0 && <Empty narrowed={narrowed} />}
      {items.length > 0 && (
        <div className="rows">
          <div className="row head" aria-hidden="true">
            <span>Amount</span>
            <span>Status</span>
            <span>Method</span>
            <span>Reference</span>
            <span>Created</span>
          </div>
          <ul>
            {items.map((payment) => (
              <Row key={payment.id} payment={payment} />
            ))}
          </ul>
        </div>
      )}
      {payments.hasNextPage && (
        <button
          type="button"
          className="plain more"
          disabled={payments.isFetchingNextPage}
          onClick={() => void payments.fetchNextPage()}
        >
          {payments.isFetchingNextPage ? 'Loading…' : 'Show more'}
        </button>
      )}
    </>
  )
}

function Row({ payment }: { readonly payment: Payment }) {
  return (
    <li>
      <a className="row" href={paymentAddress(payment.id)} onClick={follow}>
        <span className="amount">
          {formatAmount(payment.amount, payment.currency)}
          {payment.amount_refunded > 0 && (
            <small>{formatAmount(payment.amount_refunded, payment.currency)} refunded</small>
          )}
          {payment.amount_reversed > 0 && <small>reversed: the money is not there</small>}
        </span>
        <span>
          <StatusBadge status={payment.status} />
        </span>
        <span>{instrumentOf(payment)}</span>
        <span className="code">{payment.reference}</span>
        <time dateTime={payment.created_at} title={payment.created_at}>
          {formatInstant(payment.created_at)}
        </time>
      </a>
    </li>
  )
}

function Empty({ narrowed }: { readonly narrowed: boolean }) {
  return (
    <div className="note">
      <p>
        <strong>{narrowed ? 'No payment matches.' : 'No payments yet.'}</strong>
      </p>
      <p>
        {narrowed
          ? 'A search finds a whole value: an id, a reference, an RRN, a UPI id or the last four digits of a card.'
          : 'Create an order by the API, open a session for it and pay on its page: it appears here at once.'}
      </p>
    </div>
  )
}

function Skeleton() {
  return (
    <div className="skeleton" aria-hidden="true">
      {[1, 2, 3, 4, 5].map((line) => (
        <div key={line} />
      ))}
    </div>
  )
}
