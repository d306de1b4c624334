// One payment: where it stands, what happened to it, and what the books say. Looked at again by itself while its
// outcome is open.
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { ReactNode } from 'react'
import { ApiError, readTimeline } from '../api.ts'
import type { Timeline } from '../api.ts'
import { formatAmount } from '../amount.ts'
import { ErrorNote } from '../error-note.tsx'
import { follow, LIST } from '../router.ts'
import { formatInstant } from '../time.ts'
import { StatusBadge } from './status-badge.tsx'
import { entriesOf } from './timeline-entries.ts'
import type { Entry } from './timeline-entries.ts'
import { instrumentOf, isOpen, plain } from './words.ts'

const LOOK_AGAIN_MS = 2_000

export function PaymentTimeline({ id, onRefused }: { readonly id: string; readonly onRefused: () => void }) {
  const timeline = useQuery({
    queryKey: ['timeline', id],
    queryFn: ({ signal }) => readTimeline(id, signal),
    refetchInterval: ({ state }) =>
      state.data !== undefined && isOpen(state.data.payment.status) ? LOOK_AGAIN_MS : false,
  })
  const refused = timeline.error instanceof ApiError && timeline.error.status === 401
  useEffect(() => {
    if (refused) onRefused()
  }, [refused, onRefused])
  useEffect(() => {
    document.title = `Payment ${id} · Purser`
  }, [id])
  if (refused) return null
  return (
    <>
      <p>
        <a href={LIST} onClick={follow}>
          ← All payments
        </a>
      </p>
      {timeline.data === undefined && <h1>Payment</h1>}
      {timeline.isPending && <p role="status">Loading the payment…</p>}
      {timeline.error !== null && <ErrorNote error={timeline.error} onRetry={() => void timeline.refetch()} />}
      {timeline.data !== undefined && <Story timeline={timeline.data} />}
    </>
  )
}

function Story({ timeline }: { readonly timeline: Timeline }) {
  const { payment, order, conflicts, postings } = timeline
  return (
    <>
      <div className="headline">
        <h1>{formatAmount(payment.amount, payment.currency)}</h1>
        <StatusBadge status={payment.status} />
      </div>
      {payment.status === 'unknown' && (
        <div className="note bad">
          <p>
            <strong>It is not known whether money moved.</strong>
          </p>
          <p>Purser asks the gateway until it knows. Do not charge the payer again before that.</p>
        </div>
      )}
      {payment.decline !== null && (
        <div className="note">
          <p>
            <strong>Declined: {plain(payment.decline.code)}</strong> ({plain(payment.decline.stage)})
          </p>
          <p>The payer read: “{payment.decline.message}”</p>
          <p className="quiet">The gateway said: {payment.decline.gateway_code}</p>
        </div>
      )}
      {conflicts.length > 0 && (
        <div className="note bad">
          <strong>
            {conflicts.length} {conflicts.length === 1 ? 'report' : 'reports'} of the gateway did not fit this payment.
          </strong>
        </div>
      )}
      <Facts timeline={timeline} />
      <section aria-labelledby="history">
        <h2 id="history">History</h2>
        <ol className="history">
          {entriesOf(timeline).map((entry) => (
            <HistoryEntry key={entry.key} entry={entry} />
          ))}
        </ol>
      </section>
      <section aria-labelledby="postings">
        <h2 id="postings">Postings</h2>
        {postings.length === 0 ? (
          <p className="quiet">
            Nothing has been posted for this payment{order === null ? '' : ` of order ${order.reference}`}.
          </p>
        ) : (
          <Postings postings={postings} />
        )}
      </section>
    </>
  )
}

function Facts({ timeline: { payment, order } }: { readonly timeline: Timeline }) {
  const amount = (minor: number) => (minor === 0 ? null : formatAmount(minor, payment.currency))
  const facts: readonly (readonly [string, string | null])[] = [
    ['Order', order === null ? null : `${order.reference} (${plain(order.status)})`],
    ['Description', order === null || order.description === '' ? null : order.description],
    ['Payer', order === null ? null : (order.payer.name ?? order.payer.email ?? order.payer.phone)],
    ['Method', instrumentOf(payment)],
    ['Authorized', amount(payment.amount_authorized)],
    ['Captured', amount(payment.amount_captured)],
    ['Refunded', amount(payment.amount_refunded)],
    ['Refund under way', amount(payment.amount_refund_pending)],
    ['Disputed', amount(payment.amount_disputed)],
    ['Allocated', amount(payment.amount_allocated)],
    ['Reversed', amount(payment.amount_reversed)],
    ['Issuer', payment.facts.issuer],
    ['RRN', payment.facts.rrn],
    ['Authorization code', payment.facts.auth_code],
    ['Payment', payment.id],
    ['Reference at the gateway', payment.reference],
    ['The gateway’s own id', payment.gateway_payment_id],
    ['Created', formatInstant(payment.created_at)],
  ]
  return (
    <dl className="facts">
      {facts.map(([name, value]) =>
        value === null ? null : (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ),
      )}
    </dl>
  )
}

function HistoryEntry({ entry }: { readonly entry: Entry }): ReactNode {
  return (
    <li className={entry.kind}>
      <time dateTime={entry.at} title={entry.at}>
        {formatInstant(entry.at)}
      </time>
      <span className="what">{entry.title}</span>
      <span className="quiet">{entry.detail}</span>
    </li>
  )
}

function Postings({ postings }: { readonly postings: Timeline['postings'] }) {
  return (
    // Reachable by keyboard, because it may have to be scrolled sideways on a phone.
    <section className="scroll" aria-label="Postings table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Debit</th>
            <th scope="col">Credit</th>
            <th scope="col" className="number">
              Amount
            </th>
            <th scope="col">Reason</th>
          </tr>
        </thead>
        <tbody>
          {postings.map((posting) => (
            <tr key={posting.id}>
              <td>{plain(posting.debit)}</td>
              <td>{plain(posting.credit)}</td>
              <td className="number">{formatAmount(posting.amount, posting.currency)}</td>
              <td>{plain(posting.reason)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
