// What an answer, a notification, a question or a person brought about a payment, and how a contradiction is told.
import type { Money } from '../../kernel/money.ts'
import type { PersonOutcome } from './record.ts'
import type { Decline, PaymentReport } from './report.ts'

/** What an answer, a notification or a question brought, for the kind of call that it answers. */
export type PaymentNews =
  | {
      readonly kind: 'report'
      readonly report: PaymentReport
      /** Why the call that it answers certainly did nothing: the report shows no trace of it. Absent otherwise. */
      readonly noTrace?: string
    }
  | { readonly kind: 'declined'; readonly decline: Decline }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'unknown'; readonly reason: string }
  | { readonly kind: 'absent' }
  /** Cash at the door: a person took it, or nobody will. */
  | { readonly kind: 'collected'; readonly total: Money }
  | { readonly kind: 'given_up' }
  /** A person's word, with evidence. */
  | {
      readonly kind: 'decided'
      readonly outcome: PersonOutcome
      /** Held or captured by now, where the outcome is one of the two. */
      readonly total: Money
      readonly final: boolean
      /** Where the person is the first to name the gateway's payment. */
      readonly gatewayPaymentId: string | null
    }

/** A question is nobody's call: what fails or is declined there says nothing about the payment. */
export type AnsweredCall = 'authorize' | 'capture' | 'void' | 'question'

export type Conflict = { readonly kind: string; readonly details: Readonly<Record<string, string>> }
