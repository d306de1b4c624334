// A person decided an outcome because the gateway could not tell. When the gateway can tell after all and says
// something else, the payment goes by the state table as ever, and the contradiction is shown to a person.
import { isGreater } from '../../kernel/money.ts'
import type { Conflict, PaymentNews } from './news.ts'
import type { PaymentRecord, PersonOutcome } from './record.ts'
import type { ReportedState } from './report.ts'

// What the gateway may say without contradicting the person. A hold may be captured, given back or lapse later on.
const AGREES: Record<PersonOutcome, readonly ReportedState[]> = {
  captured: ['captured'],
  authorized: ['authorized', 'captured', 'voided', 'expired'],
  voided: ['voided', 'expired', 'canceled'],
  declined: ['declined', 'canceled', 'expired'],
  failed: ['declined', 'canceled', 'expired'],
}

// Not an outcome: the gateway may be slow to learn what a person knows already.
const NO_OUTCOME: readonly ReportedState[] = ['pending', 'requires_action']

export function contradiction(payment: PaymentRecord, news: PaymentNews): Conflict | undefined {
  const decided = payment.personOutcome
  if (decided === null || news.kind !== 'report') return undefined
  const { state, captured } = news.report
  const sums = captured.currency === payment.amountCaptured.currency
  const less = decided === 'captured' && state === 'captured' && sums && isGreater(payment.amountCaptured, captured)
  if (NO_OUTCOME.includes(state) || (AGREES[decided].includes(state) && !less)) return undefined
  return {
    kind: 'person_contradicted',
    details: {
      decided,
      reported_state: state,
      reported_captured: captured.minor.toString(),
      gateway_payment_id: news.report.gatewayPaymentId,
    },
  }
}
