// What a gateway tells about a mandate or a pre-debit notice, in our words, whoever asked or heard it.
import type { Money } from '../../kernel/money.ts'
import type { Mandate } from './mandate.ts'
import type { MandateEventType, MandateStatus } from './states.ts'

export type MandateReport = {
  readonly gatewayMandateId: string
  /** Our mandate's id as the gateway echoes it; null when it does not. */
  readonly reference: string | null
  readonly state: MandateStatus
  /** Compared with our own terms before anything is applied. */
  readonly maxAmount: Money
  /** Grows with every change at the gateway; null where it does not tell. Orders reports of one mandate. */
  readonly sequence: number | null
  /** While paused: when the pause ends itself. */
  readonly pausedUntil: Date | null
}

export type NoticeReport = {
  readonly gatewayNoticeId: string
  readonly reference: string | null
  readonly state: 'pending' | 'succeeded' | 'failed'
  readonly amount: Money
  readonly failureReason: string | null
}

export type MandateReading =
  | { readonly kind: 'event'; readonly event: MandateEventType }
  | { readonly kind: 'nothing' }
  | { readonly kind: 'stale' }
  | { readonly kind: 'mismatch'; readonly reason: 'wrong_terms' | 'other_gateway_mandate' }

/** What a report says happened to this mandate. A newer word is needed to end a pause; silence about order is stale. */
export function readMandateReport(mandate: Mandate, report: MandateReport): MandateReading {
  const { maxAmount } = mandate
  if (report.maxAmount.currency !== maxAmount.currency || report.maxAmount.minor !== maxAmount.minor) {
    return { kind: 'mismatch', reason: 'wrong_terms' }
  }
  if (mandate.gatewayMandateId !== null && mandate.gatewayMandateId !== report.gatewayMandateId) {
    return { kind: 'mismatch', reason: 'other_gateway_mandate' }
  }
  const known = mandate.gatewaySequence
  if (known !== null && report.sequence !== null && report.sequence < known) return { kind: 'stale' }
  if (report.state === 'created') return { kind: 'nothing' }
  if (report.state !== 'active') return { kind: 'event', event: report.state }
  const isNews = report.sequence !== null && (known === null || report.sequence > known)
  return { kind: 'event', event: mandate.status === 'paused' && isNews ? 'resumed' : 'activated' }
}
