// What the answer to a question is worth for the call that it is about, complete and pure. Asking is not calling: a
// question that fails or is declined says nothing about the call, and "never seen it" counts only once the call can no
// longer be on its way. Nothing here is decided by the passing of time alone.
import type { PaymentNews } from '../payment/news.ts'
import type { RefundNews } from '../refund/decide.ts'

export type AskedCall = {
  readonly kind: 'authorize' | 'capture' | 'void' | 'refund' | 'question'
  /** Purser's own follow-up: sent by the worker, again and under the same name, until the gateway shows it. */
  readonly toSend: boolean
  /** Captures only: the payment's captured total once this has worked, minor units. */
  readonly targetTotalMinor: bigint | null
  /** Whether it can certainly not be on its way any more. */
  readonly settled: boolean
}

/** What a gateway can answer: a person's decision is not among it. */
export type PaymentAnswer = Exclude<PaymentNews, { readonly kind: 'decided' }>
export type RefundAnswer = Exclude<RefundNews, { readonly kind: 'decided' }>

export function settlePaymentAnswer(call: AskedCall, answer: PaymentAnswer): PaymentAnswer {
  if (answer.kind === 'absent') {
    if ((call.kind === 'authorize' || call.kind === 'question') && call.settled) return NEVER_SEEN
    return NOT_SEEN_YET
  }
  if (answer.kind === 'report' && (call.kind === 'capture' || call.kind === 'void') && !call.toSend && call.settled) {
    const { report } = answer
    const shown =
      call.kind === 'capture'
        ? report.captured.minor >= (call.targetTotalMinor ?? 0n)
        : report.state === 'voided' || report.captureFinal
    // The gateway answers and shows no trace of a call that can no longer arrive: it certainly did nothing.
    // What else it tells (the hold has lapsed, money went back) is news all the same.
    if (!shown) return { kind: 'report', report, noTrace: 'The gateway shows no trace of it.' }
  }
  if (answer.kind === 'failed') return { kind: 'unknown', reason: answer.reason }
  if (answer.kind === 'declined') return { kind: 'unknown', reason: `declined: ${answer.decline.gatewayCode}` }
  return answer
}

// A try that began as the page shut may be a moment late in the gateway's book.
const PAGE_GRACE_MS = 60_000

/** Asked after its page has shut, a gateway says that nobody pays there: nobody can any more. Business time. */
export function whenPageHasShut<News extends PaymentNews>(news: News, now: Date): News | PaymentNews {
  if (news.kind !== 'report' || news.report.state !== 'requires_action') return news
  const { closesAt } = news.report
  if (closesAt === undefined || now.getTime() < closesAt.getTime() + PAGE_GRACE_MS) return news
  return { ...news, report: { ...news.report, state: 'expired' } }
}

/**
 * `send`: Purser's own follow-up that the gateway has not got. It never fails for being absent: the payer's money would
 * stay with us. While nobody can say whether it is there, it is not sent.
 */
export function settleRefundAnswer(call: AskedCall, answer: RefundAnswer): RefundAnswer | 'send' {
  if (answer.kind === 'report') return answer
  if (call.toSend) return answer.kind === 'absent' ? 'send' : { kind: 'absent' }
  if (answer.kind === 'failed') return { kind: 'unknown', reason: answer.reason }
  if (answer.kind === 'declined') return { kind: 'unknown', reason: 'The question was declined.' }
  if (answer.kind === 'unknown') return answer
  return call.settled ? NEVER_SEEN : NOT_SEEN_YET
}

const NEVER_SEEN = { kind: 'failed', reason: 'The gateway has never seen it.' } as const
const NOT_SEEN_YET = { kind: 'unknown', reason: 'The gateway has not seen it yet.' } as const
